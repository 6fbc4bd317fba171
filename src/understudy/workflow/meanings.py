"""The semantic types there are, with examples that the engine itself makes."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from understudy.errors import RequestError, UnderstudyError
from understudy.model.request import Request
from understudy.model.schema import Entity, Field, Schema
from understudy.types import Kind, Type

EXAMPLES, SHOWN = 5, 3
CLOCK = 1_767_225_600_000_000
"""2026-01-01: examples are the same every day."""

COLUMN = {
    "text": Type(Kind.TEXT), "integer": Type(Kind.INTEGER), "decimal": Type(Kind.DECIMAL, precision=14, scale=2),
    "timestamp": Type(Kind.TIMESTAMP), "date": Type(Kind.DATE), "moment": Type(Kind.TIMESTAMP), "time": Type(Kind.TIME),
    "boolean": Type(Kind.BOOLEAN), "json": Type(Kind.JSON), "uuid": Type(Kind.UUID), "year": Type(Kind.YEAR),
    "network": Type(Kind.NETWORK, variant="inet"), "small": Type(Kind.INTEGER, bits=16),
    "binary": Type(Kind.BINARY),
}  # fmt: skip
"""A column that a family of logical types may stand in."""
ORDER = (
    "text",
    "decimal",
    "integer",
    "timestamp",
    "date",
    "boolean",
    "time",
    "json",
    "uuid",
    "year",
    "network",
    "small",
    "binary",
)


class TypeNote(msgspec.Struct, frozen=True, omit_defaults=True):
    """A semantic type as people and programs read it."""

    name: str
    family: str
    about: str
    examples: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    called: tuple[str, ...] = ()
    pattern: str = ""
    check: str = ""
    agrees: tuple[str, ...] = ()
    pii: str = "none"
    sensitivity: str = ""
    can: tuple[str, ...] = ()


def families() -> dict[str, int]:
    """Families of types and how many each has."""
    from understudy.semantics import catalogue

    return {family: len(names) for family, names in catalogue.families().items()}


def failed() -> dict[str, str]:
    """Guests whose types cannot be read, and why."""
    from understudy.semantics.guests import guests

    return guests().failed


def types(family: str = "", locale: str = "en_US", examples: int = SHOWN) -> list[TypeNote]:
    """All types, or those of a family; RequestError for an unknown family or locale."""
    from understudy.semantics import catalogue

    known = catalogue.families()
    if family and family not in known:
        raise RequestError(f"no family of types is called {family!r}", mend=f"Known: {', '.join(known)}.")
    chosen = {f: names for f, names in known.items() if not family or f == family}
    made = _examples([n for names in chosen.values() for n in names], locale, examples)
    return [_note(n, f, made[n]) for f, names in chosen.items() for n in names]


def explain(name: str, locale: str = "en_US") -> TypeNote:
    """One type; RequestError where there is none of that name, with the nearest ones."""
    from understudy.semantics import catalogue

    if name not in catalogue.catalogue():
        near = catalogue.nearest(name)
        hint = f"Did you mean {' or '.join(repr(n) for n in near)}?" if near else "See `understudy types`."
        raise RequestError(f"no semantic type is called {name!r}", mend=hint)
    family = next(f for f, names in catalogue.families().items() if name in names)
    return _note(name, family, _examples([name], locale, EXAMPLES)[name])


class Guess(msgspec.Struct, frozen=True):
    """A meaning that a field may have: ``certainty`` is how often such an answer was right on labelled fields."""

    meaning: str
    certainty: float
    reason: str


def match(
    name: str,
    type: str = "",
    *,
    table: str = "",
    beside: Sequence[str] = (),
    label: str = "",
    comment: str = "",
    samples: Sequence[str | int | float | bool | None] = (),
    values: Sequence[str] = (),
    pattern: str = "",
    unique: bool = False,
    most: int = 5,
) -> tuple[Guess, ...]:
    """Ranked meanings of a field from what is known of it, surest first; () where nothing speaks for any.

    ``type``: as a database would write it (``varchar(40)``), empty where nobody says. ``beside``: names of the other
    fields. ``samples``: values; ``values``: the ones permitted. RequestError for a type that does not exist.
    """
    from understudy.semantics.matching import Clues, ranked
    from understudy.sources.database.declared import declared_type

    kind = declared_type(type, "") if type else None
    if kind is not None and kind.kind is Kind.OPAQUE:
        raise RequestError(
            f"no type is written {type!r}", mend="Write it as SQL does, such as varchar(40), or leave it out."
        )
    clues = Clues(
        name=name,
        type=kind,
        table=table,
        neighbours=tuple(beside),
        label=label,
        comment=comment,
        samples=tuple(samples),
        values=tuple(values),
        pattern=pattern,
        unique=unique,
    )
    return tuple(Guess(m.meaning, m.certainty, m.reason) for m in ranked(clues, most))


def _note(name: str, family: str, examples: tuple[str, ...]) -> TypeNote:
    from understudy.semantics import catalogue, describing
    from understudy.semantics.nouns import sensitivity

    t = catalogue.catalogue()[name]
    return TypeNote(
        name=name,
        family=family,
        about=describing.about(t),
        examples=examples,
        kinds=t.kinds,
        called=t.names[:12],
        pattern=t.pattern,
        check=t.check,
        agrees=t.agrees,
        pii=t.pii or "none",
        sensitivity=sensitivity(t),
        can=describing.can(t),
    )


def _examples(names: list[str], locale: str, count: int) -> dict[str, tuple[str, ...]]:
    """Values of each type, made by planning and the engine: a table of one column each."""
    from understudy.planning import plan
    from understudy.semantics.catalogue import catalogue

    fields = {n: Field("value", _column(catalogue()[n].kinds), nullable=False, meaning=n) for n in names}
    entities = tuple(Entity(f"example_{n}", (f,)) for n, f in fields.items())
    bundle = plan(Schema("examples", entities), Request(default_rows=count, clock=CLOCK, locale=locale))
    from understudy.kernels import Runtime

    runtime = Runtime(bundle)
    found: dict[str, tuple[str, ...]] = {}
    for n in names:
        try:
            values = runtime.batch(f"example_{n}", 0, count).column("value").to_pylist()
        except UnderstudyError as e:  # pragma: no cover  (a type that cannot be made alone says so instead)
            values = [f"({e})"]
        found[n] = tuple(dict.fromkeys(str(v) for v in values if v is not None))
    return found


def _column(kinds: tuple[str, ...]) -> Type:
    if "integer" in kinds and "decimal" not in kinds and "text" not in kinds:
        return COLUMN["integer"]
    return COLUMN[next((k for k in ORDER if k in kinds), "decimal" if "number" in kinds else "text")]
