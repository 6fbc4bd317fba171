"""Packs from YAML: the shape first, then whether every name in it stands for something; faults with their line."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from understudy.errors import SourceError
from understudy.model.editable import from_yaml, line_of
from understudy.model.overrides import bounds
from understudy.model.pack import Pack, PackEntity, PackField

DOMAINS = Path(__file__).parent / "domains"
CALL = re.compile(r"\b(?:sum|min|max|count)\s*\(\s*(\w+)\s*\.\s*(\w+|\*)\s*\)", re.IGNORECASE)
PARENT = re.compile(r"\b([A-Za-z_]\w*)\.([A-Za-z_]\w*)\b")
SEVERITIES = ("error", "warning")
CHILDREN = ("min", "max", "mean", "skew")
Step = str | int
Fault = tuple[tuple[Step, ...], str, str]


def names() -> tuple[str, ...]:
    """The built-in packs."""
    return tuple(sorted(p.stem for p in DOMAINS.glob("*.yaml")))


@cache
def builtin(name: str) -> Pack:
    """A built-in pack; SourceError with the nearest name where there is none of that name."""
    if name not in names():
        near = difflib.get_close_matches(name, names(), 1)
        mend = f"Did you mean pack:{near[0]}?" if near else f"There are {', '.join(names())}; see `understudy packs`."
        raise SourceError(f"there is no domain pack {name!r}", where=f"pack:{name}", mend=mend)
    return load(DOMAINS / f"{name}.yaml")


def load(path: Path) -> Pack:
    """A pack from a file."""
    try:
        text = path.read_bytes()
    except OSError as e:
        raise SourceError(f"cannot be read: {e.strerror or e}", where=str(path), mend="Name another file.") from e
    return parse(text, str(path))


def parse(text: str | bytes, where: str) -> Pack:
    """A pack from YAML text; SourceError with the line of the first fault."""
    pack = from_yaml(text, Pack, where=where)
    fault = next(faults(pack), None)
    if fault is not None:
        steps, what, mend = fault
        raise SourceError(what, where=where + line_of(text, steps), mend=mend)
    return pack


def faults(pack: Pack) -> Iterator[Fault]:
    """Each thing in a pack that stands for nothing: where (as steps), what, how to mend it."""
    for name, entity in pack.entities.items():
        place: tuple[Step, ...] = ("entities", name)
        if not entity.fields:
            yield (*place, "fields"), f"{name} has no fields", "Add one."
        for field, said in entity.fields.items():
            yield from _field(pack, name, entity, field, said, (*place, "fields", field))
        yield from _entity(name, entity, place)
    for name, entity in pack.entities.items():
        for field, said in entity.fields.items():
            yield from _formula(pack, name, entity, said, ("entities", name, "fields", field, "derive"))
    for flow, workflow in pack.workflows.items():
        place = ("workflows", flow)
        known = pack.entities.get(workflow.entity)
        if known is None:
            yield (*place, "entity"), f"no entity {workflow.entity!r}", _near(workflow.entity, pack.entities)
        elif workflow.field not in known.fields:
            yield (
                (*place, "field"),
                f"{workflow.entity} has no field {workflow.field!r}",
                _near(workflow.field, known.fields),
            )
        for number, move in enumerate(workflow.moves):
            if not 0.0 <= move.share <= 1.0:
                yield (*place, "moves", number), f"{move.share} is no share", "Write a number between 0 and 1."


def _field(
    pack: Pack, name: str, entity: PackEntity, field: str, said: PackField, place: tuple[Step, ...]
) -> Iterator[Fault]:
    if isinstance(said.values, str) and said.values not in pack.value_sets:
        yield (*place, "values"), f"no value set {said.values!r}", _near(said.values, pack.value_sets)
    for word, text in (("range", said.range), ("length", said.length)):
        if text:
            try:
                bounds(text)
            except ValueError:
                yield (*place, word), f"{text!r} is no {word}", "Write 1..5, 0.. or ..40."
    if said.pattern:
        try:
            re.compile(re.sub(r"\\p\{\w+\}", r"\\w", said.pattern))
        except re.error as e:
            yield (*place, "pattern"), f"{said.pattern!r} is no pattern: {e}", "Mend it."
    if said.refers:
        parent, _, key = said.refers.partition(".")
        if parent not in pack.entities:
            yield (*place, "refers"), f"no entity {parent!r}", _near(parent, pack.entities)
        elif key not in pack.entities[parent].fields:
            yield (*place, "refers"), f"{parent} has no field {key!r}", _near(key, pack.entities[parent].fields)
    if said.holds and said.holds not in pack.entities:
        yield (*place, "holds"), f"no entity {said.holds!r}", _near(said.holds, pack.entities)
    for word in said.children:
        if word not in CHILDREN:
            yield (*place, "children", word), f"{word!r} says nothing of children", f"Known: {', '.join(CHILDREN)}."
    if said.nulls is not None and not 0.0 <= said.nulls <= 1.0:
        yield (*place, "nulls"), f"{said.nulls} is no share", "Write a number between 0 and 1."


def _formula(pack: Pack, name: str, entity: PackEntity, said: PackField, place: tuple[Step, ...]) -> Iterator[Fault]:
    rest = said.derive
    for child, column in CALL.findall(said.derive):
        below = pack.entities.get(child)
        if below is None:
            yield place, f"derive names {child!r}, which is no entity", _near(child, pack.entities)
        elif column != "*" and column not in below.fields:
            yield place, f"{child} has no field {column!r}", _near(column, below.fields)
        elif not any(f.refers.startswith(f"{name}.") for f in below.fields.values()):
            yield place, f"{child} does not refer to {name}", "Derive from an entity that refers to this one."
    rest = CALL.sub("", rest)
    parents = {f.refers.partition(".")[0] for f in entity.fields.values() if f.refers}
    for parent, column in PARENT.findall(rest):
        if parent not in parents:
            yield place, f"derive reads {parent!r}, to which {name} does not refer", _near(parent, parents)
        elif column not in pack.entities[parent].fields:
            yield place, f"{parent} has no field {column!r}", _near(column, pack.entities[parent].fields)


def _entity(name: str, entity: PackEntity, place: tuple[Step, ...]) -> Iterator[Fault]:
    columns = [f for f, said in entity.fields.items() if not said.holds]
    for number, rule in enumerate(entity.rules):
        at = (*place, "rules", number)
        if rule.severity not in SEVERITIES:
            yield (*at, "severity"), f"{rule.severity!r} is no severity", f"One of {', '.join(SEVERITIES)}."
        unread = _unread(rule.text, columns)
        if unread is not None:
            yield (
                (*at, "text"),
                f"rule {rule.name}: {unread}",
                "Write a condition over this entity's fields, as SQL does.",
            )
    for number, case in enumerate(entity.edge_cases):
        for field in case.values:
            if field not in entity.fields:
                yield (
                    (*place, "edge_cases", number, "values", field),
                    f"{name} has no field {field!r}",
                    _near(field, entity.fields),
                )
    for number, group in enumerate(entity.unique_together):
        for field in group:
            if field not in columns:
                yield (*place, "unique_together", number), f"{name} has no field {field!r}", _near(field, columns)


def _unread(text: str, columns: list[str]) -> str | None:
    """What is wrong with a rule's text, None where it can be read."""
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    try:
        tree = sqlglot.parse_one(text, dialect="postgres")
    except SqlglotError as e:
        return f"{text!r} cannot be read ({str(e).splitlines()[0][:80]})"
    missing = [c.name for c in tree.find_all(exp.Column) if c.name not in columns]
    return f"it speaks of {missing[0]!r}, which is no field" if missing else None


def _near(name: str, known: Iterable[str]) -> str:
    there = list(known)
    found = difflib.get_close_matches(name, there, 1)
    return f"Did you mean {found[0]!r}?" if found else f"Known: {', '.join(there[:12]) or 'none'}."
