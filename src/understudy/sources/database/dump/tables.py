"""CREATE TABLE in every dialect: its items, and what follows the bracket."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from understudy.sources.database.dump.catalog import Catalog, Placed, Table
from understudy.sources.database.dump.columns import TableReader, text_of
from understudy.sources.database.dump.words import MYSQL, Fault, Words

MODIFIERS = (
    "OR",
    "REPLACE",
    "GLOBAL",
    "LOCAL",
    "TEMP",
    "TEMPORARY",
    "UNLOGGED",
    "FOREIGN",
    "VIRTUAL",
    "TRANSIENT",
    "EXTERNAL",
)


def create_table(catalog: Catalog, words: Words, modifiers: frozenset[str], raw: str) -> None:
    """A CREATE TABLE, after the word TABLE."""
    line = words.line_here()
    lenient = words.accept("IF", "NOT", "EXISTS")
    parts = words.qualified()
    if modifiers & {"TEMP", "TEMPORARY"}:
        catalog.passed.add(parts[-1].lower())
        catalog.remark(line, f"temporary table {parts[-1]} is left out", "info")
        return
    if "VIRTUAL" in modifiers or (catalog.dialect == "sqlite" and parts[-1].lower().startswith("sqlite_")):
        catalog.passed.add(parts[-1].lower())
        if "VIRTUAL" in modifiers:
            catalog.remark(line, "a virtual table: it is kept by its module and not filled", "warning", parts[-1])
        return
    key = catalog.key(parts)
    if key in catalog.tables and "REPLACE" not in modifiers:
        if not lenient:
            raise Fault(f"table {parts[-1]} is there already; this second definition is not read")
        return
    table = Table(catalog.space(parts), parts[-1], line, raw)
    if "UNLOGGED" in modifiers:
        table.options["unlogged"] = "yes"
    if "FOREIGN" in modifiers:
        table.options["foreign"] = "yes"
        table.view = True
    if "." in table.name:
        table.options["dotted"] = "yes"
    catalog.tables[key] = table
    reader = TableReader(catalog, table)
    try:
        _body(catalog, reader, words)
    finally:
        _finish(catalog, reader, line)  # what stands in the bracket holds, whatever follows it


def _body(catalog: Catalog, reader: TableReader, words: Words) -> None:
    table = reader.table
    if words.accept("PARTITION", "OF"):
        table.part_of = words.qualified()
        inherit(catalog, table, table.part_of)
        _items(catalog, reader, words, partition=True)
        table.bound = bound_of(words)
    elif words.accept("LIKE"):
        _like(catalog, reader, words)
    elif words.accept("OF"):
        _of_type(catalog, reader, words)
    elif words.word() not in ("AS", "USING"):
        _items(catalog, reader, words, partition=False)
    _tail(catalog, reader, words)


def inherit(catalog: Catalog, table: Table, parent: tuple[str, ...]) -> None:
    """Let a table have its parent's columns: the very same ones, for what changes there changes here."""
    found = catalog.find(parent, table.space)
    if found is not None:
        table.columns = {**found.columns, **table.columns}


def _items(catalog: Catalog, reader: TableReader, words: Words, *, partition: bool) -> None:
    if words.peek().text != "(":
        if partition:
            return
        raise words.fault("a list of columns is expected")
    inside = _inside(catalog, reader, words)
    if inside.word() == "LIKE" and reader.dialect in MYSQL:
        inside.at += 1
        _like(catalog, reader, inside)
        return
    for item in inside.parts():
        line = item.line_here()
        try:
            _item(catalog, reader, item, partition=partition)
        except Fault as fault:
            told = f"{fault.words} in {_short(item)!r}"
            catalog.remark(
                line, f"not understood, left out: {told}", "error", catalog.full(reader.table.space, reader.table.name)
            )


def _inside(catalog: Catalog, reader: TableReader, words: Words) -> Words:
    """The bracket's inside; all that is left where it is never closed."""
    line = words.line_here()
    try:
        return words.group()
    except Fault:
        name = catalog.full(reader.table.space, reader.table.name)
        catalog.remark(
            line,
            f"the bracket after {name} is never closed; the statement is taken to end where it ends",
            "error",
            name,
        )
        inside = words.span(words.at + 1, words.stop)
        words.at = words.stop
        return inside


