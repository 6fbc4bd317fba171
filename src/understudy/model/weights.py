"""How far each kind of source is believed, by facet: the figures, and a person's own in their place."""

from __future__ import annotations

import msgspec

from understudy.model.origin import SourceKind

FIGURES: dict[SourceKind, dict[str, float]] = {
    SourceKind.DATABASE: {
        "structure": 1.0,
        "constraints": 1.0,
        "relationships": 1.0,
        "distributions": 0.9,
        "names": 0.6,
    },
    SourceKind.REHEARSAL: {"structure": 1.0, "constraints": 1.0, "relationships": 1.0, "distributions": 0.9},
    SourceKind.FILE: {"structure": 0.8, "constraints": 0.6, "relationships": 0.6, "distributions": 0.9},
    SourceKind.API: {"contracts": 0.9, "validation": 0.9, "enums": 0.9, "samples": 0.7, "names": 0.5},
    SourceKind.UI: {"fields": 0.7, "constraints": 0.6, "structure": 0.6, "semantics": 0.5},
    SourceKind.CASE: {"flows": 0.7, "scenarios": 0.7, "fields": 0.6, "data": 0.5},
    SourceKind.PACK: {"rules": 0.6, "entities": 0.5, "relationships": 0.5, "distributions": 0.6},
    SourceKind.FLOW: {"flows": 0.6, "branches": 0.6, "probabilities": 0.5},
    SourceKind.LLM: {"inference": 0.4, "semantics": 0.4, "relationships": 0.3, "constraints": 0.3},
}
HEADLINE: dict[SourceKind, float] = {
    SourceKind.DATABASE: 1.0,
    SourceKind.REHEARSAL: 1.0,
    SourceKind.FILE: 0.8,
    SourceKind.API: 0.9,
    SourceKind.UI: 0.7,
    SourceKind.CASE: 0.7,
    SourceKind.PACK: 0.6,
    SourceKind.FLOW: 0.6,
    SourceKind.LLM: 0.4,
    SourceKind.PERSON: 1.0,
}
"""For display, and for facets that the table does not list."""


class Weights(msgspec.Struct, frozen=True):
    """The figures in force. ``own``: those that a person set, as ``source.column`` (``api.validation``) → 0..1."""

    own: dict[str, float] = {}

    def figure(self, source: SourceKind, column: str) -> float:
        """The figure for a kind of source and a column of the table; the headline weight where it lists none."""
        said = self.own.get(f"{source.value}.{column}")
        if said is not None:
            return said
        headline = self.own.get(f"{source.value}.headline", HEADLINE[source])
        return FIGURES.get(source, {}).get(column, headline)


DEFAULT = Weights()


def known() -> dict[str, float]:
    """Every figure that can be set, as ``source.column``, with its default."""
    listed = {f"{source.value}.{column}": f for source, columns in FIGURES.items() for column, f in columns.items()}
    return listed | {f"{s.value}.headline": f for s, f in HEADLINE.items() if s is not SourceKind.PERSON}
