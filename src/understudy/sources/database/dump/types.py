"""CREATE TYPE and CREATE DOMAIN, and what ALTER makes of them."""

from __future__ import annotations

from understudy.sources.database.dump.catalog import Catalog, TableKey, UserType
from understudy.sources.database.dump.words import Fault, Words, quote
from understudy.sources.database.sql_text import TokenKind, bare

DOMAIN_STOPS = frozenset({"CONSTRAINT", "NOT", "NULL", "DEFAULT", "CHECK", "COLLATE"})


def create_type(catalog: Catalog, words: Words, raw: str) -> None:
    """A CREATE TYPE, after the word TYPE."""
    line = words.line_here()
    lenient = words.accept("IF", "NOT", "EXISTS")
    parts = words.qualified()
    key = catalog.key(parts)
    if key in catalog.types:
        if lenient:
            return
        raise Fault(f"type {parts[-1]} is there already")
    kind = UserType("other", catalog.space(parts), parts[-1], line, ddl=raw)
    if words.accept("AS", "ENUM"):
        kind.kind = "enum"
        inside = words.group()
        kind.labels = [p.string() for p in inside.parts()]
    elif words.accept("AS", "RANGE"):
        kind.kind = "range"
        kind.text = _range_subtype(words.group())
    elif words.accept("AS") and words.peek().text == "(":
        kind.kind = "composite"
        kind.text = words.group().rest
    elif words.peek(-1).upper == "AS":
        kind.kind, kind.text = "domain", words.rest  # DuckDB: CREATE TYPE x AS INTEGER
    catalog.types[key] = kind


def _range_subtype(inside: Words) -> str:
    for part in inside.parts():
        if part.accept("SUBTYPE"):
            part.mark("=")
            return part.rest
    return ""


def create_domain(catalog: Catalog, words: Words, raw: str) -> None:
    """A CREATE DOMAIN, after the word DOMAIN."""
    line = words.line_here()
    parts = words.qualified()
    words.accept("AS")
    key = catalog.key(parts)
    if key in catalog.types:
        raise Fault(f"domain {parts[-1]} is there already")
    start, stop = words.until(DOMAIN_STOPS)
    domain = UserType("domain", catalog.space(parts), parts[-1], line, words.slice(start, stop), ddl=raw)
    catalog.types[key] = domain
    _domain_clauses(catalog, domain, words)


def _domain_clauses(catalog: Catalog, domain: UserType, words: Words) -> None:
    name = ""
    while not words.done:
        if words.accept("CONSTRAINT"):
            name = words.name()
            continue
        if words.accept("NOT", "NULL"):
            domain.not_null = True
        elif words.accept("DEFAULT"):
            start, stop = words.until(DOMAIN_STOPS)
            domain.default = catalog.unqualified(words.slice(start, stop))
        elif words.accept("COLLATE"):
            domain.collation = words.qualified()[-1]
        elif words.accept("CHECK"):
            _domain_check(catalog, domain, name, words)
        elif not words.accept("NULL"):
            raise words.fault(f"domain {domain.name} is not understood")
        name = ""


def _domain_check(catalog: Catalog, domain: UserType, name: str, words: Words) -> None:
    inside = words.group()
    taken = {n for n, _ in domain.checks}
    number, chosen = 0, name or f"{domain.name}_check"
    while chosen in taken:
        number += 1
        chosen = f"{domain.name}_check{number}"
    domain.checks.append((chosen, bare(catalog.unqualified(inside.rest))))
    words.accept("NOT", "VALID")


def alter_type(catalog: Catalog, words: Words) -> None:
    """ALTER TYPE and ALTER DOMAIN, after that word."""
    parts = words.qualified()
    kind = catalog.find_type(parts)
    if kind is None:
        if words.word() == "OWNER":
            return
        raise Fault(f"there is no type {'.'.join(parts)}")
    if words.accept("ADD", "VALUE"):
        _add_label(kind, words)
    elif words.accept("RENAME", "VALUE"):
        old = words.string()
        words.expect("TO")
        kind.labels[kind.labels.index(old)] = words.string()
    elif words.accept("RENAME", "TO"):
        _rename_type(catalog, kind, (kind.space or catalog.default, words.name()))
    elif words.accept("SET", "SCHEMA"):
        _rename_type(catalog, kind, (words.name(), kind.name))
    elif words.accept("ADD"):
        if kind.kind != "domain":
            raise words.fault("a change of a type is not understood")
        _domain_clauses(catalog, kind, words)
    elif words.accept("DROP", "CONSTRAINT"):
        words.accept("IF", "EXISTS")
        name = words.name()
        kind.checks = [(n, t) for n, t in kind.checks if n != name]
    elif words.accept("SET", "NOT", "NULL") or words.accept("DROP", "NOT", "NULL"):
        kind.not_null = words.stream[words.at - 3].upper == "SET"
    elif words.accept("SET", "DEFAULT"):
        kind.default = words.rest
    elif words.accept("DROP", "DEFAULT"):
        kind.default = ""
    elif words.word() not in ("OWNER", "VALIDATE", "SET"):
        raise words.fault("a change of a type is not understood")


def _add_label(kind: UserType, words: Words) -> None:
    lenient = words.accept("IF", "NOT", "EXISTS")
    label = words.string()
    if label in kind.labels:
        if not lenient:
            raise Fault(f"{kind.name} has the label {label!r} already")
        return
    at = len(kind.labels)
    if words.accept("BEFORE"):
        at = kind.labels.index(words.string())
    elif words.accept("AFTER"):
        at = kind.labels.index(words.string()) + 1
    kind.labels.insert(at, label)


def _rename_type(catalog: Catalog, kind: UserType, parts: tuple[str, ...]) -> None:
    """Columns of the type follow: their words are changed too."""
    old = kind.name
    catalog.types = {k: t for k, t in catalog.types.items() if t is not kind}
    kind.space, kind.name = catalog.space(parts), parts[-1]
    catalog.types[TableKey(catalog.fold(kind.space), catalog.fold(kind.name))] = kind
    shown = ".".join(quote(p, catalog.dialect) for p in (kind.space, kind.name) if p)
    for table in catalog.tables.values():
        for column in table.columns.values():
            head, brackets, tail = column.type_text.partition("[")
            if Words(head, catalog.dialect, 1).qualified()[-1:] == (old,):
                column.type_text = shown + brackets + tail


def enum_ddl(kind: UserType, dialect: str, default: str) -> str:
    """The statement that makes an enum as it is by now."""
    labels = ", ".join("'" + label.replace("'", "''") + "'" for label in kind.labels)
    name = ".".join(quote(p, dialect) for p in ("" if kind.space == default else kind.space, kind.name) if p)
    return f"CREATE TYPE {name} AS ENUM ({labels})"


def rewritten(text: str, column: str, dialect: str) -> str:
    """A domain's check about VALUE, as one about the column."""
    out, last = [], 0
    for token in Words(text, dialect, 1).stream:
        if token.kind is TokenKind.WORD and token.text.upper() == "VALUE":
            out += [text[last : token.start], quote(column, dialect)]
            last = token.end
    return "".join(out) + text[last:]
