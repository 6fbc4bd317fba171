"""One function per use case; every door calls these, and nothing below. Each is imported when it is first asked for: a
run that makes data does not pay for learning, judging and verifying."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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

_PLACES = {
    "described": "preparing",
    "evaluate": "evaluating",
    "fit": "fitting",
    "generate": "generating",
    "load": "cycle",
    "plan_schema": "preparing",
    "prepare": "preparing",
    "preview": "previewing",
    "read": "reading",
    "rehearsed": "cycle",
    "shown": "reading",
    "validate": "validating",
}


def __getattr__(name: str) -> Any:
    """Import a use case when it is first asked for."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
