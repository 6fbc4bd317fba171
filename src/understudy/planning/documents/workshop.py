"""Making parts of documents while planning: expressions are evaluated by the kernels that will generate, tried by the
judge, and what is to be drawn from is kept as a pool of JSON texts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from understudy.kernels import Runtime
from understudy.model.bundle import Bundle
from understudy.model.expression import Bits, Cast, Const, Node, Pool, Uniform, Written
from understudy.model.link import Link
from understudy.model.plan import Plan, PlannedColumn, PlannedTable
from understudy.planning.documents.judge import canonical
from understudy.types import Kind, Type

JSON = Type(Kind.JSON)
SHUFFLE = PlannedColumn("$shuffle", Type(Kind.INTEGER), Bits("shuffle"), hidden=True)
"""By it a row's distinct elements are put in an order of their own."""


LONG = 2000
"""Characters from which on equal values are not looked for in other words."""


class Workshop:
    """Where expressions are tried; ``artefacts`` are those that they read and that the plan will hold."""

    def __init__(self, plan: Plan, artefacts: dict[str, Any], link: Callable[[str], Link] | None = None) -> None:
        """``link``: how a table of that name finds the rows that its documents are about, where they are about any."""
        self.link = link
        self.artefacts = artefacts
        self.runtime = Runtime(Bundle(plan, artefacts))
        self._names: dict[tuple[str, ...], str] = {}

    def texts(self, name: str, nodes: Mapping[str, Node], rows: int) -> dict[str, list[str]]:
        """JSON texts of expressions for that many rows; ``name`` keys their draws."""
        columns = tuple(PlannedColumn(n, JSON, Written(node)) for n, node in nodes.items())
        links = () if self.link is None else (self.link(name),)
        self.runtime.add(PlannedTable(name, rows, (*columns, SHUFFLE), links=links))
        return {n: self.runtime.column(name, n, range(rows)).cast(pa.string()).to_pylist() for n in nodes}

    def pool(self, name: str, texts: Sequence[str], use: str) -> Node:
        """A draw from JSON texts."""
        if len(texts) == 1:
            return Cast(Const(texts[0]), JSON)
        return Cast(Pool(self.keep(name, texts), Uniform(use, Const(0), Const(len(texts) - 1))), JSON)

    def keep(self, name: str, texts: Sequence[str]) -> str:
        """Texts as an artefact; its name, which tells the texts."""
        held = (name, *texts)
        key = self._names.get(held)
        if key is None:
            digest = hashlib.blake2b(json.dumps(list(texts)).encode(), digest_size=8).hexdigest()
            key = self._names[held] = f"{name}:{digest}"
            self.artefacts.setdefault(key, strings(texts))
        return key


def strings(values: Iterable[str]) -> pa.Array:
    """Texts as an Arrow array (``pa.array`` would import pandas)."""
    from understudy.semantics.pools import strings as made

    return made(tuple(values))


def obeying(texts: Iterable[str], obeys: Callable[[Any], bool]) -> list[str]:
    """Of JSON texts those that obey, each value once, in order. (Long ones are told apart by their words: that two are
    equal and written otherwise does not happen, and looking for it is dear.)"""
    kept: dict[str, str] = {}
    for text in texts:
        value = json.loads(text)
        name = text if len(text) > LONG else canonical(value)
        if name not in kept and obeys(value):
            kept[name] = text
    return list(kept.values())
