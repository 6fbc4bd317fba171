CREATE TABLE a(id serial primary key, x text); CREATE TABLE b(id serial primary key, x text); CREATE TABLE c(id serial primary key, y int not null);
CREATE TABLE u(id serial primary key, a_id int references a, b_id int references b, c_id int references c, note text, CHECK (num_nonnulls(a_id,b_id,c_id)=1));
CREATE TABLE u2(id serial primary key, a_id int references a, b_id int references b, c_id int references c, CHECK (num_nonnulls(a_id,b_id,c_id)>=1), unique nulls not distinct (a_id,b_id,c_id));
CREATE TABLE u3(id serial primary key, p text, q int, r date, CHECK (num_nonnulls(p,q,r) IN (0,3)));
CREATE TABLE u4(id serial primary key, p text, q int, r date, CHECK ((p is null)::int + (q is null)::int + (r is null)::int = 2));
CREATE TABLE u5(id serial primary key, p text, q int, r date, CHECK ((p is not null) <> (q is not null)), CHECK (num_nulls(q,r) <> 1));
