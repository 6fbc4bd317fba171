"""Flows: how business objects move, and what test cases show of it (a later issue draws journeys from them)."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from understudy.model.expression import Node


class Transition(msgspec.Struct, frozen=True, omit_defaults=True):
    """From one state to the next: taken with ``probability`` among those whose ``guard`` holds."""

    start: str
    end: str
    probability: float = 1.0
    guard: Node | None = None
    label: str = ""


class Need(msgspec.Struct, frozen=True):
    """A value that one state brings and a later one needs: ``brought``, ``needed`` are ``entity.field``."""

    start: str
    brought: str
    end: str
    needed: str


class Flow(msgspec.Struct, frozen=True, omit_defaults=True):
    """A graph of states over an entity. ``kind``: linear, conditional, probabilistic, parallel or loop.

    What test cases show is linear: ``given users``, ``visit /login``, ``fill users``, ``press Log in``, ``expect``.
    ``touches``: state → the fields (``entity.field``) that are given, filled in or looked at there; ``needs``: which
    values go from state to state; ``refused``: the cases show something being refused at the end. ``places``: where
    it is told (the first of ``seen``); ``confidence``: 0..1, None where nobody but a person says it."""

    name: str
    entity: str
    states: tuple[str, ...]
    transitions: tuple[Transition, ...] = ()
    initial: str = ""
    kind: str = "linear"
    field: str = ""
    touches: dict[str, tuple[str, ...]] = {}
    needs: tuple[Need, ...] = ()
    refused: bool = False
    places: tuple[str, ...] = ()
    seen: int = 0
    confidence: float | None = None


class StepKind(StrEnum):
    """What a step of a test case does."""

    GIVEN = "given"
    VISIT = "visit"
    FILL = "fill"
    CHOOSE = "choose"
    TICK = "tick"
    UPLOAD = "upload"
    PRESS = "press"
    REQUEST = "request"
    EXPECT = "expect"
    DO = "do"


class Step(msgspec.Struct, frozen=True, omit_defaults=True):
    """One step of a test case. ``text``: the source's own words. ``target``: what is acted on, as the source finds it
    (a locator, an address, a label). ``entity``, ``field``: what it touches, in the source's own names, "" where it
    touches nothing that is kept. ``values``: what is typed, chosen, seen or sent, as text; a table of data has a
    step per column. ``invalid``: the values are wrong on purpose. ``denied``: an EXPECT that something is not so.
    ``uses``: numbers of earlier steps of the same fragment whose values this one needs. ``place``: line or cell."""

    kind: StepKind
    text: str
    target: str = ""
    entity: str = ""
    field: str = ""
    values: tuple[str, ...] = ()
    invalid: bool = False
    denied: bool = False
    uses: tuple[int, ...] = ()
    place: str = ""


class Fragment(msgspec.Struct, frozen=True, omit_defaults=True):
    """Part of a flow as one test case shows it: steps in order. ``name``: of the case; ``source``, ``place``: where it
    stands. ``tags``: as the source marks it. ``negative``: the case shows something being refused.
    ``examples``: data for parameters ``<name>`` in the steps: header, then rows. Preconditions are the GIVEN steps,
    expected outcomes the EXPECT ones."""

    name: str
    source: str
    steps: tuple[Step, ...]
    place: str = ""
    tags: tuple[str, ...] = ()
    negative: bool = False
    examples: tuple[tuple[str, ...], ...] = ()
