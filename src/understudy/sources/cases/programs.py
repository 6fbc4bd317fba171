"""Files of test code to fragments, helpers and page objects in the same folder followed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from understudy.model.flow import Fragment
from understudy.sources.cases.code.library import library_of
from understudy.sources.cases.code.suite import tests_of
from understudy.sources.cases.telling import fragment
from understudy.sources.code.parsing import LARGEST_BYTES, language_of, parse
from understudy.sources.code.tree import Module

TEST_FILES = re.compile(
    r"(?:\.(?:spec|test|cy|e2e|e2e-spec)\.[cm]?[jt]sx?|(?:^|/)test_\w+\.py|_tests?\.py|(?:Tests?|TestCase|IT)\.java|-(?:spec|test)\.[jt]s|_spec\.[jt]s)$"
)
SKIPPED = frozenset({"node_modules", ".git", "dist", "build", "target", "__pycache__", ".venv", "vendor"})
MOST_FILES = 4000
MARKERS = (
    "package.json",
    "pyproject.toml",
    "pom.xml",
    "build.gradle",
    "cypress",
    "conftest.py",
    "playwright.config.ts",
    "support",
    "pages",
    "page-objects",
    "pageobjects",
    "page_objects",
)
"""What stands in the folder that holds all of a project's tests."""


def program_files(folder: Path) -> list[Path]:
    """All files of code below a folder."""
    found = [
        p
        for p in folder.rglob("*")
        if language_of(p.name) and p.is_file() and not p.name.endswith((".d.ts", ".min.js"))
    ]
    return sorted(p for p in found if not SKIPPED.intersection(p.relative_to(folder).parts))[:MOST_FILES]


def read_programs(files: Sequence[Path], root: Path) -> tuple[list[Fragment], list[tuple[str, str]]]:
    """The fragments of all tests in these files, and what could not be read: place and words."""
    modules: list[Module] = []
    remarks: list[tuple[str, str]] = []
    for path in files:
        name = path.relative_to(root).as_posix() if path != root else path.name
        if path.stat().st_size > LARGEST_BYTES:
            remarks.append((name, f"larger than {LARGEST_BYTES:,} bytes: no test code, left out"))
            continue
        module = parse(path.read_bytes().decode("utf-8", "replace"), name)
        modules.append(module)
        if module.faults:
            remarks.append((f"{name} line {module.faults[0]}", "does not parse here; the rest of the file is read"))
        if module.deep:
            remarks.append((f"{name} line {module.deep[0]}", "nested too deeply here; the rest of the file is read"))
    library = library_of(modules)
    fragments = []
    for module in modules:
        fragments += [fragment(test, module.path) for test in tests_of(module, library)]
    return fragments, remarks


def neighbours(path: Path) -> list[Path]:
    """A test file and the code around it that it may lean on: its project's helpers, page objects and fixtures."""
    root = path.parent
    for parent in [path.parent, *list(path.parents)[1:4]]:
        if any((parent / n).exists() for n in MARKERS):
            root = parent
            break
    around = program_files(root)
    helpers = [
        p
        for p in around
        if p != path and language_of(p.name)[:4] == language_of(path.name)[:4] and not TEST_FILES.search(p.as_posix())
    ]
    return [path, *helpers[:500]]
