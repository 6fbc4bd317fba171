"""The one rule engine: parse, normalise, branch, bound.

``understand`` turns the text of a CHECK, a default or a formula into a tree; ``branches`` turns rules over the same
columns into
ways of meeting them by construction; ``patterns`` turns a regular expression into something to draw from.
Validation does not use this room, on purpose.
"""

from understudy.rules.branch import Branch, Branches, Definition, Relation
from understudy.rules.branching import branches
from understudy.rules.components import components
from understudy.rules.contents import contents
from understudy.rules.evaluation import evaluate
from understudy.rules.patterns import Language
from understudy.rules.rendering import render
from understudy.rules.routines import NOTHING, Known, known_of
from understudy.rules.simplification import simplify
from understudy.rules.trees import NOW, at, columns_of, rename
from understudy.rules.understanding import Understood, understand

__all__ = [
    "NOTHING",
    "NOW",
    "Branch",
    "Branches",
    "Definition",
    "Known",
    "Language",
    "Relation",
    "Understood",
    "at",
    "branches",
    "columns_of",
    "components",
    "contents",
    "evaluate",
    "known_of",
    "rename",
    "render",
    "simplify",
    "understand",
]  # fmt: skip
