"""Guesses why rows are refused, most likely first: what the trigger's text says, how many a parent takes, what the
refused rows have in common."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from understudy import rules
from understudy.model.lesson import Climbing, Lesson, Limited, Narrowed
from understudy.model.schema import Entity, Schema
from understudy.ports.tryout import Refusal
from understudy.rehearsal.climbing import climbing
from understudy.rehearsal.effects import Texts, fires
from understudy.rehearsal.reading import conditions
from understudy.rehearsal.reasons import Feature, limit, separators

MOST = 12
"""Guesses of one kind that are worth a round each."""


def hypotheses(
    schema: Schema,
    entity: Entity,
    texts: Texts,
    refusal: Refusal,
    refused: Sequence[int],
    verdicts: Sequence[Refusal | None],
    features: Sequence[Feature],
    parents: Mapping[str, Sequence[int]],
    dialect: str,
    found_by_trying: Iterable[tuple[str, tuple[str, ...]]] = (),
) -> Iterator[Lesson]:
    """Lessons that would explain the ``refused`` positions, each to be proved by another round. ``found_by_trying``:
    rules and their columns that experiments suggest, made when what is cheaper did not help."""
    dialect = schema.dialect or dialect
    read = [c for t in entity.triggers if fires(t) for c in conditions(entity, t, dialect)]
    spoken = [text for text, words in read if _fits(words, refusal.message)]
    why = f"{len(refused)} of {len(verdicts)} rows tried were refused: {_short(refusal.words)}"
    for text in spoken:
        yield _own(schema, entity, text, f"read from its trigger; {why}", dialect)
    taken = [i for i, v in enumerate(verdicts) if v is None]
    for column, falling, strict in climbing(features, parents, refused, taken):
        yield Climbing(entity.name, why, column, falling, strict)
    for key, numbers in parents.items():
        group = set(refused)
        mine = [(p, i not in group) for i, p in enumerate(numbers) if i in group or verdicts[i] is None]
        most = limit([p for p, _ in mine], [ok for _, ok in mine])
        if most and any(k.name == key for k in entity.foreign_keys):
            yield Limited(entity.name, why, key, most)
    words = f"{refusal.words} {refusal.context} {_rule_words(entity, texts, refusal)}"
    referring = {c for k in entity.foreign_keys for c in k.columns}
    features = [f for f in features if f.key or f.column not in referring]  # which parents are taken is tried
    reasons = separators(features, taken, refused, words, dialect)[:MOST]
    named = [r for r in reasons if r.rank[0] == 0]
    for reason in (r for r in named if r.key or len(r.columns) > 1):
        yield Narrowed(entity.name, why, reason.text, reason.columns, dialect, reason.key)
    for text, columns in found_by_trying:
        yield Narrowed(entity.name, f"found by trying other values; {why}", text, columns, dialect)
    for reason in (*named, *(r for r in reasons if r.rank[0] != 0)):
        yield Narrowed(entity.name, why, reason.text, reason.columns, dialect, reason.key)
    for text, _ in read:
        if text not in spoken:
            yield _own(schema, entity, text, f"read from its trigger; {why}", dialect)


def _own(schema: Schema, entity: Entity, text: str, why: str, dialect: str) -> Narrowed:
    understood = rules.understand(text, dialect, {f.name: f.type for f in entity.fields})
    return Narrowed(entity.name, why, text, tuple(understood.columns), dialect)


def _rule_words(entity: Entity, texts: Texts, refusal: Refusal) -> str:
    """The check that was named, or the triggers, with the functions they call."""
    checks = [r.text for r in entity.checks if r.name == refusal.constraint]
    bodies = checks or [f"{t.text}\n{t.body}" for t in entity.triggers if fires(t)]
    return texts.with_functions("\n".join(bodies))


def _fits(words: str, message: str) -> bool:
    """Whether a message is the one that a RAISE's words make (up to its first placeholder)."""
    head = words.split("%", maxsplit=1)[0].strip()
    return bool(head) and head in message


def _short(text: str) -> str:
    return text if len(text) <= 120 else text[:119] + "…"
