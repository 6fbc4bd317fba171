"""Nouns as YAML that a person reads and edits, and back; faults with their lines."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import msgspec.inspect
import yaml

from understudy.errors import SourceError
from understudy.model.schema import Schema
from understudy.model.soundness import faults

T = TypeVar("T")


class _Dumper(yaml.CSafeDumper):
    """Block style, no aliases, long texts folded by nobody."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def to_yaml(noun: msgspec.Struct) -> str:
    """A noun as YAML text that a person can edit."""
    return yaml.dump(msgspec.to_builtins(noun), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)


def from_yaml(text: str | bytes, kind: type[T], *, where: str = "") -> T:
    """A noun from YAML text (a safe subset: no tags, no code); SourceError with the line of the first fault. A member
    that the noun does not have is a fault too: it would be a wish that nobody hears."""
    try:
        raw = yaml.load(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as e:
        mark = getattr(e, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark is not None else ""
        what = getattr(e, "problem", None) or str(e)
        raise SourceError(f"not valid YAML: {what}", where=where + line, mend="Mend that line.") from e
    try:
        noun = msgspec.convert(raw, type=kind)
    except msgspec.MsgspecError as e:
        what, _, path = str(e).partition(" - at `$")
        steps = _steps(path.rstrip("`"))
        wrong = (
            next(_unknown(raw, kind), None) if "missing required" in what else None
        )  # a slip rather than an omission
        if wrong is None:
            line = line_of(text, steps)
            raise SourceError(
                f"not a valid {kind.__name__.lower()}: {what}", where=f"{where}{line}", mend="Mend what stands there."
            ) from e
    else:
        wrong = next(_unknown(raw, kind), None)
    if wrong is None:
        return noun
    place, name, known = wrong
    near = difflib.get_close_matches(name, known, 1)
    mend = f"Did you mean {near[0]!r}?" if near else f"Known here: {', '.join(known)}."
    raise SourceError(f"unknown member {name!r}", where=where + line_of(text, (*place, name)), mend=mend)


Step = str | int


def _unknown(raw: Any, kind: Any, path: tuple[Step, ...] = ()) -> Iterator[tuple[tuple[Step, ...], str, list[str]]]:
    """Members of ``raw`` that the type does not have: their path, name and what is known there."""
    form = msgspec.inspect.type_info(kind) if isinstance(kind, type) else kind
    match form:
        case msgspec.inspect.StructType(fields=fields) if isinstance(raw, dict):
            known = {f.encode_name: f.type for f in fields}
            tags = {form.tag_field} if form.tag_field else set()
            for name, value in raw.items():
                if name in known:
                    yield from _unknown(value, known[name], (*path, name))
                elif name not in tags:
                    yield path, str(name), list(known)
        case msgspec.inspect.UnionType(types=types):
            tagged = [t for t in types if isinstance(t, msgspec.inspect.StructType)]
            if len(tagged) > 1 and isinstance(raw, dict):
                tagged = [t for t in tagged if t.tag_field and raw.get(t.tag_field) == t.tag]
            others = [t for t in types if not isinstance(t, msgspec.inspect.StructType)]
            for t in (tagged if isinstance(raw, dict) and tagged else others)[:1]:
                yield from _unknown(raw, t, path)
        case msgspec.inspect.DictType(value_type=inner) if isinstance(raw, dict):
            for name, value in raw.items():
                yield from _unknown(value, inner, (*path, name))
        case msgspec.inspect.VarTupleType(item_type=inner) | msgspec.inspect.ListType(item_type=inner) if isinstance(
            raw, list
        ):
            for i, value in enumerate(raw):
                yield from _unknown(value, inner, (*path, i))


def _steps(path: str) -> tuple[Step, ...]:
    """``.entities[0].name`` as steps; ends where a step is none (``[...]``)."""
    steps: list[Step] = []
    for name, number in re.findall(r"\.([^.\[]+)|\[(\d+|\.\.\.)\]", path):
        if number == "...":
            break
        steps.append(int(number) if number else name)
    return tuple(steps)


def line_of(text: str | bytes, steps: tuple[Step, ...]) -> str:
    """Where the steps lead to in a YAML text, as ``, line 12``; as far as they can be followed."""
    node = yaml.compose(text, Loader=yaml.CSafeLoader)
    line = node.start_mark.line if node is not None else 0
    for step in steps:
        match node:
            case yaml.MappingNode():
                found = next(((k, v) for k, v in node.value if k.value == step), None)
                if found is None:
                    break
                line, node = found[0].start_mark.line, found[1]
            case yaml.SequenceNode() if isinstance(step, int) and step < len(node.value):
                node = node.value[step]
                line = node.start_mark.line
            case _:
                break
    return f", line {line + 1}"


def save_schema(schema: Schema, path: Path) -> None:
    """Write a schema as YAML."""
    path.write_text(to_yaml(schema), encoding="utf-8")


def load_schema(path: Path) -> Schema:
    """Read a schema from YAML; SourceError for what is no schema, and for names in it that stand for nothing."""
    schema = from_yaml(path.read_bytes(), Schema, where=str(path))
    fault = next(faults(schema), None)
    if fault is not None:
        raise SourceError(fault, where=str(path), mend="Mend the name, or take the key out.")
    return schema
