CREATE TYPE kind AS ENUM('card','bank','cash','crypto');
CREATE TABLE pay(id serial primary key, kind kind not null, card_no text, bank_no text, wallet text, amount numeric(10,2),
 CHECK (CASE kind WHEN 'card' THEN card_no IS NOT NULL AND bank_no IS NULL AND wallet IS NULL
  WHEN 'bank' THEN bank_no IS NOT NULL AND card_no IS NULL AND wallet IS NULL
  WHEN 'crypto' THEN wallet IS NOT NULL AND card_no IS NULL and bank_no is null
  ELSE card_no IS NULL AND bank_no IS NULL AND wallet IS NULL END));
CREATE TABLE pay2(id serial primary key, type text not null check (type in ('a','b','c')), x int, y text, z date, flag boolean not null default false,
 CHECK (CASE WHEN type='a' THEN x > 10 AND y IS NULL WHEN type='b' THEN y ~ '^[A-Z]{2}$' AND x IS NULL WHEN type = 'c' THEN z is not null and x between 1 and 5 and flag END));
CREATE TABLE pay3(id serial primary key, status text not null, paid_at timestamptz, cancelled_at timestamptz, refunded_at timestamptz, reason text,
 CHECK (status in ('open','paid','cancelled','refunded')),
 CHECK ((status='paid') = (paid_at is not null and refunded_at is null)), CHECK (status <> 'cancelled' OR (cancelled_at IS NOT NULL AND reason IS NOT NULL)),
 CHECK (cancelled_at IS NULL OR status='cancelled'), CHECK (refunded_at is null or (paid_at is not null and refunded_at > paid_at)), check ((status='refunded') = (refunded_at is not null)));
