CREATE TABLE dept(id serial primary key, head_id int not null, name text not null unique); CREATE TABLE emp(id serial primary key, dept_id int not null references dept, name text not null);
ALTER TABLE dept ADD FOREIGN KEY (head_id) REFERENCES emp;
CREATE TABLE c1(id int primary key, c2 int not null); CREATE TABLE c2(id int primary key, c3 int not null); CREATE TABLE c3(id int primary key, c1 int not null references c1);
ALTER TABLE c1 ADD FOREIGN KEY (c2) REFERENCES c2; ALTER TABLE c2 ADD FOREIGN KEY (c3) REFERENCES c3;
CREATE TABLE node(id int primary key, next_id int not null unique references node);
