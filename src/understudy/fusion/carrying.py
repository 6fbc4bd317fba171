"""What is asked of a reference is asked of what it refers to: ``site ~ '[A-Z]{3,6}'`` in a form about assets says what
the codes in the table of sites look like."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from understudy.fusion.feasibility import feasible
from understudy.fusion.relations import spoken
from understudy.fusion.rulings import FUSED, WORDS
from understudy.model.rule import Rule
from understudy.model.schema import Entity, Remark


def carried(entities: Sequence[Entity], dialect: str) -> tuple[list[Entity], list[Remark]]:
    """The entities with rules of other sources on references put on the texts referred to as well (numbers are counted
    by the database). One that no value there can meet is left out, and that is told."""
    found = {e.name: e for e in entities}
    remarks: list[Remark] = []
    todo = [e.name for e in entities]
    while todo:
        entity = found[todo.pop(0)]
        for rule, target, column in _asked(entity, found):
            parent = found[target]
            made = _renamed(rule, parent, column, dialect)
            if any(c.text == made.text for c in parent.checks):
                continue
            types = {f.name: f.type for f in parent.fields}
            own = [c for c in parent.checks if c.columns == (column,)]
            if feasible(column, types, [made.text], dialect, own):
                found[target] = msgspec.structs.replace(parent, checks=(*parent.checks, made))
                todo.append(target)
                continue
            kept = tuple(c for c in found[entity.name].checks if c != rule)
            found[entity.name] = msgspec.structs.replace(found[entity.name], checks=kept)
            what = f"{rule.text} is set aside: {target}.{column}, which it refers to, permits no such value"
            remarks.append(Remark(f"{entity.name}.{rule.columns[0]}", what))
    return list(found.values()), remarks


def _asked(entity: Entity, found: dict[str, Entity]) -> list[tuple[Rule, str, str]]:
    """Rules on references to texts, with the table and column that they lead to."""
    asked = []
    for key in entity.foreign_keys:
        if key.target not in found:
            continue
        for own, theirs in zip(key.columns, key.target_columns, strict=False):
            field = next((f for f in found[key.target].fields if f.name == theirs), None)
            if field is None or field.type.kind not in WORDS or (key.target, theirs) == (entity.name, own):
                continue
            asked += [
                (r, key.target, theirs) for r in entity.checks if r.columns == (own,) and r.name.startswith(FUSED)
            ]
    return asked


def _renamed(rule: Rule, parent: Entity, column: str, dialect: str) -> Rule:
    text = spoken(rule.text, {rule.columns[0]: column}, dialect, dialect)
    name = f"{FUSED}{parent.table}_{column}_as_{rule.name.removeprefix(FUSED)}"
    return msgspec.structs.replace(rule, name=name, text=text, columns=(column,))
