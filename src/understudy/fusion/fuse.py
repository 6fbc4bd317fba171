"""All sources' evidence as one schema."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from understudy.errors import RequestError
from understudy.fusion.alignment import Alignment, Role, align
from understudy.fusion.assemble import Assembly, merged
from understudy.fusion.bindings import settled as settled_faces
from understudy.fusion.carrying import carried
from understudy.fusion.consistency import consistent
from understudy.fusion.demands import Context
from understudy.fusion.flows import merged_flows
from understudy.fusion.founding import ALONE, RANKS, Founded, as_table, found, key_of
from understudy.fusion.gathering import ByFacet, Gathered, decided, gather, plain_field, stored_claims
from understudy.fusion.journeys import journeys
from understudy.fusion.mentions import Mention, mentions, whole
from understudy.fusion.relations import related
from understudy.fusion.reporting import entity_accounts, unplaced_accounts
from understudy.fusion.saying import account
from understudy.fusion.settlement import settle_field
from understudy.fusion.tables import Table, tables_of
from understudy.model.evidence import Claim, Evidence, FacetKind
from understudy.model.origin import SourceKind
from understudy.model.schema import Entity, Facet, Field, KeyPart, Remark, Schema, Unique
from understudy.model.weights import DEFAULT, Weights


def fuse(evidence: Sequence[Evidence], weights: Weights = DEFAULT) -> Schema:
    """One schema of everything that the sources say.

    Entities stand in the order in which they were first claimed, fields and constraints likewise.
    ``facets`` holds an account of every facet on which more than a database alone has spoken, or which is less than
    certain. RequestError where there is no evidence at all.
    """
    if not evidence:
        raise RequestError("there is nothing to fuse", mend="Name at least one source.")
    return _Fusion(evidence, weights).schema()


class _Fusion:
    def __init__(self, evidence: Sequence[Evidence], weights: Weights) -> None:
        self.evidence, self.weights = evidence, weights
        self.mentions = mentions(evidence)
        self.lead = next((e for e in evidence if e.dialect), evidence[0])
        self.stored = {m.key for m in self.mentions if m.stored}
        self.decisions = decided(evidence)

    def schema(self) -> Schema:
        """Assemble what is stored, found what is not, align, settle, relate."""
        assembly = Assembly(self.weights)
        for part, said in enumerate(self.evidence):
            assembly.gather(c for c in said.claims if (part, c.entity) in self.stored or c.facet is FacetKind.REMARK)
        declared = list(assembly.build())
        closed = any(m.stored and m.kind in (SourceKind.DATABASE, SourceKind.REHEARSAL) for m in self.mentions)
        founded, alignment, homeless = self._aligned(declared, closed)
        gathered = gather([m for m in self.mentions if not _only_whole(m)], alignment, self.weights)
        entities, facets = self._settled(declared, founded, gathered)
        others = [m for m in self.mentions if not m.stored]
        joined = related(entities, others, alignment, self.weights, closed=closed, dialect=self.lead.dialect)
        accounts = [
            *assembly.accounts,
            *entity_accounts(gathered, {e.name for e in declared}),
            *facets,
            *joined.facets,
            *unplaced_accounts(gathered, homeless, self.mentions, closed, self.weights),
        ]
        settled, carried_remarks = carried(joined.entities, self.lead.dialect)
        told = (
            *assembly.remarks,
            *_differences(self.evidence),
            *joined.remarks,
            *carried_remarks,
            *self._undecidable(entities),
        )
        final, odd = consistent(settled, told)
        faced = any(e.faces for e in self.evidence)
        tables = {t.name: t for t in tables_of(final, {})} if faced else {}
        return Schema(
            name=_name(self.lead.source),
            entities=final,
            dialect=self.lead.dialect,
            version=self.lead.version,
            default_namespace=self.lead.default_namespace,
            types=merged([e.types for e in self.evidence if e.dialect == self.lead.dialect]),
            prelude=merged([e.prelude for e in self.evidence if e.dialect == self.lead.dialect]),
            settings=_settings(self.evidence),
            flows=(*merged_flows(self.evidence, alignment), *journeys(self.evidence, alignment, self.weights)),
            remarks=(*told, *odd),
            facets=tuple(accounts),
            faces=settled_faces(self.evidence, alignment, tables, final),
        )

    # ---- which table, which column ------------------------------------------------------------------
    def _aligned(
        self, declared: Sequence[Entity], closed: bool
    ) -> tuple[list[Founded], Alignment, dict[tuple[int, str], str]]:
        """The tables founded beside those declared, where everything stands, and what stands nowhere."""
        profiles = {m.entity: m.profiles for m in self.mentions if m.stored}
        if all(_only_whole(m) for m in self.mentions):
            return [], Alignment({}, {}, {}), {}
        base = tables_of(declared, profiles)
        founded: list[Founded] = []
        homeless: dict[tuple[int, str], str] = {}
        if not closed:
            for number, rank in enumerate(RANKS):
                if number >= ALONE and (base or founded):
                    break
                mine = [m for m in self.mentions if m.kind in rank and not m.stored]
                new, refused = self._founded(mine, base, founded)
                founded += new
                homeless |= refused
        tables = [*base, *(as_table(f) for f in founded)]
        rest = [m for m in self.mentions if m.key not in homeless]
        alignment = align(tables, rest, {m.key: f for f in founded for m in f.mentions})
        return founded, alignment, {**homeless, **alignment.homeless}

    def _founded(
        self, mine: Sequence[Mention], base: Sequence[Table], founded: Sequence[Founded]
    ) -> tuple[list[Founded], dict[tuple[int, str], str]]:
        """New tables of one rank's mentions: those that are no table yet."""
        known = [*base, *(as_table(f) for f in founded)]
        if known:
            there = align(known, mine)
            for mention in mine:
                place = there.places.get(mention.key)
                table = next((f for f in founded if place is not None and f.name == place.table), None)
                if table is not None:
                    table.extend(mention, _columns(there, mention, table.name))
            mine = [m for m in mine if m.key not in there.places]
        return found(mine)

    # ---- what holds ---------------------------------------------------------------------------------
    def _settled(
        self, declared: Sequence[Entity], founded: Sequence[Founded], gathered: Gathered
    ) -> tuple[list[Entity], list[Facet]]:
        entities: list[Entity] = []
        facets: list[Facet] = []
        whole_claims = _whole_claims(self.evidence, self.stored)
        for entity in declared:
            made, said = self._entity(entity, whole_claims.get(entity.name, {}), gathered, stored=True)
            entities.append(made)
            facets += said
        for table in founded:
            slots = {c: gathered.fields.get((table.name, c), {}) for c in table.columns}
            fields = tuple(plain_field(c, slot) for c, slot in slots.items())
            key = key_of(table)
            uniques = (Unique(f"{table.name}_pkey", tuple(KeyPart(c) for c in key), primary=True),) if key else ()
            head = Entity(table.name, fields, uniques, rows=_rows(table), options=_options(table))
            made, said = self._entity(head, {}, gathered, stored=False)
            entities.append(made)
            facets += said
        return entities, facets

    def _entity(
        self, entity: Entity, own: Mapping[str, Sequence[Claim]], gathered: Gathered, *, stored: bool
    ) -> tuple[Entity, list[Facet]]:
        types = {f.name: f.type for f in entity.fields}
        fields: list[Field] = []
        rules = list(entity.checks)
        facets: list[Facet] = []
        key = entity.primary_key
        referring = {c: k for k in entity.foreign_keys for c in k.columns}
        for field in entity.fields:
            others = gathered.fields.get((entity.name, field.name), {})
            decisions = self.decisions.get((entity.name, field.name), {})
            if stored and not others and not decisions:
                fields.append(field)
                continue
            said = _joined(stored_claims(own.get(field.name, ()), self.weights), others, decisions)
            spoken = {f: s for f, s in said.items() if not stored or _news(s)}
            if not spoken:
                fields.append(field)
                continue
            reference = referring.get(field.name)
            around = Context(
                entity.name,
                self.lead.dialect,
                stored,
                types,
                optional=reference is not None and reference.target == entity.name,
                refers=reference is not None,
                declared=entity.checks,
                key=key is not None and field.name in key.columns,
                made=bool(field.generated),
            )
            outcome = settle_field(field, spoken, around)
            fields.append(outcome.field)
            rules += outcome.rules
            facets += _existing(entity.name, field.name, said, stored)
            facets += outcome.facets
        return msgspec.structs.replace(entity, fields=tuple(fields), checks=tuple(rules)), facets

    def _undecidable(self, entities: Sequence[Entity]) -> Iterable[Remark]:
        """Decisions about what is not there (any more)."""
        known = {(e.name, f.name) for e in entities for f in e.fields}
        for entity, field in self.decisions:
            if field and (entity, field) not in known:
                words = "a decision about it is kept, but no source describes this field"
                yield Remark(f"{entity}.{field}", words)


