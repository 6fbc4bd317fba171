CREATE TABLE subscriber (id bigserial PRIMARY KEY, msisdn text NOT NULL UNIQUE CHECK (msisdn ~ '^49(15|16|17)\d{8,9}$'), imsi numeric(15) NOT NULL UNIQUE CHECK (imsi >= 262010000000000 AND imsi <= 262019999999999), status smallint NOT NULL DEFAULT 1 CHECK (status IN (0,1,2,9)), activated timestamptz NOT NULL, barred timestamptz, CHECK ((status = 9) = (barred IS NOT NULL)), CHECK (barred >= activated));
CREATE TABLE sim (iccid text PRIMARY KEY CHECK (iccid ~ '^8949\d{15}$' AND length(iccid) = 19), subscriber_id bigint REFERENCES subscriber, puk char(8) NOT NULL CHECK (puk ~ '^\d+$'), pin char(4) NOT NULL CHECK (pin !~ '\D' AND pin <> '0000'), active boolean NOT NULL);
CREATE UNIQUE INDEX one_active_sim ON sim (subscriber_id) WHERE active;
CREATE TABLE cell (lac int NOT NULL CHECK (lac BETWEEN 1 AND 65533), ci int NOT NULL CHECK (ci BETWEEN 0 AND 65535), azimuth smallint CHECK (azimuth >= 0 AND azimuth < 360), band text NOT NULL CHECK (band IN ('n78','b20','b3')), eci int GENERATED ALWAYS AS (lac * 256 + ci % 256) STORED UNIQUE, PRIMARY KEY (lac, ci), CHECK (ci % 3 = 0));
CREATE TABLE cdr (
  id bigint NOT NULL, started timestamptz NOT NULL, kind char(1) NOT NULL, a_party bigint NOT NULL REFERENCES subscriber, b_number text, lac int, ci int,
  seconds int, bytes_up bigint, bytes_down bigint, bytes_all bigint GENERATED ALWAYS AS (bytes_up + bytes_down) STORED, cause smallint NOT NULL DEFAULT 16,
  PRIMARY KEY (id, started), FOREIGN KEY (lac, ci) REFERENCES cell MATCH FULL,
  CONSTRAINT kind_known CHECK (kind IN ('V','S','D')),
  CONSTRAINT voice CHECK (kind <> 'V' OR (seconds >= 0 AND b_number IS NOT NULL AND bytes_up IS NULL AND bytes_down IS NULL)),
  CONSTRAINT sms CHECK (kind <> 'S' OR (b_number IS NOT NULL AND num_nonnulls(seconds, bytes_up, bytes_down) = 0)),
  CONSTRAINT data CHECK (kind <> 'D' OR (num_nonnulls(bytes_up, bytes_down) = 2 AND b_number IS NULL)),
  CHECK (bytes_up >= 0 AND bytes_down >= 0 AND bytes_up + bytes_down < 1099511627776)
) PARTITION BY RANGE (started);
CREATE TABLE cdr_2024_h1 PARTITION OF cdr FOR VALUES FROM ('2024-01-01 00:00+00') TO ('2024-07-01 00:00+00');
CREATE TABLE cdr_2024_h2 PARTITION OF cdr FOR VALUES FROM ('2024-07-01 00:00+00') TO ('2025-01-01 00:00+00');
CREATE TABLE tariff (id int PRIMARY KEY, name text NOT NULL, version int NOT NULL DEFAULT 1, valid_to timestamptz, CHECK (version >= 1), UNIQUE NULLS NOT DISTINCT (name, valid_to), UNIQUE (name, version));
CREATE TABLE topup (id uuid PRIMARY KEY, subscriber_id bigint NOT NULL REFERENCES subscriber, voucher text UNIQUE CHECK (voucher ~ '^\d{4}(-\d{4}){3}$'), card_last4 char(4) CHECK (card_last4 ~ '^\d{4}$'), amount numeric(8,2) NOT NULL CHECK (amount IN (5,10,15,20,50)), CHECK (num_nonnulls(voucher, card_last4) = 1), CHECK (voucher IS NULL OR amount <= 20));
CREATE TABLE porting (id int PRIMARY KEY, msisdn text NOT NULL REFERENCES subscriber (msisdn), direction text NOT NULL CHECK (direction IN ('in','out')), donor char(4) NOT NULL, recipient char(4) NOT NULL, window_ tstzrange NOT NULL, state text NOT NULL, CHECK (donor <> recipient), CHECK (donor ~ '^D\d{3}$' AND recipient ~ '^D\d{3}$'), CHECK (state = ANY (ARRAY['requested','accepted','rejected','done'])), CHECK (state <> 'done' OR upper(window_) < now()));
CREATE TABLE a_table_with_a_name_that_is_exactly_sixty_three_bytes_long_xx1 (a_column_with_a_name_that_is_exactly_sixty_three_bytes_long_xx12 int PRIMARY KEY, "weird ""quoted"" Name %s {x}" text NOT NULL UNIQUE, "select" int NOT NULL CHECK ("select" > 3));
CREATE TABLE node (id int PRIMARY KEY, left_id int NOT NULL REFERENCES node, CHECK (left_id <= id));
