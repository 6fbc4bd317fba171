"""A package that is not installed: which extra brings it."""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from understudy.errors import InputError

P = ParamSpec("P")
R = TypeVar("R")

NAMED_OTHERWISE = {"sklearn": "scikit-learn", "gherkin": "gherkin-official", "graphql": "graphql-core"}
"""Modules that are called otherwise than the package they come in."""

REQUIREMENT = re.compile(r"^(?P<name>[\w.-]+).*;.*extra == ['\"](?P<extra>[\w-]+)['\"]")


def missing(error: ModuleNotFoundError) -> InputError | None:
    """What to install, where one of the extras brings the module; None where none does: that is a fault of ours."""
    from importlib.metadata import PackageNotFoundError, requires  # a tenth of what importing Understudy costs

    module = (error.name or "").partition(".")[0]
    wanted = NAMED_OTHERWISE.get(module, module).replace("_", "-").lower()
    try:
        found = [m for line in requires("understudy") or () if (m := REQUIREMENT.match(line))]
    except PackageNotFoundError:
        return None
    sizes = Counter(line["extra"] for line in found)
    offered = [line["extra"] for line in found if wanted and line["name"].lower() == wanted]
    if not offered:
        return None
    smallest = min(offered, key=lambda extra: sizes[extra])  # some extras are several others together
    return InputError(f"{wanted} is not installed", mend=f'pip install "understudy[{smallest}]"')


def require(*modules: str) -> None:
    """InputError where one of them is not installed: before any work, not in its midst."""
    from importlib.util import find_spec

    for module in modules:
        if find_spec(module) is None:
            error = ModuleNotFoundError(f"No module named {module!r}", name=module)
            raise missing(error) or error


def told(function: Callable[P, R]) -> Callable[P, R]:
    """The function, saying what to install where it meets a package that is missing."""

    @functools.wraps(function)
    def asked(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except ModuleNotFoundError as error:
            known = missing(error)
            if known is None:
                raise
            raise known from error

    return asked
