"""Other parents: which product a line of an order has. Parents fall into classes, told apart by what lines of the one
have that lines of the other have not; a row draws its class like any column, and within the class those parents that
had many rows come more often.

    products ─► tree over their columns ─► class 0: cheap toys   (members by their number of lines)
                                           class 1: dear tools
    line     ─► class, given its order and the line before ─► a product of the class ─► the line's other columns
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from understudy.learning.columns import HIDDEN, NULL, Keep, Represented
from understudy.learning.growing import Tree, grow, indicators
from understudy.model.expression import Const, Leaf, Node
from understudy.model.plan import PlannedColumn
from understudy.types import Kind, Type

CHOICE = "choice:"
CLASS = "class:"
MOST_CLASSES = 24
LEAST_ROWS = 40
"""Classes of parents that are told apart, and the rows behind each."""

WITNESSES = 12
"""Columns of the rows by which classes are told apart."""

ROWS = 20_000


class Choice(msgspec.Struct):
    """``column``: the row's class, to be learned; ``classes``: the parent's hidden column of it; ``size``: how many
    there are."""

    link: str
    column: Represented
    classes: PlannedColumn
    size: int


def choice(
    table: str,
    link: str,
    parents: NDArray[np.int64],
    above: Sequence[Represented],
    beside: Sequence[Represented],
    seed: int,
    keep: Keep,
) -> Choice:
    """Classes of the parents along ``link``. ``parents``: each row's, -1 for none; ``above``: the parents' columns;
    ``beside``: what the rows themselves have and are given, by which parents differ."""
    name = f"{table}.{link}"
    there = np.flatnonzero(parents >= 0)
    random = np.random.default_rng(seed)
    rows = np.sort(random.permutation(there)[:ROWS])
    codes, node = _grown(name, parents, above, beside, rows, random, keep)
    classes = PlannedColumn(HIDDEN + CLASS + name, Type(Kind.INTEGER), node, f"what {name} is chosen by", hidden=True)
    numbers = np.where(parents >= 0, codes[np.maximum(parents, 0)], NULL)
    size = int(codes.max(initial=0)) + 1
    column = Represented(CHOICE + link, Type(Kind.ENUM), numbers, True, size, table=table)
    return Choice(link, column, classes, size)


def _grown(
    name: str,
    parents: NDArray[np.int64],
    above: Sequence[Represented],
    beside: Sequence[Represented],
    rows: NDArray[np.int64],
    random: np.random.Generator,
    keep: Keep,
) -> tuple[NDArray[np.int64], Node]:
    """The class of each parent, and the expression that gives it."""
    size = above[0].numbers.size if above else int(parents.max(initial=-1)) + 1
    wanted = [indicators(msgspec.structs.replace(b, numbers=b.numbers[rows])) for b in beside[:WITNESSES]]
    if not above or not wanted or rows.size < 2 * LEAST_ROWS:
        return np.zeros(size, np.int64), Const(0)
    scales, ranks = zip(*(np.unique(a.numbers, return_inverse=True) for a in above), strict=True)
    features = np.column_stack(ranks).astype(np.float32)[parents[rows]]
    least = max(LEAST_ROWS, -(-rows.size // MOST_CLASSES))
    seed = int(random.integers(1 << 30))
    tree = grow(features, list(scales), np.column_stack(wanted), np.arange(rows.size), least, seed)
    if tree.leaves < 2:
        return np.zeros(size, np.int64), Const(0)
    artefact = keep(f"{above[0].table}:learned:{CLASS}{name}:trees", grown_nodes(tree))
    return leaves_of(tree, above), Leaf("class", artefact, tuple(a.node for a in above))


def grown_nodes(tree: Tree) -> pa.Table:
    """A tree as kernels read it."""
    roots = np.arange(tree.feature.size) == 0
    return pa.table({"feature": tree.feature, "threshold": tree.threshold, "child": tree.child, "root": roots})


def leaves_of(tree: Tree, above: Sequence[Represented]) -> NDArray[np.int64]:
    """The leaf that each parent falls into."""
    numbers = np.column_stack([a.numbers for a in above])
    at = np.zeros(numbers.shape[0], np.int64)
    while (inner := np.flatnonzero(tree.feature[at] >= 0)).size:
        node = at[inner]
        right = numbers[inner, tree.feature[node]] > tree.threshold[node]
        at[inner] = tree.child[node] + right
    return tree.child[at].astype(np.int64)
