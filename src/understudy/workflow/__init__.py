"""One function per use case; every door calls these, and nothing below."""

from understudy.workflow.cycle import load, rehearsed
from understudy.workflow.evaluating import evaluate
from understudy.workflow.fitting import fit
from understudy.workflow.generating import generate
from understudy.workflow.preparing import described, plan_schema, prepare
from understudy.workflow.previewing import preview
from understudy.workflow.reading import read, shown
from understudy.workflow.validating import validate

__all__ = [
    "described",
    "evaluate",
    "fit",
    "generate",
    "load",
    "plan_schema",
    "prepare",
    "preview",
    "read",
    "rehearsed",
    "shown",
    "validate",
]
