"""Tables where no database says what there is: made of what the other sources describe.

A specification's schemas, a file's columns, a form's fields found a table; several mentions of one thing (``Owner``,
``NewOwner``, ``OwnerFields``) found one. Test cases, packs and models found tables only where nobody else speaks, and
what only carries things (envelopes, pages of lists, errors) never does.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import msgspec

from understudy.fusion.mentions import Mention, Profile
from understudy.fusion.names import core, field_likeness, words
from understudy.fusion.tables import Reference, Table
from understudy.fusion.technical import action, again, envelope, technical
from understudy.model.evidence import Claim
from understudy.model.origin import SourceKind
from understudy.model.schema import ForeignKey, Unique
from understudy.types import Kind

RANKS = (
    (SourceKind.API, SourceKind.FILE),
    (SourceKind.UI,),
    (SourceKind.PACK,),
    (SourceKind.CASE,),
    (SourceKind.FLOW,),
    (SourceKind.LLM,),
)
"""Who founds tables, in order; the third and later only where none before did."""
ALONE = 2
"""From this place in the order on a kind of source founds only where no other did."""
ALIKE = 0.93


class Founded(msgspec.Struct):
    """A table in the making: its name, and per column the fields that are it, as (part, entity, field)."""

    name: str
    columns: dict[str, list[tuple[int, str, str]]] = {}
    mentions: list[Mention] = []

    def column_of(self, entity: str, field: str, taken: Collection[str] = ()) -> str | None:
        """The column that a field already is, other than those ``taken`` by fields beside it."""
        if field in self.columns:
            return field
        if len(taken) == len(self.columns):
            return None
        best = max(self.columns, key=lambda c: field_likeness(self.name, c, entity, field), default=None)
        return best if best is not None and field_likeness(self.name, best, entity, field) >= ALIKE else None

    def add(self, mention: Mention) -> None:
        """One more mention of it."""
        self.mentions.append(mention)
        taken: set[str] = set()
        for field in mention.fields:
            if technical(field) or again(field, mention.fields):
                continue
            if mention.kind is SourceKind.UI and action(field):
                continue
            column = self.column_of(mention.entity, field, taken)
            if column is None or column in taken:
                column = field
            taken.add(column)
            self.columns.setdefault(column, []).append((mention.part, mention.entity, field))

    def became(self, mention: Mention) -> dict[str, str]:
        """Per field of a mention of it the column that the field became."""
        mine = mention.key
        return {f: c for c, fields in reversed(self.columns.items()) for part, e, f in fields if (part, e) == mine}

    def extend(self, mention: Mention, matched: Mapping[tuple[int, str, str], str]) -> None:
        """A mention of another source, placed here: what it describes beyond the columns becomes columns, too.
        ``matched``: its fields that are found already, with their column ("" for those that are none)."""
        self.mentions.append(mention)
        for field in mention.fields:
            column = matched.get((*mention.key, field))
            if column == "" or (mention.kind is SourceKind.UI and action(field)):
                continue
            self.columns.setdefault(column or field, []).append((*mention.key, field))


def found(mentions: Sequence[Mention]) -> tuple[list[Founded], dict[tuple[int, str], str]]:
    """The tables that mentions of one rank found, and why others found none."""
    made: dict[tuple[str, ...], Founded] = {}
    refused: dict[tuple[int, str], str] = {}
    grouped: dict[tuple[str, ...], list[Mention]] = {}
    for mention in mentions:
        reason = carries_others(mention)
        if reason:
            refused[mention.key] = reason
        else:
            grouped.setdefault(core(mention.entity), []).append(mention)
    for about, group in grouped.items():
        chief = min(group, key=lambda m: (len(words(m.entity)) - (len(m.fields) > 0), -len(m.fields), len(m.entity)))
        table = Founded(chief.entity, {}, [])
        for mention in (chief, *(m for m in group if m is not chief)):
            table.add(mention)
        if table.columns:
            made[about] = table
        else:
            refused |= {m.key: "nothing is known of its fields" for m in group}
    return list(made.values()), refused


def carries_others(mention: Mention) -> str:
    """Why a mention is no entity but only carries others, "" where it may be one."""
    if mention.stored or mention.kind is not SourceKind.API:
        return ""
    collections = sum(_holds(p) for p in mention.profiles.values())
    reason = envelope(mention.entity, tuple(mention.fields), collections)
    return reason or ("it only wraps another" if _wraps(mention) else "")


def _holds(profile: Profile) -> bool:
    return profile.type is not None and profile.type.kind is Kind.ARRAY


def _wraps(mention: Mention) -> bool:
    """Whether its only field is another entity."""
    held = [p for p in mention.profiles.values() if p.target or (p.type is not None and p.type.kind is Kind.STRUCT)]
    return len(mention.profiles) <= 2 and len(held) == len(mention.profiles) > 0


def as_table(made: Founded) -> Table:
    """The table as alignment sees it."""
    profiles: dict[str, Profile] = {}
    references: list[Reference] = []
    for column, fields in made.columns.items():
        best: Profile | None = None
        for part, entity, field in fields:
            mention = next(m for m in made.mentions if m.key == (part, entity))
            found_profile = mention.profiles[field]
            best = found_profile if best is None or (best.type is None and found_profile.type is not None) else best
        assert best is not None
        profiles[column] = msgspec.structs.replace(best, name=column)
        if best.target:
            references.append(Reference((column,), best.target, ()))
    return Table(made.name, profiles, tuple(references), key_of(made))


def key_of(made: Founded) -> tuple[str, ...]:
    """The columns of its primary key: declared so, or named so."""
    for mention in made.mentions:
        for claim in _claims(mention):
            if isinstance(claim.value, Unique) and claim.value.primary:
                became = made.became(mention)
                columns = tuple(became.get(c) for c in claim.value.columns)
                if all(columns):
                    return tuple(c for c in columns if c)
    about = core(made.name)
    scalar = [c for c in made.columns if words(c)[-1:] in (("id",), ("uuid",), ("guid",))]
    for column in scalar:
        if words(column) in ((words(column)[-1],), (*about, words(column)[-1])) or words(column)[:-1] == about[-1:]:
            return (column,)
    return ()


def _claims(mention: Mention) -> list[Claim]:
    return [*mention.claims, *(c for claims in mention.fields.values() for c in claims)]


def references_of(mention: Mention) -> list[ForeignKey]:
    """The references that a mention claims, in its source's names."""
    return [c.value for c in _claims(mention) if isinstance(c.value, ForeignKey)]
