"""All sources' evidence as one schema."""

from __future__ import annotations

import re
from collections.abc import Sequence

from understudy.errors import RequestError
from understudy.fusion.assemble import Assembly, merged
from understudy.fusion.consistency import consistent
from understudy.model.evidence import Evidence
from understudy.model.schema import Remark, Schema


def fuse(evidence: Sequence[Evidence]) -> Schema:
    """One schema of everything that the sources say.

    Entities stand in the order in which they were first claimed, fields and constraints likewise.
    ``facets`` holds one account per entity, and one for every field or constraint that is contested
    or less than certain. RequestError where there is no evidence at all.
    """
    if not evidence:
        raise RequestError("there is nothing to fuse", mend="Name at least one source.")
    assembly = Assembly()
    for part in evidence:
        assembly.gather(part.claims)
    entities = assembly.build()
    told = (*assembly.remarks, *_differences(evidence), *assembly.leftovers())
    entities, found = consistent(entities, told)
    lead = next((e for e in evidence if e.dialect), evidence[0])
    settings: dict[str, str] = {}
    for part in reversed(evidence):
        settings |= part.settings
    return Schema(
        name=_name(lead.source),
        entities=entities,
        dialect=lead.dialect,
        version=lead.version,
        default_namespace=lead.default_namespace,
        types=merged([e.types for e in evidence if e.dialect == lead.dialect]),
        prelude=merged([e.prelude for e in evidence if e.dialect == lead.dialect]),
        settings=settings,
        remarks=(*told, *found),
        facets=tuple(assembly.accounts),
    )


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
