"""Nodes that guests bring: found by entry point, evaluated on Arrow arrays and random words.

A guest is a callable ``(inputs: list[pa.Array], words: uint64 array, parameters: str) -> pa.Array`` under
the entry point group ``understudy.nodes``; ``words`` are 64 random bits per row, its only source of chance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from understudy.errors import PluginError
from understudy.kernels import exchange
from understudy.kernels.arrowforms import arrow_of
from understudy.kernels.program import Program
from understudy.kernels.vector import Vector
from understudy.model import expression as e

if TYPE_CHECKING:
    from understudy.kernels.evaluate import Scope
    from understudy.kernels.frame import Frame

GROUP = "understudy.nodes"


def external(scope: Scope, node: e.External) -> Program:
    """A guest's values. Their form is learnt from its answer to no rows."""
    guest = _load(node.name)
    inputs = [scope.compile(i) for i in node.inputs]
    bits = scope.bits(node, f"external:{node.name}:{node.parameters}")

    def ask(frame: Frame) -> pa.Array:
        given = [exchange.to_arrow(p.run(frame), arrow_of(p.form), frame.n) for p in inputs]
        try:
            made = guest(given, bits(frame), node.parameters)
        except Exception as error:
            raise PluginError(f"node {node.name} failed: {error}", where=scope.table.name) from error
        if not isinstance(made, pa.Array) or len(made) != frame.n:
            raise PluginError(
                f"node {node.name} must answer with an Arrow array of {frame.n} values", where=scope.table.name
            )
        return made

    form, _ = exchange.from_arrow(ask(scope.table.frame(range(0))))

    def run(frame: Frame) -> Vector:
        found, values = exchange.from_arrow(ask(frame))
        if found != form:
            raise PluginError(
                f"node {node.name} changed its type from {form.sort.value} to {found.sort.value}",
                where=scope.table.name,
            )
        return values

    return Program(form, run)


def _load(name: str) -> Any:
    from importlib.metadata import entry_points

    found = list(entry_points(group=GROUP, name=name))
    if not found:
        raise PluginError(
            f"no guest brings a node called {name}", mend=f"Install the plugin that offers it under {GROUP}."
        )
    if len(found) > 1:
        raise PluginError(f"several guests bring a node called {name}: {', '.join(p.value for p in found)}")
    try:
        return found[0].load()
    except Exception as error:
        raise PluginError(f"node {name} cannot be loaded: {error}") from error
