"""A few words for making evidence by hand."""

from __future__ import annotations

from collections.abc import Iterable

from understudy.model.evidence import Bounds, Choices, Claim, Evidence, FacetKind, Pattern, Samples
from understudy.model.face import Face
from understudy.model.origin import Origin, SourceKind
from understudy.model.rule import Rule
from understudy.model.schema import Entity, Field, ForeignKey, KeyPart, Unique
from understudy.types import Kind, Type

INTEGER, TEXT, DATE, BOOLEAN = Type(Kind.INTEGER, bits=32), Type(Kind.TEXT), Type(Kind.DATE), Type(Kind.BOOLEAN)
DECIMAL = Type(Kind.DECIMAL, precision=10, scale=2)
MOMENT = Type(Kind.TIMESTAMP, precision=6)
LIST, OBJECT = Type(Kind.ARRAY), Type(Kind.STRUCT)


def text(length: int) -> Type:
    return Type(Kind.TEXT, length=length)


def words(*labels: str) -> Type:
    return Type(Kind.ENUM, labels=labels)


def table(name: str, columns: dict[str, Type | Field], key: str = "id", **references: str) -> Entity:
    """``references``: column → the table that it refers to by ``id``."""
    fields = tuple(t if isinstance(t, Field) else Field(c, t, nullable=c != key) for c, t in columns.items())
    keys = tuple(ForeignKey(f"{name}_{c}_fkey", (c,), t, ("id",)) for c, t in references.items())
    return Entity(name, fields, uniques=(Unique(f"{name}_pkey", (KeyPart(key),), primary=True),), foreign_keys=keys)


def database(*tables: Entity, source: str = "schema.sql", dialect: str = "postgresql") -> Evidence:
    claims: list[Claim] = []
    for e in tables:
        origin = Origin(SourceKind.DATABASE, source, e.name)
        claims.append(Claim(FacetKind.ENTITY, e.name, Entity(e.name, ()), origin))
        claims += [Claim(FacetKind.FIELD, e.name, f, origin, field=f.name) for f in e.fields]
        claims += [Claim(FacetKind.UNIQUE, e.name, u, origin) for u in e.uniques]
        claims += [Claim(FacetKind.FOREIGN_KEY, e.name, k, origin) for k in e.foreign_keys]
        claims += [Claim(FacetKind.CHECK, e.name, c, origin) for c in e.checks]
    return Evidence(source, tuple(claims), dialect=dialect)


Facets = dict[str, object]


def member(
    type: Type | None = None,
    *,
    required: bool | None = None,
    length: tuple[int | None, int | None] | None = None,
    range: tuple[object, object] | None = None,
    among: Iterable[str] | None = None,
    pattern: str | None = None,
    meaning: str | None = None,
    seen: Iterable[object] | None = None,
    wrong: Iterable[object] | None = None,
    refers: str | None = None,
) -> Facets:
    """What is said of one field."""
    return {k: v for k, v in locals().items() if v is not None}


def described(
    kind: SourceKind, source: str, entities: dict[str, dict[str, Facets]], *faces: Face, certainty: float = 1.0
) -> Evidence:
    """Evidence of single facets, as readers of anything but databases give it."""
    claims: list[Claim] = []
    for entity, fields in entities.items():
        origin = Origin(kind, source, entity)
        claims.append(Claim(FacetKind.ENTITY, entity, None, origin, certainty=certainty))
        for field, facets in fields.items():
            claims += [
                Claim(f, entity, v, Origin(kind, source, f"{entity}/{field}"), field=field, certainty=certainty)
                for f, v in _claims(field, facets)
            ]
    return Evidence(source, tuple(claims), faces=faces)


def _claims(field: str, facets: Facets) -> Iterable[tuple[FacetKind, object]]:
    yield FacetKind.FIELD, None
    for name, value in facets.items():
        match name, value:
            case "type", Type():
                yield FacetKind.TYPE, value
            case "required", bool():
                yield FacetKind.NULLABILITY, not value
            case "length", (low, high):
                yield FacetKind.LENGTH, Bounds(low, high)
            case "range", (low, high):
                yield FacetKind.RANGE, Bounds(low, high)
            case "among", values:
                yield FacetKind.ENUM, Choices(tuple(values))  # type: ignore[arg-type]
            case "pattern", str():
                yield FacetKind.PATTERN, Pattern(value)
            case "meaning", str():
                yield FacetKind.MEANING, value
            case "seen", values:
                yield FacetKind.SAMPLE, Samples(tuple(values))  # type: ignore[arg-type]
            case "wrong", values:
                yield FacetKind.SAMPLE, Samples(tuple(values), invalid=True)  # type: ignore[arg-type]
            case "refers", str():
                yield FacetKind.FOREIGN_KEY, ForeignKey("", (field,), value, ())


def api(entities: dict[str, dict[str, Facets]], *faces: Face, source: str = "openapi.yaml") -> Evidence:
    return described(SourceKind.API, source, entities, *faces)


def form(entities: dict[str, dict[str, Facets]], *faces: Face, source: str = "page.html") -> Evidence:
    return described(SourceKind.UI, source, entities, *faces)


def cases(entities: dict[str, dict[str, Facets]], source: str = "features") -> Evidence:
    return described(SourceKind.CASE, source, entities)


def model(entities: dict[str, dict[str, Facets]], source: str = "model") -> Evidence:
    return described(SourceKind.LLM, source, entities)


def check(name: str, text: str, *columns: str) -> Rule:
    return Rule(name, text, columns)
