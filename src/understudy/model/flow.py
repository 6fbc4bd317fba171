"""Flows: how business objects move (shape only; a later issue gives them life)."""

from __future__ import annotations

import msgspec

from understudy.model.expression import Node


class Transition(msgspec.Struct, frozen=True, omit_defaults=True):
    """From one state to the next: taken with ``probability`` among those whose ``guard`` holds."""

    start: str
    end: str
    probability: float = 1.0
    guard: Node | None = None
    label: str = ""


class Flow(msgspec.Struct, frozen=True, omit_defaults=True):
    """A graph of states over an entity. ``kind``: linear, conditional, probabilistic, parallel or loop."""

    name: str
    entity: str
    states: tuple[str, ...]
    transitions: tuple[Transition, ...] = ()
    initial: str = ""
    kind: str = "linear"
    field: str = ""
