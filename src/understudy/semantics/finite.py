"""Finite sets of values: labels, booleans, bit sets. Weighted as life weighs them, every value in reach."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from understudy.model.expression import Call, Case, Chance, Choice, Const, Node, Pool, Take, When
from understudy.model.schema import Field
from understudy.semantics import usual, wishes
from understudy.semantics.codes import code_of
from understudy.semantics.loom import Loom
from understudy.semantics.nouns import Coded, Want
from understudy.semantics.words import tokens
from understudy.types import Kind

FLOOR = 0.02
"""The least share of a label (as long as there are fewer than thirty)."""

USUAL = {
    "active": 6,
    "enabled": 6,
    "published": 5,
    "completed": 5,
    "complete": 5,
    "delivered": 5,
    "paid": 5,
    "shipped": 4,
    "approved": 4,
    "open": 4,
    "closed": 4,
    "done": 4,
    "success": 6,
    "succeeded": 6,
    "confirmed": 4,
    "sent": 4,
    "finished": 4,
    "resolved": 3,
    "available": 4,
    "normal": 5,
    "medium": 4,
    "standard": 4,
    "regular": 4,
    "user": 5,
    "member": 5,
    "customer": 5,
    "public": 4,
    "info": 5,
    "info.": 5,
    "yes": 3,
    "none": 3,
    "pending": 2,
    "new": 2,
    "processing": 2,
    "in progress": 2,
    "in_progress": 2,
    "draft": 1.5,
    "running": 1.5,
    "queued": 1,
    "low": 2,
    "high": 1.5,
    "urgent": 0.6,
    "critical": 0.5,
    "cancelled": 0.8,
    "canceled": 0.8,
    "failed": 0.6,
    "error": 0.6,
    "refunded": 0.5,
    "rejected": 0.6,
    "returned": 0.6,
    "expired": 0.6,
    "deleted": 0.5,
    "blocked": 0.4,
    "suspended": 0.4,
    "banned": 0.3,
    "disputed": 0.3,
    "inactive": 1,
    "disabled": 0.8,
    "archived": 1,
    "admin": 0.6,
    "owner": 0.8,
    "unknown": 0.4,
    "other": 0.6,
    "void": 0.3,
    "warn": 1,
    "warning": 1,
    "fatal": 0.3,
    "debug": 2,
}
"""How usual some words are among the values of a status, role or level."""

TRUE_SHARES = {
    "active": 0.86,
    "enabled": 0.85,
    "verified": 0.75,
    "confirmed": 0.8,
    "published": 0.75,
    "visible": 0.85,
    "available": 0.85,
    "approved": 0.8,
    "paid": 0.7,
    "public": 0.65,
    "open": 0.5,
    "in": 0.6,
    "completed": 0.6,
    "deleted": 0.12,
    "archived": 0.14,
    "disabled": 0.14,
    "blocked": 0.12,
    "banned": 0.12,
    "locked": 0.14,
    "admin": 0.12,
    "hidden": 0.14,
    "private": 0.3,
    "default": 0.2,
    "primary": 0.3,
    "featured": 0.18,
    "discontinued": 0.14,
    "cancelled": 0.14,
    "canceled": 0.14,
    "expired": 0.2,
    "failed": 0.14,
    "required": 0.4,
    "superuser": 0.12,
    "staff": 0.15,
    "spam": 0.12,
    "test": 0.12,
    "system": 0.15,
    "subscribed": 0.6,
    "read": 0.6,
    "sent": 0.8,
    "newsletter": 0.4,
    "deceased": 0.12,
    "urgent": 0.15,
    "success": 0.85,
    "valid": 0.85,
    "current": 0.7,
}
"""Share of true by a word in the name; never so near 0 or 1 that a few dozen rows are all alike."""


def weights(labels: tuple[str, ...]) -> tuple[float, ...]:
    """Relative weights of labels: by how usual the word is, falling slowly, none below the floor."""
    raw = [USUAL.get(label.strip().lower(), 2.0) / (1 + 0.35 * i) ** 0.5 for i, label in enumerate(labels)]
    total = sum(raw)
    floor = min(FLOOR, 0.6 / len(labels)) if labels else 0
    return tuple(round(max(w / total, floor * 1.6), 4) for w in raw)


def chosen(loom: Loom, want: Want, labels: tuple[str, ...], use: str) -> Node:
    """A label per row (weighted), from an artefact named by the column."""
    if len(labels) == 1:
        return Const(labels[0])
    shares = wishes.weights(want, len(labels)) or usual.weighted(want.field, labels, weights(labels))
    return Pool(_kept(loom, want, labels), Choice(use, shares))


def _kept(loom: Loom, want: Want, labels: tuple[str, ...]) -> str:
    return loom.keep(f"values:{loom.entity.name}.{want.field.name}:{digest(labels)}", labels)


def digest(values: Iterable[object]) -> str:
    """A short content hash: the same column may have other values under another rule."""
    return hashlib.blake2b("\0".join(str(v) for v in values).encode(), digest_size=6).hexdigest()


def finite_text(loom: Loom, want: Want, labels: tuple[str, ...], use: str) -> tuple[Node, Coded]:
    """A draw from labels, and the injective way through them."""
    coded = Coded(len(labels), Pool(_kept(loom, want, labels), code_of(want)))
    return chosen(loom, want, labels, use), coded


def finite_numbers(loom: Loom, want: Want, values: tuple[int | float, ...], use: str) -> tuple[Node, Coded]:
    """A draw from numbers, and the injective way through them (floats as cases, whole numbers as an array)."""
    falling = tuple(round(1 / (1 + 0.3 * i), 3) for i in range(len(values)))
    falling = wishes.weights(want, len(values)) or usual.weighted(want.field, values, falling)
    pick = Choice(use, falling) if len(values) > 1 else Const(0)
    if all(isinstance(v, int) for v in values):
        name = f"values:{loom.entity.name}.{want.field.name}:{digest(values)}"
        loom.keep_numbers(name, [int(v) for v in values])
        return Take(name, pick), Coded(len(values), Take(name, code_of(want)))
    return _switch(pick, values), Coded(len(values), _switch(code_of(want), values))


def _switch(index: Node, values: tuple[int | float, ...]) -> Node:
    branches = tuple(When(Call("=", (index, Const(i))), Const(float(v))) for i, v in enumerate(values[:-1]))
    return Case(branches, Const(float(values[-1]))) if branches else Const(float(values[-1]))


def boolean(want: Want, use: str) -> tuple[Node, Coded]:
    """True with the share that the name suggests; both truth values if the column must be distinct."""
    values = want.domain.values
    if values is not None and len(values) == 1:
        return Const(bool(values[0])), Coded(1, Const(bool(values[0])))
    return Chance(use, true_share(want.field)), Coded(2, Call("=", (code_of(want), Const(1))))


def true_share(field: Field) -> float:
    """How often a flag is true, as its name or its default suggests."""
    words = tokens(field.name)
    if words[0] in ("no", "not", "non", "disable", "hide", "skip", "without"):
        return 0.2
    told = next((TRUE_SHARES[w] for w in reversed(words) if w in TRUE_SHARES), None)
    return told if told is not None else usual.share_of_true(field) or 0.45


def flag_number(want: Want, use: str) -> Node:
    """A flag kept as 0 or 1."""
    chance, _ = boolean(want, use)
    return Case((When(chance, Const(1)),), Const(0))


LISTED_LABELS = 16
"""Labels up to which all subsets are listed where they must be distinct (65,535 texts)."""


def _subset(labels: tuple[str, ...], pick: int) -> str:
    return ",".join(label for i, label in enumerate(labels) if pick >> i & 1)


def sets(loom: Loom, want: Want, use: str) -> tuple[Node, Coded]:
    """Subsets of a SET's labels, as ``a,b``: one to three labels, in order."""
    labels = want.field.type.labels
    one = list(labels)
    two = [f"{a},{b}" for i, a in enumerate(labels) for b in labels[i + 1 :]][:200]
    three = [
        f"{a},{b},{c}"
        for i, a in enumerate(labels)
        for j, b in enumerate(labels[i + 1 :], i + 1)
        for c in labels[j + 1 :]
    ]
    members = tuple(one + two + three[:200])
    if want.unique and len(members) < loom.rows and len(labels) <= LISTED_LABELS:
        members = tuple(_subset(labels, pick) for pick in range(1, 1 << len(labels)))
    if want.domain.values is not None:
        members = tuple(str(v) for v in want.domain.values)
    return finite_text(loom, want, members, use)


def allowed(want: Want) -> tuple[int | float | str | bool, ...] | None:
    """The finite values that type, field and domain leave, None where they are not finite."""
    found: tuple[int | float | str | bool, ...] | None = want.domain.values
    if found is None and want.field.values:
        found = want.field.values
    if want.field.type.kind is Kind.ENUM:
        found = want.field.type.labels if found is None else tuple(v for v in found if v in want.field.type.labels)
    if found is None:
        return None
    return tuple(v for v in found if v not in want.domain.refused)