def _item(catalog: Catalog, reader: TableReader, item: Words, *, partition: bool) -> None:
    if item.word() == "LIKE" and item.is_name(1):
        item.at += 1
        _like(catalog, reader, item)
    elif partition and not reader.constraints.begins(item):
        pass  # options of an inherited column: what they demand is for one partition only
    else:
        reader.item(item)


def _short(words: Words) -> str:
    whole = words.slice(words.at, words.stop) if not words.done else ""
    start = words.stream[: words.stop]
    text = whole or (start[-1].text if start else "")
    return " ".join(text.split())[:80]


def _finish(catalog: Catalog, reader: TableReader, line: int) -> None:
    """Constraints one by one: one that does not fit leaves the others standing."""
    table = reader.table
    for add in reader.constraints.waiting():
        try:
            add()
        except Fault as fault:
            catalog.remark(
                line, f"not understood, left out: {fault.words}", "error", catalog.full(table.space, table.name)
            )


def _like(catalog: Catalog, reader: TableReader, words: Words) -> None:
    """LIKE other [INCLUDING …]: columns, and in MySQL or with INCLUDING ALL keys and checks as well."""
    parts = words.qualified()
    source = catalog.find(parts)
    if source is None:
        raise Fault(f"LIKE names table {'.'.join(parts)}, which is not there")
    table = reader.table
    wanted = {"ALL"} if reader.dialect in MYSQL else set()
    while words.word() in ("INCLUDING", "EXCLUDING"):
        including = words.take().upper == "INCLUDING"
        what = words.take().upper
        wanted = wanted | {what} if including else wanted - {what}
    whole = "ALL" in wanted
    for key, column in source.columns.items():
        copy = replace(column)
        if not whole and "DEFAULTS" not in wanted:
            copy.default, copy.sequence = "", ""
        table.columns.setdefault(key, copy)
    if whole or "CONSTRAINTS" in wanted:
        table.checks += [Placed(c.noun, c.line, c.raw, c.column) for c in source.checks]
    if whole or "INDEXES" in wanted:
        for placed in source.uniques:
            reader.constraints.wait_unique(msgspec.structs.replace(placed.noun, name=""), placed.line, placed.raw)


def _of_type(catalog: Catalog, reader: TableReader, words: Words) -> None:
    parts = words.qualified()
    kind = catalog.find_type(parts)
    if kind is None or kind.kind != "composite":
        raise Fault(f"OF names type {'.'.join(parts)}, which is no composite type here")
    for item in Words(kind.text, catalog.dialect, kind.line).parts():
        reader.item(item)
    if words.peek().text == "(":
        words.group()


def bound_of(words: Words) -> str:
    """``FOR VALUES …`` or ``DEFAULT`` of a partition."""
    start = words.at
    if words.accept("DEFAULT"):
        return "DEFAULT"
    words.expect("FOR")
    words.expect("VALUES")
    if words.accept("WITH"):
        words.group()
        return words.slice(start, words.at)
    while not words.done and words.word() not in ("PARTITION", "WITH", "TABLESPACE", "USING"):
        if not words.skip_group():
            words.at += 1
    return words.slice(start, words.at)


# ---- after the bracket ------------------------------------------------------------------------------
def _tail(catalog: Catalog, reader: TableReader, words: Words) -> None:
    table = reader.table
    while not words.done:
        if words.accept("INHERITS"):
            table.parents += [p.qualified() for p in words.group().parts()]
            for parent in table.parents:
                inherit(catalog, table, parent)
        elif words.accept("PARTITION", "BY"):
            _partition_by(catalog, table, words)
        elif words.accept("WITHOUT", "ROWID"):
            table.options["without_rowid"] = "yes"
        elif words.accept("STRICT"):
            table.options["strict"] = "yes"
        elif words.accept("WITH", "SYSTEM", "VERSIONING"):
            table.options["system_versioned"] = "yes"
        elif words.word() in ("WITH", "USING", "TABLESPACE", "SERVER", "OPTIONS") and reader.dialect not in MYSQL:
            words.at += 1
            if not words.skip_group():
                words.take()
        elif words.accept("ON", "COMMIT"):
            words.at = words.stop
        elif words.word() in ("AS", "SELECT") or (words.word() == "IGNORE" and reader.dialect in MYSQL):
            _as_select(catalog, table, words)
        elif words.mark(",") or (words.word() and option(table, words, reader.dialect)):
            continue
        else:
            raise words.fault("what follows the columns is not understood")


