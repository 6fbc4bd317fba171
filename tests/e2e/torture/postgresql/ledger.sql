CREATE TABLE company (id int PRIMARY KEY, code varchar(8) NOT NULL UNIQUE, base_ccy char(3) NOT NULL CHECK (base_ccy IN ('EUR', 'USD', 'CHF')));
CREATE TABLE fiscal_period (
  company_id int NOT NULL REFERENCES company, year int NOT NULL CHECK (year BETWEEN 2000 AND 2100), period int NOT NULL CHECK (period BETWEEN 1 AND 13),
  starts date NOT NULL, ends date NOT NULL, closed boolean NOT NULL DEFAULT false,
  PRIMARY KEY (company_id, year, period),
  CHECK (ends >= starts), CHECK (extract(year FROM starts) = year),
  CHECK (period = 13 OR extract(month FROM starts) = period),
  CHECK (date_trunc('month', starts)::date = starts)
);
CREATE TABLE account (
  company_id int NOT NULL REFERENCES company, number text NOT NULL CHECK (number ~ '^[1-9][0-9]{3,5}$'),
  name text NOT NULL, parent text, class char(1) NOT NULL CHECK (class IN ('A','L','E','R','X')),
  is_leaf boolean NOT NULL, level int NOT NULL CHECK (level BETWEEN 0 AND 6),
  PRIMARY KEY (company_id, number),
  FOREIGN KEY (company_id, parent) REFERENCES account (company_id, number),
  CHECK ((level = 0) = (parent IS NULL)),
  CHECK (class = CASE left(number,1) WHEN '1' THEN 'A' WHEN '2' THEN 'L' WHEN '3' THEN 'E' WHEN '4' THEN 'R' ELSE 'X' END)
);
CREATE TABLE journal (
  id bigint PRIMARY KEY, company_id int NOT NULL, year int NOT NULL, period int NOT NULL,
  doc_no text NOT NULL, doc_type text NOT NULL CHECK (doc_type IN ('GL','AP','AR','FX')), reverses bigint UNIQUE REFERENCES journal,
  posted_on date NOT NULL, ccy char(3) NOT NULL CHECK (ccy IN ('EUR', 'USD', 'CHF')), rate numeric(18,8) NOT NULL CHECK (rate > 0),
  FOREIGN KEY (company_id, year, period) REFERENCES fiscal_period,
  UNIQUE (company_id, doc_type, doc_no), UNIQUE (id, company_id),
  CHECK (doc_no LIKE doc_type || '-%'), CHECK (reverses <> id)
);
CREATE TABLE journal_line (
  journal_id bigint NOT NULL, company_id int NOT NULL, line int NOT NULL CHECK (line > 0), account text NOT NULL,
  debit numeric(16,2) NOT NULL DEFAULT 0, credit numeric(16,2) NOT NULL DEFAULT 0, cost_centre text, project text,
  amount numeric(16,2) GENERATED ALWAYS AS (debit - credit) STORED,
  PRIMARY KEY (journal_id, line),
  FOREIGN KEY (journal_id, company_id) REFERENCES journal (id, company_id),
  FOREIGN KEY (company_id, account) REFERENCES account (company_id, number),
  CHECK (debit >= 0 AND credit >= 0), CHECK ((debit = 0) <> (credit = 0)), CHECK (num_nonnulls(cost_centre, project) < 2)
);
CREATE TABLE item (
  id int PRIMARY KEY, sku text NOT NULL, rev smallint NOT NULL DEFAULT 0, superseded_by int REFERENCES item, gtin bigint UNIQUE CHECK (gtin BETWEEN 10000000 AND 99999999999999),
  make boolean NOT NULL, buy boolean NOT NULL, uom text NOT NULL CHECK (uom IN ('EA','KG','M')), weight_kg numeric(10,3) CHECK (weight_kg > 0),
  UNIQUE (sku, rev), CHECK (make OR buy), CHECK (superseded_by IS NULL OR superseded_by <> id), CHECK (uom <> 'KG' OR weight_kg = 1)
);
CREATE TABLE bom (
  parent_id int NOT NULL REFERENCES item, child_id int NOT NULL REFERENCES item, qty numeric(12,4) NOT NULL CHECK (qty > 0), scrap_pct numeric(5,2) NOT NULL DEFAULT 0 CHECK (scrap_pct >= 0 AND scrap_pct < 100),
  valid_from date NOT NULL DEFAULT '2020-01-01', valid_to date, PRIMARY KEY (parent_id, child_id, valid_from), CHECK (parent_id <> child_id), CHECK (valid_to > valid_from)
);
CREATE TABLE warehouse (id int PRIMARY KEY, company_id int NOT NULL REFERENCES company, default_bin int NOT NULL);
CREATE TABLE bin (id int PRIMARY KEY, warehouse_id int NOT NULL REFERENCES warehouse, code text NOT NULL CHECK (code ~ '^[A-Z]\d{2}-\d{2}-\d{2}$'), UNIQUE (warehouse_id, code), UNIQUE (id, warehouse_id));
ALTER TABLE warehouse ADD FOREIGN KEY (default_bin) REFERENCES bin (id);
CREATE TABLE stock (
  bin_id int NOT NULL, warehouse_id int NOT NULL, item_id int NOT NULL REFERENCES item, lot text, on_hand numeric(14,4) NOT NULL, reserved numeric(14,4) NOT NULL DEFAULT 0,
  available numeric(14,4) GENERATED ALWAYS AS (on_hand - reserved) STORED CHECK (available >= 0),
  CHECK (on_hand >= 0 AND reserved >= 0), UNIQUE NULLS NOT DISTINCT (bin_id, item_id, lot), FOREIGN KEY (bin_id, warehouse_id) REFERENCES bin (id, warehouse_id)
);
CREATE TABLE po (
  id int PRIMARY KEY, company_id int NOT NULL REFERENCES company, total numeric(14,2) NOT NULL CHECK (total >= 0), approved_by text, approved_at timestamp, ordered date NOT NULL, promised date, received date,
  CHECK (total < 10000 OR (approved_by IS NOT NULL AND approved_at IS NOT NULL)), CHECK ((approved_by IS NULL) = (approved_at IS NULL)), CHECK (promised >= ordered), CHECK (received >= ordered AND (promised IS NULL OR received <= promised + 90)),
  CHECK (approved_at::date >= ordered - 30)
);
