"""Expressions as text that people read: SQL-like, with only the brackets that are needed."""

from __future__ import annotations

from understudy.model.expression import Call, Case, Cast, Column, Const, Node, Nulls, Opaque, Part
from understudy.rules.trees import NOW

_INFIX = {
    "or": 1, "and": 2, "=": 4, "<>": 4, "<": 4, "<=": 4, ">": 4, ">=": 4, "is_distinct": 4, "like": 4, "ilike": 4,
    "glob": 4, "regex": 4, "iregex": 4, "+": 5, "-": 5, "*": 6, "/": 6, "%": 6,
}  # fmt: skip
_SIGNS = {"is_distinct": "is distinct from", "regex": "~", "iregex": "~*"}
_SUFFIX = {"is_null": "is null", "is_true": "is true", "is_false": "is false"}


def render(node: Node) -> str:
    """The expression in one line, for reports and plans."""
    return _written(node, 0)


def _written(node: Node, around: int) -> str:
    match node:
        case Const(value=value):
            return _constant(value)
        case Column(name=name):
            return "now()" if name == NOW else name if name.isidentifier() else '"' + name.replace('"', '""') + '"'
        case Cast(value=value, type=kind):
            return f"cast({_written(value, 0)} as {kind.raw or kind.kind.value})"
        case Case(branches=branches, otherwise=otherwise):
            whens = " ".join(f"when {_written(b.condition, 0)} then {_written(b.value, 0)}" for b in branches)
            return f"case {whens} else {_written(otherwise, 0)} end"
        case Nulls(value=value, where=where):
            return f"case when {_written(where, 0)} then null else {_written(value, 0)} end"
        case Part(value=value, path=path):
            return ".".join([_written(value, 9), *path])
        case Opaque(text=text):
            return text if text.startswith("(") or around < 4 else f"({text})"
        case Call(function=function, args=args):
            return _call(function, args, around)
    return type(node).__name__.lower()


def _call(function: str, args: tuple[Node, ...], around: int) -> str:
    if function == "not":
        return _negated(args[0], around)
    if function in _SUFFIX:
        return _bracketed(f"{_written(args[0], 5)} {_SUFFIX[function]}", 4, around)
    if function == "in":
        return _bracketed(f"{_written(args[0], 5)} in ({_listed(args[1:])})", 4, around)
    if function in _INFIX and len(args) > 1:
        level = _INFIX[function]
        sign = f" {_SIGNS.get(function, function)} "
        first = _written(args[0], level if level != 4 else 5)
        return _bracketed(sign.join([first, *(_written(a, level + 1) for a in args[1:])]), level, around)
    if function == "-":
        return f"-{_written(args[0], 9)}"
    return f"{function}({_listed(args)})"


def _negated(inner: Node, around: int) -> str:
    if isinstance(inner, Call) and inner.function in ("is_null", "is_true", "is_false"):
        return _bracketed(
            f"{_written(inner.args[0], 5)} {_SUFFIX[inner.function].replace('is ', 'is not ')}", 4, around
        )
    if isinstance(inner, Call) and inner.function == "in":
        return _bracketed(f"{_written(inner.args[0], 5)} not in ({_listed(inner.args[1:])})", 4, around)
    return _bracketed(f"not {_written(inner, 3)}", 3, around)


def _bracketed(text: str, level: int, around: int) -> str:
    return f"({text})" if level < around else text


def _listed(args: tuple[Node, ...]) -> str:
    return ", ".join(_written(a, 0) for a in args)


def _constant(value: int | float | bool | str | None) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return "'" + value.replace("'", "''") + "'"
        case _:
            return repr(value)
