"""A small table with every kind of value, nulls included, and the rules that real databases judge on it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from understudy.types import Kind, Type

TYPES = {
    "id": Type(Kind.INTEGER),
    "a": Type(Kind.INTEGER),
    "b": Type(Kind.INTEGER),
    "n": Type(Kind.DECIMAL, precision=8, scale=2),
    "x": Type(Kind.FLOAT),
    "s": Type(Kind.TEXT),
    "r": Type(Kind.TEXT),
    "f": Type(Kind.BOOLEAN),
    "g": Type(Kind.BOOLEAN),
    "d": Type(Kind.DATE),
    "t": Type(Kind.TIMESTAMP),
}
_POOLS: dict[str, tuple[Any, ...]] = {
    "a": (0, 1, None, 5, -3, 10, 2, 7),
    "b": (1, None, 0, 5, 2, -3, 4),
    "n": (Decimal("0.50"), None, Decimal("9.99"), Decimal("-2.00"), Decimal("10.00"), Decimal("2.50")),
    "x": (0.5, 2.0, None, -1.25, 9.75),
    "s": ("abc", "", None, " x ", "ABC", "a@b.de", "x1", "it's 100%", "a_b", "2020-01-01", "Äö", "abcabc", "{}"),
    "r": ("abc", "x", None, "ABC", "", "b", "1"),
    "f": (True, None, False),
    "g": (False, True, None, True, False),
    "d": (date(2020, 1, 31), None, date(1999, 12, 31), date(2021, 3, 1), date(2020, 2, 29)),
    "t": (
        datetime(2020, 1, 31, 12, 30),
        None,
        datetime(2020, 3, 1, 0, 0),
        datetime(2019, 12, 31, 23, 59, 59),
        datetime(2020, 2, 1),
    ),
}
ROWS = [
    {
        "id": i,
        **{name: pool[(i * step + i // len(pool)) % len(pool)] for step, (name, pool) in enumerate(_POOLS.items(), 1)},
    }
    for i in range(110)
]

COMMON = """
a > 0
a BETWEEN 1 AND 5
a NOT BETWEEN b AND 5
a IN (1, 2, NULL)
a NOT IN (1, 5)
a NOT IN (1, NULL)
a = b OR a IS NULL
NOT (a > 1 AND b IS NOT NULL)
a <> b
a + b <= 5
a - b * 2 > -1
-a < b
a % 2 = 0
a % 3 = -1
n >= 2.5 AND n < 10
n * 2 = a
n = 9.99
n + a > x
x <= n
x > 0.5 OR n IS NULL
s IN ('abc', 'x1')
s <> ''
s = r
s > 'a' AND r IS NOT NULL
s LIKE 'a%'
s LIKE '%b%'
s NOT LIKE '_b%'
s LIKE 'a!_b' ESCAPE '!'
length(s) >= 3
lower(s) = 'abc'
upper(r) = r
length(trim(s)) > 0
trim(s) = s
replace(s, 'a', 'b') = 'bbc'
substr(s, 2, 2) = 'bc'
coalesce(a, b, 0) > 1
coalesce(s, r) IS NOT NULL
nullif(a, b) > 1
nullif(s, '') IS NULL
CASE WHEN a > 1 THEN b > 1 WHEN a = 0 THEN b IS NULL ELSE s IS NOT NULL END
CASE a WHEN 1 THEN 'x' WHEN 5 THEN 'y' END = r
CASE s WHEN 'abc' THEN a IS NOT NULL WHEN 'x1' THEN b > 0 ELSE FALSE END
(a IS NULL) = (b IS NULL)
(a IS NULL) <> (s IS NULL)
(a > 1) = (b > 1)
f
NOT f
f AND g
f OR g
f = g
f <> (a > 0)
f IS NULL OR g
f = TRUE
a IS NULL AND b IS NULL OR a IS NOT NULL AND b IS NOT NULL
abs(a) <= 3
round(n) = 10
round(n, 1) = n
d > '2020-01-01'
d IN ('2020-01-31', '1999-12-31')
d BETWEEN '2020-01-01' AND '2020-12-31'
t >= '2020-01-31 12:30:00'
(a, b) = (1, 2)
a = 1 AND (b = 1 OR b = 2) AND NOT (n > 5 OR s = 'x')
a >= 0.5
a = 2.5
n IS NOT NULL OR (s IS NOT NULL AND length(s) <= 3)
""".strip().splitlines()

POSTGRESQL = """
a IS DISTINCT FROM b
a IS NOT DISTINCT FROM 5
f IS TRUE
f IS NOT TRUE
f IS NOT FALSE
g IS FALSE
f IS UNKNOWN
(a > 1) IS NOT TRUE
((s)::text = ANY ((ARRAY['abc'::character varying, 'x1'::character varying])::text[]))
a = ANY ('{1,5}'::integer[])
a <> ALL (ARRAY[1, 2])
a > ANY (ARRAY[1, 2])
s ~~ 'a%'::text
s !~~ 'a%'::text
s ~~* 'AB%'
s ~ '^[a-z]+$'
s !~ '[[:digit:]]'
s ~* '^a.c$'
s !~* 'B'
s ~ '^(abc)+$'
s ~ '^\\w+@\\w+\\.[a-z]{2,3}$'
s ~ '(^|,)x1'
s ~ 'a|^$'
s ~ '^[^@]+@[^@]+$'
s SIMILAR TO '(abc|x_)%'
s ILIKE 'ABC'
char_length(s) <= 3
octet_length(s) > 2
btrim(s) <> ''
btrim(s, 'ac') = 'b'
ltrim(s) = s
rtrim(s) || 'x' = ' xx'
"left"(s, 2) = 'ab'
"right"(s, 2) = 'bc'
left(s, -1) = 'ab'
position('b' in s) > 1
"position"(s, 'b'::text) > 1
strpos(s, '@') > 1
substring(s from 2 for 1) = 'b'
s || r = 'abcabc'
concat(s, r) = 'abc'
starts_with(s, 'ab')
reverse(s) = 'cba'
repeat(r, 2) = s
md5(s) = md5(r)
greatest(a, b) <= 5
least(a, b, 3) > 0
mod(a, 3) = 1
CASE WHEN b <> 0 THEN a / b > 1 END
a / 2 = 1
(n / 2) > 1
power(a, 2) > 20
a ^ 2 > 20
floor(n) = 9
ceil(n) = 10
trunc(n) = 9
sign(a) = 1
(a & 1) = 1
(a | 1) = a
a << 1 = 10
num_nonnulls(a, b, n) = 1
num_nulls(a, b) <= 1
num_nonnulls(a, b) IN (0, 2)
(a IS NULL)::int + (b IS NULL)::int = 1
f::int + g::int = 1
(a, b) < (2, 3)
(a, b) >= (1, 2)
ROW(a, b) IS NULL
ROW(a, b) IS NOT NULL
n::double precision >= (0)::double precision
(n)::integer = 10
a::numeric / 2 = 2.5
a::text = '5'
s::varchar(2) = 'ab'
d >= '2020-01-01'::date
d = date '2020-02-29'
d + 30 > '2020-03-01'
d - '2020-01-01'::date > 20
d + interval '1 month' = '2020-02-29'
t > d
t::date = d
t - d > interval '10 days'
t < d + interval '1 month 2 days'
t > '2020-01-01'::timestamp + '1 day'::interval * 3
extract(year from d) = 2020
date_part('month', d) >= 2
EXTRACT(dow FROM d) = 5
EXTRACT(isodow FROM d) BETWEEN 1 AND 5
extract(quarter from d) = 1
extract(hour from t) = 12
extract(epoch from (t - d)) > 86400
date_trunc('month', t) = t
date_trunc('day', t) = t
date_trunc('week', t) = '2020-01-27'
date_part('doy', d) = 60
d > now()
t <= CURRENT_TIMESTAMP
d <= CURRENT_DATE
age(d) > interval '3 years'
date_part('year', age(d)) >= 6
age(CURRENT_DATE, d) < interval '6 years'
s LIKE ANY (ARRAY['a%', 'x%'])
a BETWEEN SYMMETRIC 5 AND 1
s COLLATE "C" > 'a'
s = E'it\\'s 100%'
s ~~ 'it\\''s 100\\%'
NOT s LIKE 'a%' OR n IS NULL
(s = 'abc') = (r = 'abc')
(f AND a > 0) OR (NOT f AND a IS NULL)
CASE WHEN f THEN a ELSE b END > 1
COALESCE(f, false) = g
COALESCE(a, 0) + COALESCE(b, 0) > 3
(CASE WHEN a IS NULL THEN 0 ELSE 1 END + CASE WHEN b IS NULL THEN 0 ELSE 1 END) = 1
jsonb_typeof('{}'::jsonb) = 'object'
s OPERATOR(pg_catalog.~~) 'a%'
f > g
""".strip().splitlines()

MARIADB = """
a <=> b
f xor g
f is true
a is not true
a
not b
a and b
s regexp '^[a-z]+$'
s not regexp 'b'
s rlike '^(abc)+$'
char_length(s) <= 3
length(s) > 2
octet_length(s) > 2
ifnull(a, 0) > 1
if(a > 1, b, n) > 0
isnull(a)
`s` in ('abc','x1')
s = _utf8mb4'abc'
a div 2 = 1
a / 2 = 2.5
a / b > 1
mod(a, 3) = 1
greatest(a, b) <= 5
least(a, b) > 0
concat(s, r) = 'abcabc'
instr(s, 'b') > 1
locate('b', s) > 1
left(s, 2) = 'ab'
right(s, 2) = 'bc'
substring(s, 2, 1) = 'b'
trim(s) <> ''
year(d) = 2020
month(d) >= 2
dayofweek(d) = 6
extract(year from d) = 2020
hour(t) = 12
date(t) = d
datediff(t, d) > 10
d + interval 1 month = '2020-02-29'
date_add(d, interval 1 day) > '2020-02-01'
d > cast('2020-01-01' as date)
t > d
d > curdate()
t <= now()
find_in_set(s, 'abc,x1') > 0
json_valid(s)
cast(n as signed) = 10
s like binary 'a%'
f = 1
f in (0, 1)
a || b
a && b
case when f then a else b end > 1
ceiling(n) = 10
floor(n) = 9
power(a, 2) > 20
a & 1
a between 1 and 5 and (n > 1 or n is null)
nullif(f, 0) is null
coalesce(f, 0) = g
""".strip().splitlines()

SQLITE = """
a IS b
a IS NOT b
a IS NOT 5
s GLOB 'a*'
s GLOB '[a-z]*'
s NOT GLOB '*[0-9]*'
s GLOB '?bc'
s LIKE 'ABC'
a
NOT b
f IN (0, 1)
f = 1
f == 0
a ISNULL
a NOTNULL
ifnull(a, 0) > 1
iif(a > 1, b, n) > 0
instr(s, 'b') > 1
s || r = 'abcabc'
max(a, b) <= 5
min(a, b) > 0
a / 2 = 1
strftime('%Y', d) = '2020'
CAST(strftime('%m', d) AS INTEGER) >= 2
date(t) = d
date(d) IS NOT NULL
d <= date('now')
t <= datetime('now')
json_valid(s)
[a] >= (0)
"s" = 'abc'
length(s) = 3 AND s GLOB '[A-Z][A-Z][A-Z]'
unknown_function(a) OR a > 0
a & 1
julianday(t) - julianday(d) > 10
typeof(a) = 'integer' OR b > 0
""".strip().splitlines()

DUCKDB = """
a IS DISTINCT FROM b
regexp_matches(s, '^[a-z]+$')
regexp_full_match(s, '[a-z]+')
s ~ '[a-z]+'
s SIMILAR TO '(abc|x.)'
s ~~ 'a%'
s ~~~ 'a*'
s GLOB 'a?c'
s ILIKE 'ABC'
contains(s, 'b')
prefix(s, 'ab')
suffix(s, 'bc')
starts_with(s, 'ab')
ends_with(s, 'bc')
len(s) = 3
strlen(s) > 2
a // 2 = 1
a / 2 = 2.5
a / nullif(b, 0) > 1
a ** 2 > 20
greatest(a, b) <= 5
least(a, b) > 0
concat(s, r) = 'abc'
s || r = 'abcabc'
year(d) = 2020
datepart('month', d) >= 2
dayofweek(d) = 5
date_diff('day', d, t::DATE) > 10
d + 30 > DATE '2020-03-01'
d + INTERVAL 1 MONTH = DATE '2020-02-29'
t - INTERVAL '1 day' > d
date_trunc('month', t) = t
t::DATE = d
d <= current_date
t <= now()
a IN [1, 2]
CAST(a AS VARCHAR) = '5'
ifnull(a, 0) > 1
list_contains([1, 5], a)
(f IS TRUE) = (g IS NOT TRUE)
f::INT + g::INT = 1
json_valid(s)
""".strip().splitlines()