def option(table: Table, words: Words, dialect: str) -> bool:
    """One of MySQL's table options; False where it is none."""
    if dialect not in (*MYSQL, ""):
        return False
    default = words.accept("DEFAULT")
    match words.word():
        case "CHARACTER" if words.word(1) == "SET":
            words.at += 2
            words.mark("=")
            _charset(table, text_of(words))
        case "CHARSET":
            words.at += 1
            words.mark("=")
            _charset(table, text_of(words))
        case "COLLATE":
            words.at += 1
            words.mark("=")
            table.collation = text_of(words)
            table.options.pop("charset", None)
            table.options["collation"] = table.collation
        case _ if default:
            return False
        case _:
            return _plain_option(table, words)
    return True


def _charset(table: Table, name: str) -> None:
    table.charset = name.lower()
    table.collation = ""
    table.options.pop("collation", None)
    table.options["charset"] = table.charset


def _plain_option(table: Table, words: Words) -> bool:
    """``NAME [=] value``."""
    known = words.word()
    two = known in ("DATA", "INDEX") and words.word(1) == "DIRECTORY"
    if known not in OPTIONS and not two:
        return False
    words.at += 2 if two else 1
    words.mark("=")
    if known == "UNION":
        words.group()
        return True
    value = text_of(words)
    if known in ("ENGINE", "TYPE"):
        table.options["engine"] = value
    elif known == "COMMENT":
        table.comment = value
    elif known == "ROW_FORMAT":
        table.options["create_options"] = f"row_format={value.upper()}"
    return True


OPTIONS: frozenset[str] = frozenset(
    {"ENGINE", "TYPE", "AUTO_INCREMENT", "AVG_ROW_LENGTH", "CHECKSUM", "TABLE_CHECKSUM", "COMMENT"}
    | {"COMPRESSION", "CONNECTION", "DELAY_KEY_WRITE", "ENCRYPTION", "ENCRYPTED", "ENCRYPTION_KEY_ID"}
    | {"INSERT_METHOD", "KEY_BLOCK_SIZE", "MAX_ROWS", "MIN_ROWS", "PACK_KEYS", "PAGE_CHECKSUM"}
    | {"PAGE_COMPRESSED", "PAGE_COMPRESSION_LEVEL", "PASSWORD", "ROW_FORMAT", "SEQUENCE"}
    | {"STATS_AUTO_RECALC", "STATS_PERSISTENT", "STATS_SAMPLE_PAGES", "TABLESPACE", "STORAGE"}
    | {"TRANSACTIONAL", "UNION"}
)


def _partition_by(catalog: Catalog, table: Table, words: Words) -> None:
    linear = words.accept("LINEAR")
    strategy = words.take().text.lower()
    if strategy in ("range", "list") and words.accept("COLUMNS"):
        strategy += " columns"
    if words.accept("ALGORITHM"):
        words.mark("=")
        words.take()
    inside = words.group()
    reader = TableReader(catalog, table)
    keys = []
    for part in inside.parts():
        key = reader.constraints.part(part)
        keys.append(key.column or key.text)
    table.strategy = f"linear {strategy}" if linear else strategy
    table.partition_keys = tuple(keys)
    if catalog.dialect in (*MYSQL, ""):
        _mysql_partitions(table, words)


def _mysql_partitions(table: Table, words: Words) -> None:
    while words.word() in ("PARTITIONS", "SUBPARTITION", "SUBPARTITIONS"):
        if words.accept("SUBPARTITION", "BY"):
            words.accept("LINEAR")
            words.take()
            words.skip_group()
            continue
        words.at += 1
        words.take()
    if words.peek().text != "(":
        return
    bounds = []
    for part in words.group().parts():
        part.expect("PARTITION")
        name = part.name()
        start = part.at
        while not part.done and part.word() in (
            "VALUES",
            "LESS",
            "THAN",
            "IN",
            "MAXVALUE",
            "DEFAULT",
            "HISTORY",
            "CURRENT",
        ):
            part.at += 1
            part.skip_group()
        bounds.append((name, part.slice(start, part.at)))
    table.bounds = tuple(bounds)


def _as_select(catalog: Catalog, table: Table, words: Words) -> None:
    if not table.columns:
        words_ = "made by a query: its columns cannot be known without a server"
        catalog.remark(words.line_here(), words_, "warning", catalog.full(table.space, table.name))
    words.at = words.stop