def _columns(there: Alignment, mention: Mention, table: str) -> dict[tuple[int, str, str], str]:
    """The columns that fields of a placed mention are; "" for those that belong elsewhere or nowhere."""
    found: dict[tuple[int, str, str], str] = {}
    for field in mention.fields:
        match = there.matches[(*mention.key, field)]
        if match.role is not Role.ABSENT:
            found[(*mention.key, field)] = match.column if match.table == table else ""
    return found


def _rows(table: Founded) -> int | None:
    """How many rows were seen where it was seen best; None where nobody counted."""
    counted = [c.value.rows for m in table.mentions for c in m.claims if isinstance(c.value, Entity)]
    return max((n for n in counted if n is not None), default=None)


def _options(table: Founded) -> dict[str, str]:
    """What matters to loading: how the file that it was first seen in is written."""
    told = (c.value.options for m in table.mentions for c in m.claims if isinstance(c.value, Entity))
    return dict(next((o for o in told if o), {}))


def _only_whole(mention: Mention) -> bool:
    """Whether nothing is said of it but whole nouns, which are assembled already."""
    return mention.stored and all(whole(c) or c.facet in _NOUNS for claims in mention.fields.values() for c in claims)


_NOUNS = (FacetKind.UNIQUE, FacetKind.FOREIGN_KEY, FacetKind.CHECK)


