"""The catalog queries of the PostgreSQL reader: one for all tables each, never one per table.

``%(oids)s`` is the list of the chosen relations. Expressions come through ``pg_get_expr`` with the
search path set to the default namespace, so that names outside it are qualified.
"""

from __future__ import annotations

SYSTEM = r"n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'"
"""PostgreSQL reserves names that begin with pg_ for itself."""

RELATIONS = f"""
SELECT c.oid, n.nspname, c.relname, c.relkind::text, c.relpersistence::text, c.relrowsecurity, c.relforcerowsecurity,
       c.reltuples::float8, obj_description(c.oid, 'pg_class'),
       CASE WHEN c.relkind IN ('r','m') THEN pg_relation_size(c.oid) ELSE -1 END,
       has_table_privilege(c.oid, 'SELECT'), row_security_active(c.oid),
       CASE WHEN c.relkind IN ('v','m') THEN pg_get_viewdef(c.oid, true) END,
       CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END,
       c.relispartition
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r','p','v','m','f') AND c.relpersistence <> 't' AND {SYSTEM}
  AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND
    d.deptype = 'e')
ORDER BY n.nspname, c.relname"""

COLUMNS = """
SELECT a.attrelid, a.attnum, a.attname, a.atttypid, a.atttypmod, format_type(a.atttypid, a.atttypmod), a.attnotnull,
       pg_get_expr(d.adbin, d.adrelid), a.attidentity::text, a.attgenerated::text,
       CASE WHEN a.attcollation <> t.typcollation THEN co.collname END, NOT co.collisdeterministic,
       col_description(a.attrelid, a.attnum), sn.nspname, s.relname
FROM pg_attribute a
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN pg_collation co ON co.oid = a.attcollation
LEFT JOIN LATERAL (
  SELECT x.objid AS oid FROM pg_depend x JOIN pg_class k ON k.oid = x.objid AND k.relkind = 'S'
  WHERE x.classid = 'pg_class'::regclass AND x.refclassid = 'pg_class'::regclass AND x.refobjid = a.attrelid
    AND x.refobjsubid = a.attnum AND x.deptype = 'i' AND a.attidentity <> ''
  UNION ALL
  SELECT x.refobjid FROM pg_depend x JOIN pg_class k ON k.oid = x.refobjid AND k.relkind = 'S'
  WHERE d.oid IS NOT NULL AND x.classid = 'pg_attrdef'::regclass AND x.objid = d.oid AND x.refclassid =
    'pg_class'::regclass
  LIMIT 1) q ON true
LEFT JOIN pg_class s ON s.oid = q.oid
LEFT JOIN pg_namespace sn ON sn.oid = s.relnamespace
WHERE a.attrelid = ANY(%(oids)s) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum"""

TYPES = f"""
SELECT t.oid, n.nspname, t.typname, t.typtype::text, t.typcategory::text, t.typelem, t.typbasetype,
  t.typtypmod, t.typnotnull,
       t.typdefault, t.typrelid, format_type(t.oid, NULL), x.extname,
       CASE WHEN t.typtype = 'd' AND t.typcollation <> b.typcollation THEN co.collname END,
       CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) END,
       coalesce(r.rngsubtype, m.rngsubtype), r.rngtypid IS NOT NULL,
       {SYSTEM} AND x.extname IS NULL
FROM pg_type t
JOIN pg_namespace n ON n.oid = t.typnamespace
LEFT JOIN pg_class c ON c.oid = t.typrelid
LEFT JOIN pg_type el ON el.oid = t.typelem
LEFT JOIN pg_class elc ON elc.oid = el.typrelid
LEFT JOIN pg_type b ON b.oid = t.typbasetype
LEFT JOIN pg_collation co ON co.oid = t.typcollation
LEFT JOIN pg_depend d ON d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e'
LEFT JOIN pg_extension x ON x.oid = d.refobjid
LEFT JOIN pg_range r ON r.rngtypid = t.oid
LEFT JOIN pg_range m ON t.typtype = 'm' AND to_jsonb(m) ->> 'rngmultitypid' = t.oid::text
WHERE (coalesce(c.relkind, 'c') = 'c' AND coalesce(elc.relkind, 'c') = 'c') OR t.oid = ANY(%(used)s)
ORDER BY t.oid"""

LABELS = "SELECT enumtypid, array_agg(enumlabel::text ORDER BY enumsortorder) FROM pg_enum GROUP BY enumtypid"

ATTRIBUTES = """
SELECT a.attrelid, a.attname, a.atttypid, a.atttypmod, format_type(a.atttypid, a.atttypmod)
FROM pg_attribute a WHERE a.attrelid = ANY(%(oids)s) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY
  a.attrelid, a.attnum"""

DOMAIN_CHECKS = """
SELECT contypid, conname, pg_get_constraintdef(oid), convalidated FROM pg_constraint
WHERE contypid <> 0 AND contype = 'c' ORDER BY contypid, conname"""

