"""Conditions under which a trigger raises, read from its text: what stands between IF and THEN before a RAISE.

    PL/pgSQL   IF NEW.total < 0 THEN RAISE EXCEPTION 'negative'
    MariaDB    IF NEW.total < 0 THEN SIGNAL SQLSTATE '45000'
    SQLite     SELECT RAISE(ABORT, 'negative') WHERE NEW.total < 0 · WHEN NEW.total < 0 BEGIN SELECT RAISE(…)
               SELECT CASE WHEN NEW.total < 0 THEN RAISE(ABORT, 'negative') END

What is read is a guess until the database has taken rows that follow it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from understudy import rules
from understudy.model.schema import Entity, Trigger

GUARDED = re.compile(
    r"\b(?:ELSIF|ELSEIF|IF)\b(?P<condition>(?:(?!\bTHEN\b|;).)+?)\bTHEN\b\s*(?P<body>(?:RAISE\s+(?:EXCEPTION\b|'|[A-Z_]+\b"
    r"|SQLSTATE)|SIGNAL\b|RETURN\s+NULL\b)[^;]*)",
    re.I | re.S,
)
RAISED = re.compile(r"\bSELECT\s+(?P<body>RAISE\s*\([^)]*\))\s*WHERE\b(?P<condition>.+?)(?:;|$)", re.I | re.S)
CHOSEN = re.compile(
    r"\bWHEN\b(?P<condition>(?:(?!\bTHEN\b|\bWHEN\b).)+?)\bTHEN\b\s*(?P<body>RAISE\s*\([^)]*\))", re.I | re.S
)
WHEN = re.compile(r"\bFOR\s+EACH\s+ROW\s+WHEN\b(?P<condition>.+?)\b(?:BEGIN|EXECUTE)\b(?P<body>.*)", re.I | re.S)
PLAIN_WHEN = re.compile(r"\bON\s+\S+\s+WHEN\b(?P<condition>.+?)\bBEGIN\b(?P<body>.*)", re.I | re.S)
RAISES = re.compile(r"\bRAISE\b|\bSIGNAL\b", re.I)
NEW = re.compile(r"\bNEW\s*\.\s*(?P<name>\"[^\"]+\"|`[^`]+`|\w+)", re.I)
SUBQUERY = re.compile(r"\bSELECT\b|\bEXISTS\b|\bOLD\s*\.|\bTG_\w+", re.I)
LITERAL = re.compile(r"'((?:[^']|'')*)'")


def conditions(entity: Entity, trigger: Trigger, dialect: str) -> Iterator[tuple[str, str]]:
    """(what a row must fulfil to be taken, the words of the refusal) for every condition that the trigger's text shows
    over columns of the row alone."""
    text = f"{trigger.body or trigger.text}"
    found = [(m["condition"], m["body"]) for p in (GUARDED, RAISED, CHOSEN) for m in p.finditer(text)]
    for pattern in (WHEN, PLAIN_WHEN):
        head = pattern.search(trigger.text)
        if head is not None and len(RAISES.findall(head["body"] + trigger.body)) == 1 and not found:
            found.append((head["condition"], head["body"] + trigger.body))
    for condition, body in found:
        if (said := _own(entity, condition, dialect)) is not None:
            yield said, " ".join(LITERAL.findall(body))


def _own(entity: Entity, condition: str, dialect: str) -> str | None:
    """``NOT (condition)`` over the row's own columns; None where it speaks of anything else or is not understood."""
    if SUBQUERY.search(condition):
        return None
    names = {f.name.lower(): f.name for f in entity.fields}
    quote = "`" if dialect in ("mysql", "mariadb") else '"'

    def own(match: re.Match[str]) -> str:
        name = match["name"].strip('"`')
        return f"{quote}{names.get(name.lower(), name)}{quote}"

    text = f"NOT coalesce({NEW.sub(own, condition).strip()}, false)"
    if dialect in ("mysql", "mariadb", "sqlite"):
        text = f"NOT ({NEW.sub(own, condition).strip()})"
    understood = rules.understand(text, dialect, {f.name: f.type for f in entity.fields})
    if understood.opaque or not understood.columns or not set(understood.columns) <= set(names.values()):
        return None
    return text


def literals(text: str) -> tuple[str, ...]:
    """Quoted texts in a body, without those that are too long to be values."""
    found = (m.replace("''", "'") for m in LITERAL.findall(text))
    return tuple(dict.fromkeys(x for x in found if 0 < len(x) <= 60))
