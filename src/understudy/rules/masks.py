"""Rules that read nothing but which columns are null, as combinations of null and not null."""

from __future__ import annotations

from itertools import product

from understudy.model.domain import Domain
from understudy.model.expression import Call, Column, Node
from understudy.rules.branch import Branch
from understudy.rules.evaluation import evaluate
from understudy.rules.simplification import understood
from understudy.rules.trees import NOW, children, columns_of

MASK_COLUMNS = 10
"""Columns whose nulls are tried in every combination (1,024); a rule that counts more nulls is left to repair."""


def mask_branches(node: Node) -> list[Branch] | None:
    """A rule that reads nothing but which columns are null, as combinations of null and not null."""
    if (isinstance(node, Call) and node.function in ("and", "or")) or _is_null_test(node):
        return None
    names = columns_of(node)
    if not 0 < len(names) <= MASK_COLUMNS or not _reads_only_nulls(node):
        return None
    cubes: set[tuple[bool | None, ...]] = set()
    for mask in product((True, False), repeat=len(names)):
        if evaluate(node, {n: 0 if there else None for n, there in zip(names, mask, strict=True)}) is not False:
            cubes.add(mask)
    return [_cube_branch(names, cube) for cube in _merged_cubes(cubes)]


def _is_null_test(node: Node) -> bool:
    return isinstance(node, Call) and (
        node.function == "is_null" or (node.function == "not" and _is_null_test(node.args[0]))
    )


def _reads_only_nulls(node: Node) -> bool:
    match node:
        case Call(function="is_null" | "num_nulls" | "num_nonnulls", args=args):
            return all(isinstance(a, Column) and a.name != NOW for a in args)
        case Column():
            return False
    return understood(node) and all(_reads_only_nulls(c) for c in children(node))


def _merged_cubes(cubes: set[tuple[bool | None, ...]]) -> list[tuple[bool | None, ...]]:
    """Combinations that differ in one column only, as one (None: either), each used once: the cubes stay disjoint."""
    merged = sorted(cubes, key=str, reverse=True)
    changed = True
    while changed:
        changed = False
        for i, a in enumerate(merged):
            partner = next((b for b in merged[i + 1 :] if _differ_once(a, b)), None)
            if partner is not None:
                merged.remove(a)
                merged.remove(partner)
                merged.append(tuple(x if x == y else None for x, y in zip(a, partner, strict=True)))
                changed = True
                break
    return merged


def _differ_once(a: tuple[bool | None, ...], b: tuple[bool | None, ...]) -> bool:
    apart = [(x, y) for x, y in zip(a, b, strict=True) if x != y]
    return len(apart) == 1 and None not in apart[0]


def _cube_branch(names: tuple[str, ...], cube: tuple[bool | None, ...]) -> Branch:
    kinds = {True: Domain(required=True), False: Domain(forbidden=True)}
    return Branch({n: kinds[there] for n, there in zip(names, cube, strict=True) if there is not None})
