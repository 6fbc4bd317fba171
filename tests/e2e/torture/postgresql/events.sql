CREATE TABLE stream (id uuid PRIMARY KEY, type text NOT NULL, version int NOT NULL CHECK (version >= 0), tenant text NOT NULL DEFAULT current_setting('app.tenant'), UNIQUE (id, tenant));
CREATE TABLE event (
  position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, stream_id uuid NOT NULL, tenant text NOT NULL, seq int NOT NULL CHECK (seq > 0), type text NOT NULL,
  data jsonb NOT NULL, meta jsonb NOT NULL DEFAULT '{}', causation bigint REFERENCES event, at timestamptz NOT NULL DEFAULT clock_timestamp(),
  UNIQUE (stream_id, seq), FOREIGN KEY (stream_id, tenant) REFERENCES stream (id, tenant),
  CHECK (type ~ '^[A-Z][A-Za-z]+(Created|Changed|Removed)$'), CHECK (jsonb_typeof(data) = 'object'),
  CHECK (type NOT LIKE '%Created' OR data ? 'id'), CHECK (data->>'amount' IS NULL OR (data->>'amount')::numeric >= 0), CHECK (meta @> '{}' AND (meta->'v' IS NULL OR jsonb_typeof(meta->'v') = 'number')), CHECK (causation < position)
);
CREATE UNIQUE INDEX event_dedup ON event ((meta->>'request_id')) WHERE meta ? 'request_id';
CREATE TABLE snapshot (stream_id uuid PRIMARY KEY REFERENCES stream, seq int NOT NULL, state bytea NOT NULL CHECK (octet_length(state) BETWEEN 1 AND 65536), checksum text NOT NULL CHECK (checksum ~ '^[0-9a-f]{64}$'));
CREATE TABLE outbox (id bigserial PRIMARY KEY, event_position bigint NOT NULL UNIQUE REFERENCES event (position), topic text NOT NULL CHECK (topic SIMILAR TO '[a-z]+(.[a-z]+)*'), attempts smallint NOT NULL DEFAULT 0 CHECK (attempts BETWEEN 0 AND 10), locked_by text, locked_until timestamptz, sent_at timestamptz, CHECK ((locked_by IS NULL) = (locked_until IS NULL)), CHECK (sent_at IS NULL OR locked_by IS NULL), CHECK (NOT (attempts = 0 AND sent_at IS NOT NULL)));
CREATE TABLE projection (name text NOT NULL, shard smallint NOT NULL CHECK (shard >= 0 AND shard < 16), position bigint NOT NULL DEFAULT 0, PRIMARY KEY (name, shard));
CREATE TABLE saga (id uuid PRIMARY KEY, kind text NOT NULL, step int NOT NULL CHECK (step BETWEEN 0 AND 5), compensating boolean NOT NULL DEFAULT false, steps int[] NOT NULL, CHECK (cardinality(steps) = 5 AND 0 <= ALL (steps)), CHECK (step = 5 OR NOT compensating), deadline interval NOT NULL CHECK (deadline BETWEEN interval '1 minute' AND interval '30 days'));
CREATE TABLE setting (scope text NOT NULL CHECK (scope IN ('global','tenant','user')), tenant text, user_id int, key text NOT NULL, value jsonb NOT NULL, CHECK (CASE scope WHEN 'global' THEN num_nonnulls(tenant, user_id) = 0 WHEN 'tenant' THEN tenant IS NOT NULL AND user_id IS NULL ELSE num_nonnulls(tenant, user_id) = 2 END), CHECK (key = lower(key) AND key ~ '^[a-z_]+(\.[a-z_]+)*$'));
CREATE UNIQUE INDEX setting_once ON setting (scope, coalesce(tenant, ''), coalesce(user_id, -1), key);
CREATE TABLE doc (id int PRIMARY KEY, body xml NOT NULL CHECK (body IS DOCUMENT), lang char(2) NOT NULL, fts tsvector GENERATED ALWAYS AS (to_tsvector('simple', lang || ' x')) STORED, bits bit(8) NOT NULL, mac macaddr NOT NULL CHECK (trunc(mac) <> '00:00:00:00:00:00'));
CREATE TABLE palin (id int PRIMARY KEY, word text NOT NULL CHECK (word = reverse(word) AND length(word) BETWEEN 3 AND 9), hex text NOT NULL CHECK (length(replace(hex, '-', '')) = 32), root int NOT NULL CHECK (root*root - 5*root + 6 = 0), code text NOT NULL);
CREATE TABLE codes (code text NOT NULL, lowered text GENERATED ALWAYS AS (lower(code)) STORED UNIQUE);
CREATE TABLE code_use (id int PRIMARY KEY, code text NOT NULL, folded text GENERATED ALWAYS AS (lower(code)) STORED REFERENCES codes (lowered));
CREATE TABLE code_head (id int PRIMARY KEY, ref text NOT NULL, head text GENERATED ALWAYS AS (split_part(ref, '/', 1)) STORED REFERENCES codes (lowered));
CREATE TABLE pair (a int NOT NULL, b int NOT NULL, s int GENERATED ALWAYS AS (a + b) STORED UNIQUE, CHECK (a > 0 AND b > 0));
