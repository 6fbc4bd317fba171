"""Keys of text as a model has seen them written: a rule that nobody enforces, so wide that all rows find a value."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from understudy.model.learned import Fitted
from understudy.model.rule import Rule
from understudy.model.schema import Entity
from understudy.planning.selection import Wanted

ROOM = 2
"""Values that there must be for each row, so that drawing distinct ones stays easy."""

RUN = re.compile(r"\[(0-9|A-Z|a-z)\](?:\{(\d+)(?:,(\d+))?\})?")
SIZES = {"0-9": 10, "A-Z": 26, "a-z": 26}


def keyed(wanted: Mapping[str, Wanted], fitted: Fitted | None) -> dict[str, Wanted]:
    """Tables whose keys are to look like those that a model has seen."""
    found = dict(wanted)
    for name, item in wanted.items():
        table = fitted.model.table(name) if fitted is not None else None
        rules = [r for c, f in (table.forms if table else {}).items() if (r := _rule(item.entity, c, f, item.rows))]
        if rules:
            entity = msgspec.structs.replace(item.entity, checks=(*item.entity.checks, *rules))
            found[name] = msgspec.structs.replace(item, entity=entity)
    return found


def _rule(entity: Entity, column: str, form: str, rows: int) -> Rule | None:
    """The rule; None where too few texts of this form fit into the column."""
    field = next((f for f in entity.fields if f.name == column), None)
    if field is None or field.values or field.meaning:
        return None
    wide = widened(form, ROOM * rows, field.type.length or 255)
    if wide is None:
        return None
    quoted = column.replace('"', '""')
    text = f"regexp_matches(\"{quoted}\", '^(?:{wide.replace(chr(39), 2 * chr(39))})$')"
    return Rule(f"as {column} was seen", text, (column,), "duckdb", enforced=False)


def widened(form: str, room: int, length: int) -> str | None:
    """The form with its last run of digits (else of letters) so long that there are ``room`` texts of at most
    ``length`` characters; None where there cannot be."""
    first = form.split("|", maxsplit=1)[0]
    runs = list(RUN.finditer(first))
    if not runs:
        return None
    have, longest = 1, len(RUN.sub("", first).replace("\\", ""))
    for run in runs:
        most = int(run[3] or run[2] or 1)
        have *= SIZES[run[1]] ** most
        longest += most
    if have >= room and longest <= length:
        return form
    last = next((r for r in reversed(runs) if r[1] == "0-9"), runs[-1])
    low, most = int(last[2] or 1), int(last[3] or last[2] or 1)
    while have < room:
        have *= SIZES[last[1]]
        most, longest = most + 1, longest + 1
    if longest > length:
        return None
    return first[: last.start()] + f"[{last[1]}]{{{low},{most}}}" + first[last.end() :]
