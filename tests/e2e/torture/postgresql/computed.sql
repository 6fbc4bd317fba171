CREATE TABLE parent(id int primary key, code text unique not null);
CREATE TABLE g1(id serial primary key, raw text not null, pid int generated always as ((substr(raw, 3))::int) stored references parent(id));
CREATE TABLE g2(id serial primary key, data jsonb not null, pid int generated always as ((data->>'pid')::int) stored references parent(id));
CREATE TABLE g3(id serial primary key, c text not null, lc text generated always as (lower(c)) stored unique);
CREATE TABLE g5(id serial primary key, first text not null, last text not null, full_name text generated always as (first || ' ' || last) stored, check (length(full_name) < 30), ts tsvector generated always as (to_tsvector('english', first)) stored);
