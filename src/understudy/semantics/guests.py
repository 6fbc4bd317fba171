"""Semantic types of guests: a package names a module attribute under the entry point ``understudy.semantic_types``.

    ATTRIBUTE = {"types": [{…as in types/*.json…}], "pools": {"section": ["word", …]}}

A type's pool is called ``guest.section``, guest being the entry point's name. Packages are found by reading the
``entry_points.txt`` of what lies on the import path (asking the standard library for them costs half a second).
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator, Mapping
from functools import cache

import msgspec

from understudy.errors import PluginError
from understudy.semantics.nouns import SemanticType

GROUP = "understudy.semantic_types"


class Offer(msgspec.Struct, frozen=True):
    """What a guest's attribute says."""

    types: tuple[SemanticType, ...] = ()
    pools: dict[str, tuple[str, ...]] = {}


class Guests(msgspec.Struct, frozen=True):
    """Types of all guests with the guest's name, their pools by ``guest.section``, and who failed, why."""

    types: tuple[tuple[str, SemanticType], ...] = ()
    pools: dict[str, tuple[str, ...]] = {}
    failed: dict[str, str] = {}


@cache
def guests() -> Guests:
    """All guests of the import path. One that cannot be read is kept among ``failed`` and offers nothing."""
    types: list[tuple[str, SemanticType]] = []
    pools: dict[str, tuple[str, ...]] = {}
    failed: dict[str, str] = {}
    for name, value in _entries():
        try:
            offer = read(value)
        except PluginError as e:
            failed[name] = str(e)
            continue
        types += [(name, t) for t in offer.types]
        pools.update({f"{name}.{section}": words for section, words in offer.pools.items()})
    return Guests(tuple(types), pools, failed)


def read(value: str) -> Offer:
    """The offer at ``module:attribute``; PluginError where there is none, or none that can be understood."""
    module, _, attribute = value.partition(":")
    try:
        found = getattr(importlib.import_module(module), attribute)
        return msgspec.convert(found, Offer)
    except Exception as e:
        mend = 'It must be {"types": [...], "pools": {...}} as docs/meaning.md describes.'
        raise PluginError(f"semantic types of {value} cannot be read: {e}", mend=mend) from e


def _entries() -> Iterator[tuple[str, str]]:
    """Name and ``module:attribute`` of every entry point of the group, in order of names."""
    found: dict[str, str] = {}
    for place in dict.fromkeys(sys.path):
        try:
            folders = [e.path for e in os.scandir(place or ".") if e.name.endswith((".dist-info", ".egg-info"))]
        except OSError:
            continue
        for folder in sorted(folders):
            for name, value in _group(os.path.join(folder, "entry_points.txt")).items():
                found.setdefault(name, value)
    yield from sorted(found.items())


def _group(file: str) -> Mapping[str, str]:
    try:
        with open(file, encoding="utf-8") as f:
            text = f.read()
    except OSError:
        return {}
    if GROUP not in text:
        return {}
    here, found = False, {}
    for line in (raw.strip() for raw in text.splitlines()):
        if line.startswith("["):
            here = line == f"[{GROUP}]"
        elif here and "=" in line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found[name.strip()] = value.strip()
    return found
