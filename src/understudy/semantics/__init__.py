"""What fields mean: semantic types, recognisers, value pools per locale, recipes for whole rows."""

from understudy.semantics.composing import compose
from understudy.semantics.nouns import (
    Coded,
    Composition,
    Match,
    Recipe,
    SemanticType,
    Up,
    Want,
    code_name,
)
from understudy.semantics.recognition import matches, moment_rank
from understudy.semantics.records import natural_size

__all__ = [
    "Coded",
    "Composition",
    "Match",
    "Recipe",
    "SemanticType",
    "Up",
    "Want",
    "code_name",
    "compose",
    "matches",
    "moment_rank",
    "natural_size",
]
