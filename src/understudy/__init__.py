"""Understudy stands in for your production data.

    import understudy
    data = understudy.generate("postgresql://localhost/shop", rows=1000)     # Arrow tables, by name
    understudy.generate("schema.sql", to="sqlite:///shop.db", rows={"orders": 50_000})

Everything is imported when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from understudy.errors import UnderstudyError
    from understudy.face import (
        Dataset,
        extend,
        fit,
        generate,
        impute,
        load_plan,
        match,
        plan,
        preview,
        read,
        report,
        save,
        validate,
    )
    from understudy.model.bundle import Bundle
    from understudy.model.manifest import Manifest
    from understudy.model.schema import Schema

__all__ = [
    "Bundle",
    "Dataset",
    "Manifest",
    "Schema",
    "UnderstudyError",
    "extend",
    "fit",
    "generate",
    "impute",
    "load_plan",
    "match",
    "plan",
    "preview",
    "read",
    "report",
    "save",
    "validate",
]

_PLACES = {
    "Bundle": "understudy.model.bundle",
    "Manifest": "understudy.model.manifest",
    "Schema": "understudy.model.schema",
    "UnderstudyError": "understudy.errors",
}

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for."""
    if name not in __all__:
        raise AttributeError(f"module 'understudy' has no attribute {name!r}")
    return getattr(import_module(_PLACES.get(name, "understudy.face")), name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
