"""Which columns need a value, which are free, and what values each may take."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from understudy import rules
from understudy.model.domain import Domain, stricter
from understudy.model.expression import Call, Cast, Column, Const
from understudy.planning.layout.capacity import capacity
from understudy.planning.layout.exclusions import windows_of
from understudy.planning.layout.keys import Key
from understudy.planning.layout.seen import inputs_of_ties
from understudy.planning.layout.ties import Tie, owners
from understudy.planning.solving.rulebook import Rulebook
from understudy.planning.table_draft import TableDraft
from understudy.rules.patterns import intersection
from understudy.types import Kind


def required_columns(here: TableDraft, keys: list[Key]) -> frozenset[str]:
    """Columns that are never null: by declaration, by a strict key, because children refer to them."""
    required = {f.name for f in here.entity.fields if not f.nullable}
    referring = {c for k in here.entity.foreign_keys for c in k.columns}
    for field in (f for f in here.entity.fields if f.generated and f.name in referring):
        inputs = here.reads(field.generated)
        required |= {field.name} if inputs and inputs <= required else set()
    for key in keys:
        if key.strict and not key.unique.predicate and not _apart_anyhow(here, key):
            required |= key.columns
    return frozenset(required) | here.around.referenced


def _apart_anyhow(here: TableDraft, key: Key) -> bool:
    """Whether a column that is never null has room to keep the key's rows apart, so that expressions may hide nulls of
    the others (``coalesce(tenant, '')``)."""
    if key.unique.primary or not key.unique.nulls_distinct or not any(p.text for p in key.unique.parts):
        return False
    referring = {c for k in here.entity.foreign_keys for c in k.columns}
    plain = [here.entity.field(c) for c in key.columns - referring if c in here.types and not c.startswith("$")]
    need = 8 * (here.wanted.rows + here.held_rows)
    return any(
        not f.nullable and f.type.kind in (Kind.TEXT, Kind.UUID) and not f.values and capacity(f.type, Domain()) >= need
        for f in plain
    )


def free_columns(here: TableDraft, ties: tuple[Tie, ...]) -> tuple[str, ...]:
    """Columns that neither a parent, the database nor a formula settles."""
    gone = {*owners(ties), *(b.column for b in here.around.backward)} - {c for t in ties for c in t.firm}
    gone |= set(here.parts.looks) | set(inputs_of_ties(here, ties))
    gone |= {c for w in windows_of(here.excluded) for c in w.columns}
    return tuple(f.name for f in here.entity.fields if f.name not in gone and not f.generated and not f.derive)


def column_domains(here: TableDraft, book: Rulebook, required: frozenset[str]) -> dict[str, Domain]:
    """Per column what rules, listed values, readers and earlier attempts permit; what is empty is noted."""
    domains = dict(book.domains)
    asked = _contents(here)
    for name, cut in _cut(book):
        domains[name] = domains.get(name, Domain()).intersect(cut)
    for field in here.entity.fields:
        domain = domains.get(field.name, Domain())
        if field.values:
            domain = domain.intersect(Domain(values=tuple(field.values)))
        if field.name in here.ceilings:
            domain = domain.intersect(here.ceilings[field.name])
        if field.name in asked:
            domain = domain.intersect(Domain(content=asked[field.name]))
        if field.type.fixed and field.type.length and domain.patterns:
            domain = _filled(domain, field.type.length)
        if field.name in required:
            domain = msgspec.structs.replace(domain, required=True)
        if domain.empty and not book.barren and here.wanted.rows:
            here.draft.unmet.append(
                f"{here.entity.name}.{field.name}: its checks leave no value, and null is forbidden"
            )
        if domain.hollow and not domain.empty and field.name not in required and not _says_null(book, field.name):
            here.draft.warnings.append(f"{here.entity.name}.{field.name}: its checks permit no value but null")
        domains[field.name] = domain
    return domains


CUT = 400
"""Values that a piece of a text may have, to be written into its pattern one by one."""


def _cut(book: Rulebook) -> Iterator[tuple[str, Domain]]:
    """Texts of which a piece, read as a number or a word, is another column: the piece is what that column may be."""
    branches = [c.branches[0] for c in book.components if len(c.branches) == 1]
    for made in (d for b in branches for d in b.definitions):
        piece = made.node.value if isinstance(made.node, Cast) else made.node
        domain = book.domains.get(made.column, Domain())
        match piece:
            case Call(
                function="substring",
                args=(Column(name=name), Const(value=int() as start), Const(value=int() as width)),
            ) if start >= 1 and 0 < (domain.size or 0) <= CUT:
                values = domain.values or tuple(range(int(domain.low or 0), int(domain.high or 0) + 1))
                words = [w for w in (str(v).rjust(width, "0") for v in values) if len(w) == width]
                if words:
                    yield name, Domain(patterns=((rf"^[\s\S]{{{start - 1}}}({'|'.join(map(re.escape, words))})", ""),))


def _filled(domain: Domain, length: int) -> Domain:
    """A CHAR(n) that a pattern speaks of filled to its length: PostgreSQL matches its padding blanks as well."""
    full = domain.intersect(Domain(shortest=length))
    return domain if full.hollow else full


def alike_in_keys(book: Rulebook, keys: list[Key], domains: dict[str, Domain]) -> None:
    """A column of a key is made in one way whatever the row's branch: its texts keep to the patterns of all branches
    that permit it; where no text does, to those that the branches have in common."""
    for column in {c for k in keys for c in k.columns} & set(domains):
        several = [c.branches for c in book.components if len(c.branches) > 1 and column in c.columns]
        asked = [b.domains.get(column, Domain()) for branches in several for b in branches]
        told = [d.patterns for d in asked if not d.forbidden and d.values is None]
        common = tuple(p for p in (told[0] if told else ()) if all(p in t for t in told))
        for patterns in (tuple(dict.fromkeys(p for t in told for p in t)), common):
            both = domains[column].intersect(Domain(patterns=patterns))
            if patterns and _writable(both):
                domains[column] = both
                break


def _writable(domain: Domain) -> bool:
    """Whether some texts match all patterns of a domain."""
    found = intersection(domain.patterns, shortest=domain.shortest or 0, longest=domain.longest)
    return not domain.hollow and found is not None and found.size > 1


def _contents(here: TableDraft) -> dict[str, str]:
    """What the computed columns read texts and documents as."""
    found: dict[str, str] = {}
    for field in (f for f in here.entity.fields if f.generated):
        for name, content in rules.contents(here.tree(field.generated), here.types).items():
            found[name] = stricter(found.get(name, ""), content)
    return found


def _says_null(book: Rulebook, column: str) -> bool:
    """Whether a rule over this column alone asks for null by name."""
    return any(u.columns == (column,) and "null" in u.rule.text.lower() for u in book.understood)
