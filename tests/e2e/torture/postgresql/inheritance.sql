CREATE TABLE base(id serial primary key, created timestamptz not null default now(), kind text, CHECK (kind <> 'none') ); CREATE TABLE ca(x int not null, check (x > 5)) INHERITS (base); CREATE TABLE cb(y text unique, primary key (id)) INHERITS (base);
CREATE TABLE abs(id serial primary key, v int, CHECK (false) NO INHERIT);
CREATE TABLE refn(id serial primary key, n int);