UNIQUES = """
SELECT i.indrelid, ic.relname, i.indisprimary, i.indkey::int2[], i.indnkeyatts,
       (SELECT array_agg(pg_get_indexdef(i.indexrelid, k, true) ORDER BY k) FROM generate_series(1, i.indnkeyatts) k),
       pg_get_expr(i.indpred, i.indrelid), coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::bool, false),
       coalesce(k.condeferrable, false), coalesce(k.condeferred, false), k.conname,
       coalesce(pg_get_constraintdef(k.oid), pg_get_indexdef(i.indexrelid)),
       (SELECT bool_or(NOT co.collisdeterministic) FROM unnest(i.indcollation::oid[]) z JOIN pg_collation co ON
         co.oid = z)
FROM pg_index i
JOIN pg_class ic ON ic.oid = i.indexrelid
LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.conrelid = i.indrelid AND k.contype IN ('p','u')
WHERE i.indisunique AND i.indrelid = ANY(%(oids)s)
ORDER BY i.indrelid, NOT i.indisprimary, k.conname IS NULL, ic.relname"""

CONSTRAINTS = """
SELECT k.conrelid, k.contype::text, k.conname, k.conkey, pg_get_expr(k.conbin, k.conrelid), pg_get_constraintdef(k.oid),
       k.condeferrable, k.condeferred, k.convalidated, tn.nspname, tc.relname, k.confrelid, k.confkey,
         k.confmatchtype::text,
       k.confdeltype::text, k.confupdtype::text, coalesce((to_jsonb(k) ->> 'conenforced')::bool, true),
         tc.relispartition,
       k.connoinherit
FROM pg_constraint k
LEFT JOIN pg_class tc ON tc.oid = k.confrelid
LEFT JOIN pg_namespace tn ON tn.oid = tc.relnamespace
WHERE k.conrelid = ANY(%(oids)s) AND (k.contype = 'c' OR k.contype = 'f' AND k.conparentid = 0)
ORDER BY k.conrelid, k.conname"""

TARGET_COLUMNS = """
SELECT a.attrelid, a.attnum, a.attname FROM pg_attribute a WHERE a.attrelid = ANY(%(oids)s) AND a.attnum > 0"""

EXCLUSIONS = """
SELECT k.conrelid, k.conname, i.indkey::int2[],
       (SELECT array_agg(pg_get_indexdef(i.indexrelid, s, true) ORDER BY s) FROM generate_series(1, i.indnkeyatts) s),
       (SELECT array_agg(o.oprname::text ORDER BY z.n) FROM unnest(k.conexclop) WITH ORDINALITY z(op, n) JOIN
         pg_operator o ON o.oid = z.op),
       am.amname, pg_get_expr(i.indpred, i.indrelid), k.condeferrable, pg_get_constraintdef(k.oid)
FROM pg_constraint k
JOIN pg_index i ON i.indexrelid = k.conindid
JOIN pg_class ic ON ic.oid = i.indexrelid
JOIN pg_am am ON am.oid = ic.relam
WHERE k.contype = 'x' AND k.conrelid = ANY(%(oids)s)
ORDER BY k.conrelid, k.conname"""

TRIGGERS = """
SELECT t.tgrelid, t.tgname, t.tgtype::int, t.tgenabled::text, pg_get_triggerdef(t.oid, true), p.prosrc, l.lanname
FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_language l ON l.oid = p.prolang
WHERE NOT t.tgisinternal AND t.tgrelid = ANY(%(oids)s)
ORDER BY t.tgrelid, t.tgname"""

PARTITIONED = """
SELECT p.partrelid, p.partstrat::text,
       (SELECT array_agg(CASE WHEN z.a <> 0 THEN (SELECT attname::text FROM pg_attribute WHERE attrelid =
         p.partrelid AND attnum = z.a) END ORDER BY z.n)
        FROM unnest(p.partattrs::int2[]) WITH ORDINALITY z(a, n)),
       pg_get_expr(p.partexprs, p.partrelid)
FROM pg_partitioned_table p"""

INHERITANCE = """
SELECT h.inhrelid, h.inhparent, c.relispartition, pg_get_expr(c.relpartbound, c.oid)
FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid ORDER BY h.inhparent, c.relname"""

PARTITION_DEFAULTS = """
SELECT a.attrelid, a.attname, pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d
JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum WHERE d.adrelid = ANY(%(oids)s) AND
  a.attgenerated = ''"""

REWRITES = """
SELECT r.ev_class, r.rulename, r.is_instead, pg_get_ruledef(r.oid, true) FROM pg_rewrite r
WHERE r.rulename <> '_RETURN' AND r.ev_class = ANY(%(oids)s) ORDER BY r.ev_class, r.rulename"""

POLICIES = """
SELECT p.polrelid, p.polname, p.polcmd::text, p.polpermissive, pg_get_expr(p.polqual, p.polrelid),
  pg_get_expr(p.polwithcheck, p.polrelid)
FROM pg_policy p WHERE p.polrelid = ANY(%(oids)s) ORDER BY p.polrelid, p.polname"""

SETTINGS = """
SELECT current_schema(), current_setting('server_version'), current_setting('server_encoding'),
       (SELECT datcollate FROM pg_database WHERE datname = current_database()), current_setting('search_path'),
       current_setting('max_identifier_length'),
       coalesce((SELECT setting FROM pg_settings WHERE name = 'TimeZone'), 'UTC')"""
