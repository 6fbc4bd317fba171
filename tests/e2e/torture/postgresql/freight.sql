CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS ltree;
CREATE TYPE latlon AS (lat double precision, lon double precision);
CREATE DOMAIN geo_position AS latlon CHECK ((VALUE).lat BETWEEN -90 AND 90 AND (VALUE).lon BETWEEN -180 AND 180);
CREATE DOMAIN iso6346 AS char(11) CHECK (VALUE ~ '^[A-Z]{3}[UJZ][0-9]{7}$');
CREATE DOMAIN tags AS text[] CHECK (cardinality(VALUE) <= 8 AND array_position(VALUE, NULL) IS NULL);
CREATE TABLE location (id int PRIMARY KEY, path ltree NOT NULL UNIQUE CHECK (nlevel(path) BETWEEN 1 AND 4), at geo_position NOT NULL, kind text NOT NULL CHECK (kind IN ('port','depot','rail')), unloc char(5) UNIQUE CHECK (unloc ~ '^[A-Z]{2}[A-Z2-9]{3}$'), CHECK (kind <> 'port' OR unloc IS NOT NULL));
CREATE TABLE party (id int PRIMARY KEY, kind text NOT NULL CHECK (kind IN ('carrier','shipper','broker')), name text NOT NULL, scac char(4) CHECK (scac ~ '^[A-Z]{2,4}$'), CHECK ((kind = 'carrier') = (scac IS NOT NULL)));
CREATE FUNCTION is_carrier(p int) RETURNS boolean STABLE LANGUAGE sql AS 'SELECT EXISTS (SELECT 1 FROM party WHERE id = p AND kind = ''carrier'')';
CREATE FUNCTION party_kind(p int) RETURNS text STABLE LANGUAGE plpgsql AS $$ DECLARE k text; BEGIN SELECT kind INTO k FROM party WHERE id = p; RETURN k; END $$;
CREATE TABLE vehicle (id int PRIMARY KEY, carrier_id int NOT NULL REFERENCES party CHECK (is_carrier(carrier_id)), vin char(17) NOT NULL UNIQUE CHECK (vin ~ '^[A-HJ-NPR-Z0-9]{17}$'), plate text NOT NULL, gross_kg int NOT NULL CHECK (gross_kg BETWEEN 500 AND 60000), tare_kg int NOT NULL, payload_kg int GENERATED ALWAYS AS (gross_kg - tare_kg) STORED CHECK (payload_kg > 0), CHECK (tare_kg > 0));
CREATE TABLE container (no iso6346 PRIMARY KEY, teu numeric(3,2) NOT NULL CHECK (teu IN (1, 2, 2.25)), owner_id int REFERENCES party, labels tags NOT NULL DEFAULT '{}');
CREATE TABLE shipment (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, ref text NOT NULL UNIQUE CHECK (ref ~ '^[A-Z]{3}[0-9]{8}$'), shipper_id int NOT NULL REFERENCES party, CHECK (party_kind(shipper_id) = 'shipper'),
  origin int NOT NULL REFERENCES location, destination int NOT NULL REFERENCES location, CHECK (origin <> destination),
  incoterm char(3) NOT NULL CHECK (incoterm IN ('EXW','FOB','CIF','DDP')), insured numeric(14,2), CHECK (incoterm NOT IN ('CIF') OR insured > 0),
  pickup tstzrange NOT NULL, delivery tstzrange NOT NULL, CHECK (pickup << delivery), CHECK (upper(pickup) - lower(pickup) <= interval '1 day'), CHECK (NOT isempty(delivery) AND NOT upper_inf(delivery))
);
CREATE TABLE leg (
  shipment_id bigint NOT NULL REFERENCES shipment ON DELETE CASCADE, seq int NOT NULL CHECK (seq BETWEEN 1 AND 20), vehicle_id int NOT NULL REFERENCES vehicle, driver text NOT NULL,
  from_id int NOT NULL REFERENCES location, to_id int NOT NULL REFERENCES location, during tsrange NOT NULL CHECK (lower(during) IS NOT NULL AND upper(during) IS NOT NULL AND NOT isempty(during)),
  km numeric(8,1) NOT NULL CHECK (km > 0 AND km < 20000), cancelled boolean NOT NULL DEFAULT false,
  PRIMARY KEY (shipment_id, seq), EXCLUDE USING gist (vehicle_id WITH =, during WITH &&) WHERE (NOT cancelled) DEFERRABLE INITIALLY DEFERRED, CHECK (from_id <> to_id)
);
CREATE TABLE load_item (shipment_id bigint NOT NULL REFERENCES shipment, container_no iso6346 NOT NULL REFERENCES container, hs text NOT NULL CHECK (hs ~ '^\d{4}(\.\d{2}){1,2}$'), gross numeric(10,2) NOT NULL, net numeric(10,2) NOT NULL, volume numeric(8,3), hazmat jsonb, CHECK (net > 0 AND net <= gross), CHECK (hazmat IS NULL OR (hazmat ? 'un' AND (hazmat->>'un') ~ '^UN\d{4}$' AND (hazmat->>'class')::int BETWEEN 1 AND 9)), PRIMARY KEY (shipment_id, container_no, hs));
CREATE TABLE tracking (shipment_id bigint NOT NULL REFERENCES shipment, at timestamptz NOT NULL, code char(2) NOT NULL CHECK (code IN ('PU','AR','DP','DL')), place point, box box, route path, PRIMARY KEY (shipment_id, at, code));
CREATE TABLE geofence (id int PRIMARY KEY, zones box[] NOT NULL CHECK (cardinality(zones) BETWEEN 1 AND 3), outline polygon NOT NULL, centre circle NOT NULL);
CREATE TABLE rate_card (id int PRIMARY KEY, carrier_id int NOT NULL REFERENCES party, lane text NOT NULL CHECK (lane ~ '^[A-Z]{2}>[A-Z]{2}$' AND split_part(lane,'>',1) <> split_part(lane,'>',2)), weight int4range NOT NULL, price numeric(10,2) NOT NULL CHECK (price > 0), valid daterange NOT NULL DEFAULT daterange('2024-01-01',NULL), EXCLUDE USING gist (carrier_id WITH =, lane WITH =, weight WITH &&, valid WITH &&), CHECK (lower(weight) >= 0 AND upper(weight) - lower(weight) >= 100));
