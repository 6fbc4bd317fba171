"""What triggers do outside the transaction, read from their text: a rollback does not take it back.

Only words can be read: what a function does that they call stays hidden unless its own text is among the schema's.
"""

from __future__ import annotations

import re

import msgspec

from understudy.model.schema import Entity, Schema, Trigger

OUTSIDE = (
    (re.compile(r"\bdblink(_exec|_connect|_send_query)?\s*\(", re.I), "writes through dblink, in another session"),
    (re.compile(r"\bCOPY\b.*\bPROGRAM\b", re.I | re.S), "runs a program on the server (COPY … PROGRAM)"),
    (re.compile(r"\bCOPY\b[^;]*\bTO\s+'", re.I), "writes a file on the server (COPY … TO)"),
    (re.compile(r"\b(pg_file_write|lo_export|pg_background_launch)\s*\(", re.I), "writes outside the database"),
    (
        re.compile(r"\bLANGUAGE\s+'?(plpython3?u|plperlu|pltclu|plsh|c)\b", re.I),
        "runs code that no rollback reaches",
    ),
    (re.compile(r"\b(http_post|http_get|http|net\.http_post|net\.http_get)\s*\(", re.I), "calls the network"),
    (re.compile(r"\b(sys_exec|sys_eval)\s*\(", re.I), "runs a program on the server"),
    (re.compile(r"\bINTO\s+(OUTFILE|DUMPFILE)\b", re.I), "writes a file on the server"),
    (re.compile(r"\bload_extension\s*\(", re.I), "loads code into the database"),
)
"""Patterns in a trigger's or function's text, and what they mean."""

LATER = ((re.compile(r"\bNOTIFY\b|\bpg_notify\s*\(", re.I), "sends a notification when the load commits"),)
"""What waits for the commit: a rehearsal never gets there, a load does."""

FUNCTION = re.compile(r"\b(?:FUNCTION|PROCEDURE)\s+([\w.\"`$]+)\s*\(", re.I)

WORD = re.compile(r"[\w$]+")

CALLED = re.compile(r"([A-Za-z_][\w$.]*)\s*\(")


class Effect(msgspec.Struct, frozen=True):
    """``table``'s ``trigger`` does ``what``; ``lasting``: a rollback does not undo it, so the table is not tried."""

    table: str
    trigger: str
    what: str
    lasting: bool

    @property
    def line(self) -> str:
        """In words."""
        return f"{self.table}: trigger {self.trigger} {self.what}"


def effects(schema: Schema) -> tuple[Effect, ...]:
    """Everything of the kind in the triggers that fire when rows are inserted."""
    texts = Texts(schema)
    return tuple(x for e in schema.entities for t in e.triggers if fires(t) for x in _of(texts, e, t))


def fires(trigger: Trigger) -> bool:
    """Whether a trigger has a part in inserting rows."""
    return trigger.enabled and any(event.lower().startswith("insert") for event in trigger.events)


def _of(texts: Texts, entity: Entity, trigger: Trigger) -> list[Effect]:
    text = texts.whole(trigger)
    found = [Effect(entity.name, trigger.name, what, True) for pattern, what in OUTSIDE if pattern.search(text)]
    return found + [Effect(entity.name, trigger.name, what, False) for pattern, what in LATER if pattern.search(text)]


class Texts:
    """Triggers' texts with those of the functions they call, as far as the schema has them."""

    def __init__(self, schema: Schema) -> None:
        self.functions: dict[str, str] = {}
        for ddl in schema.prelude:
            if found := FUNCTION.search(ddl[:400]):
                name = found[1].rsplit(".", 1)[-1].strip('"`').lower()
                self.functions[name] = self.functions.get(name, "") + "\n" + ddl

    def whole(self, trigger: Trigger) -> str:
        """The trigger, and every function it reaches by name."""
        return self.with_functions(f"{trigger.text}\n{trigger.body}")

    def with_functions(self, text: str) -> str:
        """Any text, and every function it reaches by name."""
        seen: set[str] = set()
        todo, whole = [text], [text]
        while todo:
            for name in CALLED.findall(todo.pop()):
                short = name.rsplit(".", 1)[-1].lower()
                if short in self.functions and short not in seen:
                    seen.add(short)
                    todo.append(self.functions[short])
                    whole.append(self.functions[short])
        return "\n".join(whole)


def touched(schema: Schema) -> dict[str, tuple[str, ...]]:
    """Per table those that the triggers on it may write to, as far as their names stand in the triggers' texts (and in
    those of the triggers there)."""
    texts = Texts(schema)
    plain = {e.table.lower(): e.name for e in schema.entities if not e.view and WORD.fullmatch(e.table)}
    odd = {e.table.lower(): e.name for e in schema.entities if not e.view and not WORD.fullmatch(e.table)}
    direct: dict[str, set[str]] = {}
    for entity in schema.entities:
        text = "\n".join(texts.whole(t) for t in entity.triggers if t.enabled).lower()
        words = set(WORD.findall(text))
        found = {name for table, name in plain.items() if table in words}
        found |= {name for table, name in odd.items() if text and table in text}
        direct[entity.name] = found - {entity.name}
    reached: dict[str, tuple[str, ...]] = {}
    for start, first in direct.items():
        seen, todo = set(first), list(first)
        while todo:
            fresh = direct.get(todo.pop(), set()) - seen
            seen |= fresh
            todo += fresh
        reached[start] = tuple(sorted(seen - {start}))
    return reached
