"""Triggers, functions, policies and rules: code in the database that can reject or rewrite rows."""

from __future__ import annotations

import re

from understudy.model.schema import Trigger
from understudy.sources.database.dump.catalog import Catalog, Placed
from understudy.sources.database.dump.words import MYSQL, Fault, Words
from understudy.sources.database.sql_text import TokenKind

EVENTS = ("INSERT", "UPDATE", "DELETE", "TRUNCATE")
"""In the order in which they are told."""


def create_function(catalog: Catalog, words: Words, raw: str, kind: str) -> None:
    """A CREATE FUNCTION or PROCEDURE: kept whole, its body at hand for triggers."""
    if kind == "MACRO" or not words.is_name():
        catalog.prelude.append(("function", raw))
        return
    words.accept("IF", "NOT", "EXISTS")
    name = words.qualified()[-1]
    catalog.functions[name.lower()] = (raw, _body(words))
    catalog.prelude.append(("function", raw))


def _body(words: Words) -> str:
    """What stands between the quotes after AS, or from BEGIN or RETURN on."""
    for i in range(words.at, words.stop):
        token = words.stream[i]
        if token.upper == "AS" and i + 1 < words.stop and words.stream[i + 1].kind is TokenKind.STRING:
            return words.span(i + 1, words.stop).string()
        if token.upper in ("BEGIN", "RETURN"):
            return words.slice(i, words.stop)
    return ""


def create_trigger(catalog: Catalog, words: Words, raw: str) -> None:
    """A CREATE TRIGGER, after the word TRIGGER."""
    line = words.line_here()
    words.accept("IF", "NOT", "EXISTS")
    name = words.qualified()[-1]
    timing = _timing(words)
    events = _events(words)
    words.expect("ON")
    parts = words.qualified()
    table = catalog.find(parts)
    if table is None:
        if parts[-1].lower() in catalog.passed:
            return
        raise Fault(f"trigger {name} is on {'.'.join(parts)}, which is not there")
    per_row, body = _rest(catalog, words)
    trigger = Trigger(name, timing, events, text=raw, body=body, per_row=per_row)
    table.triggers = [t for t in table.triggers if t.noun.name != name]
    table.triggers.append(Placed(trigger, line, raw))
    if table.view:
        words_ = f"view with trigger {name}: it is not filled, although it takes rows"
        catalog.remark(line, words_, "info", catalog.full(table.space, table.name))


def _timing(words: Words) -> str:
    if words.accept("INSTEAD", "OF"):
        return "instead of"
    if words.accept("AFTER"):
        return "after"
    words.accept("BEFORE")
    return "before"


def _events(words: Words) -> tuple[str, ...]:
    found = set()
    while words.word() and words.word() != "ON":
        word = words.take().upper
        if word == "UPDATE" and words.accept("OF"):
            words.name()
            while words.mark(","):
                words.name()
        if word in EVENTS:
            found.add(word)
        elif word != "OR":
            raise words.fault("a trigger is not understood")
    return tuple(e.lower() for e in EVENTS if e in found)


def _rest(catalog: Catalog, words: Words) -> tuple[bool, str]:
    """(for each row, body): a function's where one is called, else the statements."""
    per_row = catalog.dialect in (*MYSQL, "sqlite")
    while not words.done:
        if words.accept("FOR", "EACH", "STATEMENT") or words.accept("FOR", "STATEMENT"):
            per_row = False
        elif words.accept("FOR", "EACH", "ROW") or words.accept("FOR", "ROW"):
            per_row = True
            if catalog.dialect in MYSQL:
                return True, _statement(words)
        elif words.accept("EXECUTE"):
            _ = words.accept("FUNCTION") or words.accept("PROCEDURE")
            known = catalog.functions.get(words.qualified()[-1].lower())
            return per_row, known[1] if known else ""
        elif words.word() == "BEGIN":
            last = words.stop - (words.stream[words.stop - 1].upper == "END")
            return per_row, words.slice(words.at + 1, last)
        elif not words.skip_group():
            words.at += 1
    return per_row, ""


def _statement(words: Words) -> str:
    if words.word() in ("FOLLOWS", "PRECEDES"):
        words.at += 2
    return re.sub(r"\s*\*/\s*$", "", words.rest)


def create_policy(catalog: Catalog, words: Words) -> None:
    """Row security may reject rows: told, not understood."""
    line = words.line_here()
    name = words.name()
    words.expect("ON")
    table = catalog.find(words.qualified())
    if table is not None:
        words_ = f"row security policy {name} may reject rows: {' '.join(words.rest.split())}"
        catalog.remark(line, words_, entity=catalog.full(table.space, table.name))


def create_rule(catalog: Catalog, words: Words) -> None:
    """A rewrite rule changes what is written: told, not understood."""
    line = words.line_here()
    name = words.name()
    while not words.done and not words.accept("TO"):
        words.at += 1
    table = catalog.find(words.qualified())
    if table is None:
        return
    replaces = "INSTEAD" in {t.upper for t in words.stream}
    words_ = f"rewrite rule {name} {'replaces' if replaces else 'adds to'} what is written"
    catalog.remark(line, words_, entity=catalog.full(table.space, table.name))
