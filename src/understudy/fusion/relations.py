"""References between the schema's tables that other sources claim: mapped to its names, joined to what is there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from understudy.fusion.alignment import Alignment, Match, Role
from understudy.fusion.mentions import Mention
from understudy.fusion.saying import Said, account
from understudy.fusion.weights import figure
from understudy.model.evidence import Claim, FacetKind
from understudy.model.origin import SourceKind
from understudy.model.rule import Rule
from understudy.model.schema import Entity, Facet, ForeignKey, KeyPart, Remark, Unique
from understudy.model.weights import Weights
from understudy.types import Kind, likeness

SCALAR = frozenset({Kind.INTEGER, Kind.DECIMAL, Kind.UUID, Kind.TEXT, Kind.ENUM})
DIALECTS = {"postgresql": "postgres", "mysql": "mysql", "mariadb": "mysql", "sqlite": "sqlite", "duckdb": "duckdb"}
SURE_GUESS = 0.7
FIRM = 0.5
"""Least weight of an undeclared reference or key that values should follow."""


class Related(msgspec.Struct):
    """Entities with what was added, the accounts, and what could not be used."""

    entities: list[Entity]
    facets: list[Facet]
    remarks: list[Remark]


def related(
    entities: Iterable[Entity],
    mentions: Iterable[Mention],
    alignment: Alignment,
    weights: Weights,
    *,
    closed: bool,
    dialect: str = "",
) -> Related:
    """Foreign keys, unique keys and rules of the other sources. ``closed``: a database says what there is; keys seen
    elsewhere then confirm, and never limit how many rows fit."""
    by_name = {e.name: e for e in entities}
    relater = _Relater(by_name, alignment, weights, closed, dialect)
    for mention in mentions:
        place = alignment.places.get(mention.key)
        if place is None or place.table not in by_name:
            continue
        for claim in [*mention.claims, *(c for claims in mention.fields.values() for c in claims)]:
            relater.take(mention, place.table, place.certainty, claim)
    return relater.result()


class _Relater:
    def __init__(
        self, entities: dict[str, Entity], alignment: Alignment, weights: Weights, closed: bool, dialect: str
    ) -> None:
        self.entities, self.alignment, self.weights, self.closed = entities, alignment, weights, closed
        self.dialect = dialect
        self.targets = {m: p.table for m, p in alignment.places.items()}
        self.keys: dict[tuple[str, tuple[str, ...], str], list[Said]] = {}
        self.uniques: dict[tuple[str, tuple[str, ...], bool], list[Said]] = {}
        self.rules: dict[tuple[str, str], tuple[Rule, list[Said]]] = {}
        self.remarks: list[Remark] = []

    def take(self, mention: Mention, table: str, certainty: float, claim: Claim) -> None:
        """One claim, if it is of a kind that stands between fields."""
        weight = figure(claim.origin.kind, claim.facet, self.weights) * claim.certainty * certainty
        said = Said(claim, weight, claim.value, "" if mention.entity == table else mention.entity)
        match claim.value:
            case ForeignKey() as key:
                columns = self._columns(mention, key.columns, table)
                target = self._target(mention, key.target)
                if columns and target:
                    self.keys.setdefault((table, columns, target), []).append(said)
            case Unique() as unique:
                names = unique.columns or ((claim.field,) if claim.field else ())
                columns = self._columns(mention, names, table)
                if columns:
                    self.uniques.setdefault((table, columns, unique.primary), []).append(said)
            case Rule() as rule if claim.facet is FacetKind.CHECK:
                self._rule(mention, table, rule, said)

    def _columns(self, mention: Mention, names: Iterable[str], table: str) -> tuple[str, ...]:
        """The schema's names of some fields of a mention, none where one of them is not there."""
        found = []
        for name in names:
            match = self.alignment.matches.get((*mention.key, name))
            if match is None or match.role not in (Role.FIELD, Role.REFERENCE) or match.table != table:
                return ()
            found.append(match.column)
        return tuple(found)

    def _target(self, mention: Mention, name: str) -> str:
        return self.targets.get((mention.part, name), name if name in self.entities else "")

    def _rule(self, mention: Mention, table: str, rule: Rule, said: Said) -> None:
        """A rule of a pack or a model over the entity's fields, in the schema's names."""
        from understudy import rules

        entity = self.entities[table]
        types = {f.name: f.type for f in entity.fields}
        names: dict[str, str] = {}
        for field in mention.fields:
            match = self.alignment.matches.get((*mention.key, field))
            if match is not None and match.role is Role.FIELD and match.table == table:
                names[field] = match.column
        kinds = {f: types[c] for f, c in names.items()}
        understood = rules.understand(rule.text, rule.dialect, kinds)
        missing = [c for c in rule.columns if c not in names]
        if missing:
            words = f"rule {rule.name} of {mention.source} speaks of {', '.join(missing)}, which {table} does not have"
            self.remarks.append(Remark(said.claim.origin.place or mention.source, words, "info"))
            return
        if understood.opaque:
            words = f"rule {rule.name} is not understood: {rule.text}"
            self.remarks.append(Remark(said.claim.origin.place or mention.source, words))
            return
        text = spoken(rule.text, names, rule.dialect, self.dialect)
        columns = tuple(names[c] for c in rule.columns or understood.columns)
        made = Rule(rule.name, text, columns, self.dialect, enforced=False)
        self.rules.setdefault((table, made.name), (made, []))[1].append(said)

    # ---- results ------------------------------------------------------------------------------------
    def result(self) -> Related:
        """The entities with what holds, and accounts of it."""
        found = dict(self.entities)
        facets: list[Facet] = []
        for (table, columns, target), said in self.keys.items():
            self._key(found, facets, table, columns, target, said)
        for (table, columns, primary), said in self.uniques.items():
            self._unique(found, facets, table, columns, primary, said)
        for (table, _), (rule, said) in self.rules.items():
            entity = found[table]
            if all(r.text != rule.text for r in entity.checks):
                found[table] = msgspec.structs.replace(entity, checks=(*entity.checks, rule))
                facets.append(account(f"{table}.{rule.name}", "check", rule.text, said))
        return Related(list(found.values()), facets, self.remarks)

    def _key(
        self,
        found: dict[str, Entity],
        facets: list[Facet],
        table: str,
        columns: tuple[str, ...],
        target: str,
        said: list[Said],
    ) -> None:
        entity, parent = found[table], found.get(target)
        subject = f"{table}.{columns[0]}"
        there = next((k for k in entity.foreign_keys if k.columns == columns), None)
        if there is not None:
            agree = there.target == target
            reason = "" if agree else f"the key refers to {there.target}; it is declared"
            support, against = (said, ()) if agree else ((), said)
            found_so = account(subject, "foreign_key", f"refers to {there.target}", support, (), against, reason)
            if there.enforced and agree:
                found_so = msgspec.structs.replace(found_so, confidence=1.0, reason="it is declared")
            facets.append(found_so)
            if agree and there.fanout is None:
                self._lively(found, table, there, said)
            return
        primary = parent.primary_key if parent is not None else None
        if parent is None or primary is None or len(primary.columns) != len(columns):
            return
        kinds = [entity.field(c).type for c in columns]
        fits = all(
            k.kind in SCALAR and likeness(k, parent.field(t).type) >= 0.9 and k.kind is parent.field(t).type.kind
            for k, t in zip(kinds, primary.columns, strict=True)
        )
        if not fits or (sum(s.weight for s in said) < FIRM and not _guessed(said)):
            return
        fanout = _fanout(said)
        name = f"claimed:{','.join(columns)}"
        key = ForeignKey(name, columns, target, primary.columns, enforced=False, fanout=fanout)
        found[table] = msgspec.structs.replace(entity, foreign_keys=(*entity.foreign_keys, key))
        reason = "no database declares it: values follow it and nothing enforces it"
        facets.append(account(subject, "foreign_key", f"refers to {target}", said, (), (), reason))

    def _lively(self, found: dict[str, Entity], table: str, key: ForeignKey, said: list[Said]) -> None:
        """Children per parent, as others saw them, for a declared key: how many is likely, never how many may be."""
        seen = {k: v for k, v in (_fanout(said) or {}).items() if k != "max"}
        if seen:
            keys = tuple(msgspec.structs.replace(k, fanout=seen) if k is key else k for k in found[table].foreign_keys)
            found[table] = msgspec.structs.replace(found[table], foreign_keys=keys)

    def _unique(
        self,
        found: dict[str, Entity],
        facets: list[Facet],
        table: str,
        columns: tuple[str, ...],
        primary: bool,
        said: list[Said],
    ) -> None:
        entity = found[table]
        there = any(u.columns == columns for u in entity.uniques)
        subject = f"{table}.{columns[0]}"
        if there:
            facets.append(account(subject, "unique", f"unique ({', '.join(columns)})", said))
            return
        if primary and entity.primary_key is not None:
            primary = False
        weak = sum(s.weight for s in said) < FIRM
        if (
            self.closed
            or weak
            or any(entity.field(c).type.kind in (Kind.JSON, Kind.STRUCT, Kind.ARRAY) for c in columns)
        ):
            reason = "no declared key says so: it is not asked of the rows"
            facets.append(account(subject, "unique", "not required", (), (), said, reason))
            return
        name = f"{entity.table}_{'_'.join(columns)}_key"
        unique = Unique(name, tuple(KeyPart(c) for c in columns), primary=primary)
        found[table] = msgspec.structs.replace(entity, uniques=(*entity.uniques, unique))
        facets.append(account(subject, "unique", f"unique ({', '.join(columns)})", said))


def _fanout(said: Iterable[Said]) -> dict[str, float] | None:
    """Children per parent by the weightiest that tells."""
    told = [(s.weight, s.value.fanout) for s in said if isinstance(s.value, ForeignKey) and s.value.fanout]
    return max(told, key=lambda t: t[0])[1] if told else None


def _guessed(said: Iterable[Said]) -> bool:
    """Whether only models speak, and surely: where nobody else does, that counts."""
    return all(s.claim.origin.kind is SourceKind.LLM and s.claim.certainty >= SURE_GUESS for s in said)


def spoken(text: str, names: Mapping[str, str], dialect: str, wanted: str) -> str:
    """A rule's words with the schema's names for its fields, in the schema's dialect."""
    import sqlglot
    from sqlglot import exp

    tree = sqlglot.parse_one(text, dialect=DIALECTS.get(dialect, "postgres"))
    for column in list(tree.find_all(exp.Column)):
        if column.name in names:
            column.replace(exp.column(exp.to_identifier(names[column.name], quoted=True)))
    return tree.sql(dialect=DIALECTS.get(wanted, "postgres"))


def joined(match: Match) -> str:
    """A list, a parent's column or a computed figure in words."""
    return "; ".join(match.reasons)
