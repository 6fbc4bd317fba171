CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE DOMAIN mrn AS text CHECK (VALUE ~ '^MRN-[0-9]{7}$') NOT NULL;
CREATE DOMAIN phone AS varchar(20) CHECK (VALUE ~ '^\+[1-9]\d{6,14}$');
CREATE TYPE sex AS ENUM ('female','male','other','unknown');
CREATE TYPE encounter_kind AS ENUM ('ambulatory','inpatient','emergency','virtual');
CREATE TABLE facility (
  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  code char(4) NOT NULL UNIQUE CHECK (code = upper(code) AND code !~ '[^A-Z0-9]'),
  name text NOT NULL,
  tz text NOT NULL DEFAULT 'UTC' CHECK (tz IN ('UTC','Europe/Berlin','America/New_York'))
);
CREATE TABLE practitioner (
  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  facility_id int NOT NULL REFERENCES facility,
  npi char(10) NOT NULL UNIQUE CHECK (npi ~ '^[12]\d{9}$'),
  role text NOT NULL CHECK (role IN ('physician','nurse','therapist')),
  licence text, licence_until date,
  CONSTRAINT licensed CHECK (role <> 'physician' OR (licence IS NOT NULL AND licence_until IS NOT NULL)),
  CONSTRAINT licence_pair CHECK ((licence IS NULL) = (licence_until IS NULL)),
  UNIQUE (id, facility_id)
);
CREATE TABLE patient (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  mrn mrn UNIQUE,
  given text NOT NULL CHECK (btrim(given) <> ''),
  family text NOT NULL CHECK (btrim(family) <> ''),
  sex sex NOT NULL DEFAULT 'unknown',
  born date NOT NULL CHECK (born > DATE '1900-01-01' AND born <= CURRENT_DATE),
  left_on date CHECK (left_on <= CURRENT_DATE),
  mobile phone, home phone, mail text,
  guardian_id bigint REFERENCES patient,
  CONSTRAINT lived CHECK (left_on IS NULL OR left_on >= born),
  CONSTRAINT reachable CHECK (num_nonnulls(mobile, home, mail) >= 1),
  CONSTRAINT not_own_guardian CHECK (guardian_id IS DISTINCT FROM id),
  EXCLUDE USING btree (lower(mail) WITH =) WHERE (left_on IS NULL)
);
CREATE TABLE encounter (
  id bigint GENERATED ALWAYS AS IDENTITY,
  patient_id bigint NOT NULL REFERENCES patient,
  facility_id int NOT NULL,
  attending_id int NOT NULL,
  kind encounter_kind NOT NULL,
  admitted timestamptz NOT NULL,
  discharged timestamptz,
  bed text,
  stay tstzrange GENERATED ALWAYS AS (tstzrange(admitted, discharged)) STORED,
  PRIMARY KEY (id),
  FOREIGN KEY (attending_id, facility_id) REFERENCES practitioner (id, facility_id),
  CHECK (discharged > admitted),
  CHECK (CASE WHEN kind = 'inpatient' THEN bed ~ '^[A-Z]-\d{1,3}$' AND bed IS NOT NULL WHEN kind = 'virtual' THEN bed IS NULL AND discharged - admitted <= interval '2 hours' ELSE TRUE END),
  EXCLUDE USING gist (facility_id WITH =, bed WITH =, stay WITH &&) WHERE (bed IS NOT NULL)
);
CREATE TABLE vital (
  encounter_id bigint NOT NULL REFERENCES encounter ON DELETE CASCADE,
  taken timestamptz NOT NULL,
  systolic smallint, diastolic smallint, pulse smallint, temp_c numeric(3,1),
  PRIMARY KEY (encounter_id, taken),
  CHECK (num_nulls(systolic, diastolic) IN (0,2)),
  CHECK (systolic BETWEEN 60 AND 260), CHECK (diastolic BETWEEN 30 AND 160), CHECK (systolic > diastolic + 10),
  CHECK (temp_c BETWEEN 30.0 AND 44.9),
  CHECK (coalesce(systolic, pulse, temp_c::int) IS NOT NULL)
);
CREATE TABLE claim (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  encounter_id bigint NOT NULL UNIQUE REFERENCES encounter,
  state text NOT NULL DEFAULT 'draft',
  submitted_at timestamptz, paid_at timestamptz, denied_at timestamptz, reason text,
  billed numeric(12,2) NOT NULL, allowed numeric(12,2), paid numeric(12,2), patient_due numeric(12,2) GENERATED ALWAYS AS (coalesce(allowed,0) - coalesce(paid,0)) STORED,
  CONSTRAINT claim_state CHECK (
    (state = 'draft' AND num_nonnulls(submitted_at, paid_at, denied_at) = 0)
    OR (state = 'submitted' AND submitted_at IS NOT NULL AND num_nonnulls(paid_at, denied_at) = 0)
    OR (state = 'paid' AND submitted_at <= paid_at AND denied_at IS NULL AND paid IS NOT NULL)
    OR (state = 'denied' AND submitted_at <= denied_at AND paid_at IS NULL AND length(reason) >= 10)),
  CONSTRAINT money CHECK (billed >= 0 AND allowed BETWEEN 0 AND billed AND paid BETWEEN 0 AND allowed)
);
CREATE TABLE claim_line (
  claim_id uuid NOT NULL REFERENCES claim ON DELETE CASCADE,
  line smallint NOT NULL CHECK (line BETWEEN 1 AND 99),
  cpt char(5) NOT NULL CHECK (cpt ~ '^\d{4}[0-9A-Z]$'),
  modifiers char(2)[] NOT NULL DEFAULT '{}' CHECK (array_ndims(modifiers) IS NULL OR cardinality(modifiers) <= 4),
  units int NOT NULL CHECK (units > 0), charge numeric(10,2) NOT NULL CHECK (charge > 0),
  PRIMARY KEY (claim_id, line)
);