def _whole_claims(evidence: Sequence[Evidence], stored: Iterable[tuple[int, str]]) -> dict[str, dict[str, list[Claim]]]:
    keys = set(stored)
    found: dict[str, dict[str, list[Claim]]] = {}
    for part, said in enumerate(evidence):
        for claim in said.claims:
            if (part, claim.entity) in keys and isinstance(claim.value, Field):
                found.setdefault(claim.entity, {}).setdefault(claim.field, []).append(claim)
    return found


def _joined(*parts: Mapping[FacetKind, Sequence[object]]) -> ByFacet:
    out: ByFacet = {}
    for part in parts:
        for facet, said in part.items():
            out.setdefault(facet, []).extend(said)  # type: ignore[arg-type]
    return out


def _news(said: Sequence[object]) -> bool:
    """Whether more than a database's own declaration speaks of a facet."""
    return any(not isinstance(s.claim.value, Field) for s in said)  # type: ignore[attr-defined]


def _existing(entity: str, field: str, said: ByFacet, stored: bool) -> list[Facet]:
    claims = said.get(FacetKind.FIELD, [])
    if not claims or (stored and not _news(claims)):
        return []
    return [account(f"{entity}.{field}", "field", "exists", claims)]


def _settings(evidence: Sequence[Evidence]) -> dict[str, str]:
    settings: dict[str, str] = {}
    for part in reversed(evidence):
        settings |= part.settings
    return settings


def _differences(evidence: Sequence[Evidence]) -> tuple[Remark, ...]:
    dialects = {e.dialect: e.source for e in reversed(evidence) if e.dialect}
    if len(dialects) < 2:
        return ()
    shown = ", ".join(f"{d} ({s})" for d, s in dialects.items())
    return (Remark("", f"sources are of different databases: {shown}; types and extra DDL are taken from the first"),)


def _name(source: str) -> str:
    """A short name: the database's of a URL, the file's without its endings.

    >>> _name("postgresql://ann@db/shop?sslmode=require"), _name("dumps/shop.schema.sql")
    ('shop', 'shop')
    """
    path = re.sub(r"[?#].*\Z", "", source) if "://" in source else source
    last = re.split(r"[/\\]", path.rstrip("/\\"))[-1]
    return last.split(".")[0] or last or source
