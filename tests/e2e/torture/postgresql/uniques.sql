CREATE TABLE owner(id serial primary key);
CREATE TABLE s(id serial primary key, a_id int references owner, scope text, name text not null, UNIQUE NULLS NOT DISTINCT (a_id, scope, name));
CREATE TABLE s2(id serial primary key, a_id int references owner, env text check (env in ('dev','prod')), UNIQUE NULLS NOT DISTINCT (a_id, env));
CREATE TABLE s3(id serial primary key, code text, UNIQUE NULLS NOT DISTINCT(code));

CREATE TABLE e(id serial primary key, name text, email varchar(200) not null, tenant int, created_at timestamp not null, body text);
CREATE UNIQUE INDEX ON e (lower(coalesce(name,''))); CREATE UNIQUE INDEX ON e (tenant, date_trunc('minute', created_at)); CREATE UNIQUE INDEX ON e (md5(body)); CREATE UNIQUE INDEX ON e (lower(trim(email)));
CREATE TABLE e2(id serial primary key, k text, v jsonb not null); CREATE UNIQUE INDEX ON e2 ((v->>'id')); CREATE UNIQUE INDEX ON e2 (coalesce(k, 'none')) ;
CREATE TABLE e3(id serial primary key, owner int not null, slug text not null, deleted_at timestamptz, is_current boolean not null default true, version int not null);
CREATE UNIQUE INDEX ON e3 (owner, slug) WHERE deleted_at IS NULL; CREATE UNIQUE INDEX ON e3(owner) WHERE is_current; CREATE UNIQUE INDEX ON e3 (slug, version);
CREATE TABLE e4(id serial primary key, d timestamptz not null, h text); CREATE UNIQUE INDEX ON e4 (date_trunc('day', d at time zone 'utc')); create unique index on e4 (left(h, 5)); create unique index on e4 (upper(h));
