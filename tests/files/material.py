"""Small files, and what was understood of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from understudy.model.evidence import Claim, Evidence, FacetKind
from understudy.sources.files.limits import Limits
from understudy.sources.files.read import read


def written(folder: Path, name: str, content: str | bytes, encoding: str = "utf-8") -> Path:
    """A file of that content."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


class Understood:
    """A file's evidence, easy to ask."""

    def __init__(self, path: Path, limits: Limits | None = None) -> None:
        self.evidence: Evidence = read(path, limits)

    def claims(self, facet: FacetKind, entity: str = "", field: str = "") -> list[Claim]:
        """Claims of a facet, of all tables or one, of all fields or one."""
        return [
            c
            for c in self.evidence.claims
            if c.facet is facet and (not entity or c.entity == entity) and (not field or c.field == field)
        ]

    def value(self, facet: FacetKind, field: str, entity: str = "") -> Any:
        """The only value claimed; None where there is none."""
        found = self.claims(facet, entity, field)
        return found[0].value if found else None

    def fields(self, entity: str = "") -> list[str]:
        """Names of fields, in order."""
        return [c.field for c in self.claims(FacetKind.FIELD, entity)]

    def kinds(self, entity: str = "") -> dict[str, str]:
        """Field → kind of its type."""
        return {c.field: c.value.kind.value for c in self.claims(FacetKind.TYPE, entity)}  # type: ignore[union-attr]

    @property
    def remarks(self) -> list[str]:
        """Place and text of what was remarked."""
        return [f"{c.value.place}: {c.value.text}" for c in self.claims(FacetKind.REMARK)]  # type: ignore[union-attr]

    @property
    def entities(self) -> dict[str, int | None]:
        """Table → rows."""
        return {c.entity: c.value.rows for c in self.claims(FacetKind.ENTITY)}  # type: ignore[union-attr]
