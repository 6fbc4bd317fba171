CREATE TABLE categories (id serial PRIMARY KEY, name varchar(60) NOT NULL UNIQUE, slug varchar(80) NOT NULL, description text);
CREATE TABLE products (
  id serial PRIMARY KEY, category_id int NOT NULL REFERENCES categories, sku varchar(24) NOT NULL UNIQUE, ean char(13) NOT NULL UNIQUE,
  name varchar(120) NOT NULL, slug varchar(140) NOT NULL, description text NOT NULL, brand varchar(40) NOT NULL,
  price numeric(10,2) NOT NULL, list_price numeric(10,2), cost numeric(10,2) NOT NULL, currency char(3) NOT NULL, weight_kg numeric(8,3) NOT NULL,
  stock int NOT NULL, is_active boolean NOT NULL, image_url text, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL, discontinued_at timestamptz);
CREATE TABLE customers (
  id serial PRIMARY KEY, first_name varchar(60) NOT NULL, last_name varchar(60) NOT NULL, gender varchar(10), email varchar(120) NOT NULL UNIQUE, username varchar(40) NOT NULL UNIQUE,
  phone varchar(30), birth_date date NOT NULL, age int NOT NULL, street varchar(100) NOT NULL, city varchar(60) NOT NULL, region varchar(60), postal_code varchar(12) NOT NULL,
  country_code char(2) NOT NULL, country varchar(60) NOT NULL, latitude numeric(9,6), longitude numeric(9,6), time_zone varchar(40) NOT NULL, preferred_language varchar(5) NOT NULL, currency char(3) NOT NULL,
  newsletter boolean NOT NULL, created_at timestamptz NOT NULL, last_login_at timestamptz, deleted_at timestamptz);
CREATE TABLE orders (
  id serial PRIMARY KEY, order_number varchar(20) NOT NULL UNIQUE, customer_id int NOT NULL REFERENCES customers, status varchar(12) NOT NULL CHECK (status IN ('pending','paid','shipped','delivered','cancelled','refunded')),
  ordered_at timestamptz NOT NULL, paid_at timestamptz, shipped_at timestamptz, delivered_at timestamptz, cancelled_at timestamptz, cancellation_reason text, tracking_number varchar(30),
  is_paid boolean NOT NULL, item_count int NOT NULL, subtotal numeric(12,2) NOT NULL, tax numeric(12,2) NOT NULL, shipping_cost numeric(12,2) NOT NULL, discount numeric(12,2) NOT NULL, total numeric(12,2) NOT NULL,
  currency char(3) NOT NULL, ship_name varchar(100) NOT NULL, ship_city varchar(60) NOT NULL, ship_postal_code varchar(12) NOT NULL, ship_country char(2) NOT NULL, notes text);
CREATE TABLE order_items (
  id serial PRIMARY KEY, order_id int NOT NULL REFERENCES orders, product_id int NOT NULL REFERENCES products, product_name varchar(120) NOT NULL, quantity int NOT NULL CHECK (quantity > 0),
  unit_price numeric(10,2) NOT NULL, line_total numeric(12,2) NOT NULL);
CREATE TABLE payments (
  id serial PRIMARY KEY, order_id int NOT NULL UNIQUE REFERENCES orders, method varchar(20) NOT NULL, card_brand varchar(20), card_number varchar(19), card_last4 char(4), card_expiry date,
  amount numeric(12,2) NOT NULL, currency char(3) NOT NULL, paid_at timestamptz NOT NULL, iban varchar(34), transaction_id varchar(40) NOT NULL);
CREATE TABLE reviews (
  id serial PRIMARY KEY, product_id int NOT NULL REFERENCES products, customer_id int NOT NULL REFERENCES customers, rating smallint NOT NULL CHECK (rating BETWEEN 1 AND 5), title varchar(100) NOT NULL, body text NOT NULL,
  helpful_count int NOT NULL, verified_purchase boolean NOT NULL, created_at timestamptz NOT NULL);
