"""The catalog queries of the MySQL and MariaDB reader: one for all tables each.

Columns are named without schema in the result; ``%(db)s`` is the database. Aliases keep names lower
case, which MySQL 8 would otherwise print in capitals.
"""

from __future__ import annotations

TABLES = """
SELECT table_name, table_type, engine, table_rows, table_collation, table_comment, create_options, auto_increment
FROM information_schema.tables WHERE table_schema = %(db)s ORDER BY table_name"""

COLUMNS = """
SELECT table_name, column_name, column_type, is_nullable, column_default, extra, generation_expression,
  collation_name, column_comment,
       character_maximum_length, character_octet_length
FROM information_schema.columns WHERE table_schema = %(db)s ORDER BY table_name, ordinal_position"""

SRIDS = """
SELECT table_name, column_name, srs_id FROM information_schema.columns WHERE table_schema = %(db)s AND srs_id
  IS NOT NULL"""
"""MySQL 8 only."""

UNIQUES = """
SELECT table_name, index_name, seq_in_index, column_name, sub_part, {expression}
FROM information_schema.statistics WHERE table_schema = %(db)s AND non_unique = 0
ORDER BY table_name, index_name <> 'PRIMARY', index_name, seq_in_index"""

FOREIGN_KEYS = """
SELECT k.table_name, k.constraint_name, k.ordinal_position, k.column_name, k.referenced_table_schema,
  k.referenced_table_name,
       k.referenced_column_name
FROM information_schema.key_column_usage k
WHERE k.table_schema = %(db)s AND k.referenced_table_name IS NOT NULL
ORDER BY k.table_name, k.constraint_name, k.ordinal_position"""

ACTIONS = """
SELECT table_name, constraint_name, delete_rule, update_rule
FROM information_schema.referential_constraints WHERE constraint_schema = %(db)s"""

MARIADB_CHECKS = """
SELECT table_name, constraint_name, check_clause, level
FROM information_schema.check_constraints WHERE constraint_schema = %(db)s ORDER BY table_name, level,
  constraint_name"""

MYSQL_CHECKS = """
SELECT t.table_name, c.constraint_name, c.check_clause, t.enforced
FROM information_schema.check_constraints c JOIN information_schema.table_constraints t
  ON t.constraint_schema = c.constraint_schema AND t.constraint_name = c.constraint_name AND t.constraint_type = 'CHECK'
WHERE c.constraint_schema = %(db)s ORDER BY t.table_name, c.constraint_name"""

TRIGGERS = """
SELECT event_object_table, trigger_name, action_timing, event_manipulation, action_statement, definer
FROM information_schema.triggers WHERE trigger_schema = %(db)s
ORDER BY event_object_table, action_order, trigger_name"""

PARTITIONS = """
SELECT table_name, partition_name, partition_method, partition_expression, partition_description, subpartition_method,
       subpartition_expression
FROM information_schema.partitions WHERE table_schema = %(db)s AND partition_name IS NOT NULL
ORDER BY table_name, partition_ordinal_position, subpartition_ordinal_position"""

VIEWS = "SELECT table_name, view_definition FROM information_schema.views WHERE table_schema = %(db)s"

ROUTINES = """
SELECT routine_type, routine_name FROM information_schema.routines WHERE routine_schema = %(db)s ORDER BY
  routine_type, routine_name"""

SETTINGS = """
SELECT @@sql_mode, @@character_set_database, @@collation_database, @@lower_case_table_names, @@foreign_key_checks,
       @@innodb_strict_mode, @@explicit_defaults_for_timestamp"""
