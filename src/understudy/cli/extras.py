"""A package that is not installed: which extra brings it."""

from __future__ import annotations

import re
from collections import Counter
from importlib.metadata import PackageNotFoundError, requires

from understudy.errors import InputError

NAMED_OTHERWISE = {"sklearn": "scikit-learn", "gherkin": "gherkin-official", "graphql": "graphql-core"}
"""Modules that are called otherwise than the package they come in."""

REQUIREMENT = re.compile(r"^(?P<name>[\w.-]+).*;.*extra == ['\"](?P<extra>[\w-]+)['\"]")


def missing(error: ModuleNotFoundError) -> InputError | None:
    """What to install, where one of the extras brings the module; None where none does: that is a fault of ours."""
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
