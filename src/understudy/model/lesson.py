"""Lessons: what a rehearsal on a live target has taught, as data that planning reads and the plan keeps.

A trigger, a function or a type of the database cannot be solved on paper. A few rows are tried there and rolled
back; what the database did to them becomes lessons. The plan carries them, so that its rows are the same
for files and for the database, and so do the certificate and `understudy plan`.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec


class _Lesson(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="lesson"):
    """``table``: the entity it is about; ``why``: what was seen, in words."""

    table: str
    why: str = ""


class Assigned(_Lesson, frozen=True, tag="assigned"):
    """The database sets ``column`` itself, whatever is sent: it is left to it (``sent``: the column takes no null and
    has no default, so a value is sent all the same). ``distinct``: another value in every row tried; ``fixed``: one
    value in all of them, which is the trigger's to give, or comes back when it is set again."""

    column: str = ""
    sent: bool = False
    distinct: bool = False
    fixed: bool = False


class Reset(_Lesson, frozen=True, tag="reset"):
    """A trigger sets moments to that of insertion, and only then: ``columns`` are set to the planned values once the
    rows are in, with what else such a change would set."""

    columns: tuple[str, ...] = ()


class Derived(_Lesson, frozen=True, tag="derived"):
    """``column`` comes back as ``formula`` (SQL over columns of the row, or ``parent.column``) of what was sent."""

    column: str = ""
    formula: str = ""


class Folded(_Lesson, frozen=True, tag="folded"):
    """Text ``column`` comes back as ``function`` (lower, upper, trim) of what was sent; ``ascii``: its character set
    lacks letters, and it takes texts without accents."""

    column: str = ""
    function: str = ""


class Counted(_Lesson, frozen=True, tag="counted"):
    """Key ``column`` is numbered by the database in the order of the rows: ``start``, ``start + step``, …;
    ``foreseen``: False while it is not known yet where it starts."""

    column: str = ""
    start: int = 1
    step: int = 1
    foreseen: bool = True


class Narrowed(_Lesson, frozen=True, tag="narrowed"):
    """The rows that were taken fulfil ``text`` (SQL in ``dialect``), those refused for one reason do not. ``key``: the
    text speaks of the parent's columns by that foreign key; else of the row's own ``columns``."""

    text: str = ""
    columns: tuple[str, ...] = ()
    dialect: str = ""
    key: str = ""


class Limited(_Lesson, frozen=True, tag="limited"):
    """At most ``most`` rows for each parent by foreign key ``key``."""

    key: str = ""
    most: int = 1


class Climbing(_Lesson, frozen=True, tag="climbing"):
    """``column`` never goes down from row to row as they are loaded (``falling``: never up; ``strict``: nor stays)."""

    column: str = ""
    falling: bool = False
    strict: bool = False


class Merged(_Lesson, frozen=True, tag="merged"):
    """Rows with the same ``key`` are there already, made by a trigger: they are set to the planned values; rows that
    are not there are inserted."""

    key: tuple[str, ...] = ()


class Withheld(_Lesson, frozen=True, tag="withheld"):
    """The table gets no row of its own: a trigger fills it, or it takes none."""


class Formed(_Lesson, frozen=True, tag="formed"):
    """Texts that the input function of ``column``'s type takes."""

    column: str = ""
    values: tuple[str, ...] = ()


class Fed(_Lesson, frozen=True, tag="fed"):
    """Rows of ``table`` appear by themselves where ``source`` gets rows: ``added`` for ``rows`` tried."""

    source: str = ""
    rows: int = 0
    added: int = 0


class Touched(_Lesson, frozen=True, tag="touched"):
    """Rows of ``table`` are changed (or removed) by themselves where ``source`` gets rows."""

    source: str = ""


class Behind(_Lesson, frozen=True, tag="behind"):
    """Tables of ``before`` are loaded before ``table``: their triggers would meet its rows otherwise."""

    before: tuple[str, ...] = ()


class Refused(_Lesson, frozen=True, tag="refused"):
    """Nothing that was tried is taken: ``message`` is the database's word, ``row`` a row of the plan that shows it."""

    message: str = ""
    constraint: str = ""
    sqlstate: str = ""
    row: int = 0


Lesson: TypeAlias = (
    Assigned
    | Reset
    | Derived
    | Folded
    | Counted
    | Narrowed
    | Limited
    | Climbing
    | Merged
    | Withheld
    | Formed
    | Fed
    | Touched
    | Behind
    | Refused
)


SHOWN = 240
"""Characters of a rule that are shown of it."""


def said(lesson: Lesson) -> str:
    """A lesson in one line."""
    match lesson:
        case Assigned(column=c, sent=sent, fixed=fixed):
            what = f"{c} is set by the database" + ("" if sent else " and left to it")
            what += ", one value in every row" if fixed else ""
        case Reset(columns=columns):
            what = (
                f"{', '.join(columns)}: set once the rows are in, for a trigger sets them when rows are inserted only"
            )
        case Derived(column=c, formula=f):
            what = f"{c} = {f}"
        case Folded(column=c, function="ascii"):
            what = f"{c} takes plain letters only"
        case Folded(column=c, function=f):
            what = f"{c} is stored as {f}({c})"
        case Counted(column=c, start=start, step=step):
            what = f"{c} is numbered by the database from {start}" + (f" by {step}" if step != 1 else "")
        case Narrowed(text=text, key=key):
            shown = text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
            what = f"only rows with {shown}" + (f" in the parent by {key}" if key else "")
        case Limited(key=key, most=most):
            what = f"at most {most} rows for each parent by {key}"
        case Climbing(column=c, falling=falling, strict=strict):
            what = f"{c} {'always' if strict else 'never'} goes {'down' if falling == strict else 'up'} from row to row"
        case Merged(key=key):
            what = f"rows are made by a trigger and set afterwards, found by ({', '.join(key)})"
        case Withheld():
            what = "no rows of its own"
        case Formed(column=c, values=values):
            what = f"{c} takes texts such as {', '.join(repr(v) for v in values[:3])}"
        case Fed(source=source, rows=rows, added=added):
            what = f"{added} rows appear by themselves for {rows} rows of {source}"
        case Touched(source=source):
            what = f"rows change by themselves when {source} gets rows"
        case Behind(before=before):
            what = f"loaded behind {', '.join(before)}"
        case Refused(message=message):
            what = f"refused: {message}"
    return f"{lesson.table}: {what}" + (f" ({lesson.why})" if lesson.why else "")
