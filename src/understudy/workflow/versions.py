"""Versions of what had a part in the bytes, for the certificate."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

PACKAGES = ("understudy", "numpy", "pyarrow", "duckdb", "sqlglot")


def versions() -> dict[str, str]:
    """Installed versions by package, and Python's."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
