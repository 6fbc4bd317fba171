"""Casts of SQL: those that change nothing fall away, constants are read, the rest stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from understudy.model.expression import Call, Cast, Column, Const, Node, Part
from understudy.rules import times_read
from understudy.rules.coercion import NotUnderstoodError, number, truth
from understudy.rules.kinds import INTEGER, NUMERIC, TEXTUAL, kind_of
from understudy.rules.literals import read_constant
from understudy.rules.trees import call
from understudy.types import Kind, Type

Types = Mapping[str, Type]


_KINDS = {
    "BOOLEAN": Kind.BOOLEAN, "DATE": Kind.DATE, "DATE32": Kind.DATE, "TIME": Kind.TIME, "TIMETZ": Kind.TIME,
    "INTERVAL": Kind.INTERVAL,
    "FLOAT": Kind.FLOAT, "DOUBLE": Kind.FLOAT, "DECIMAL": Kind.DECIMAL, "MONEY": Kind.DECIMAL, "UUID": Kind.UUID,
    "JSON": Kind.JSON,
    "JSONB": Kind.JSON, "YEAR": Kind.YEAR, "BINARY": Kind.BINARY, "VARBINARY": Kind.BINARY, "BLOB": Kind.BINARY,
    "ARRAY": Kind.ARRAY,
}  # fmt: skip


def casted(node: Node, target: Type | None, types: Types, dialect: str) -> Node:
    """``node`` as ``target``; a cast that changes nothing falls away."""
    if isinstance(node, Part) and target is not None and (member := _as_member(node, target, types)) is not None:
        return member
    kind = kind_of(node, types)
    if (
        target is not None
        and target.kind is Kind.BINARY
        and dialect == "mysql"
        and kind is not None
        and kind.kind in TEXTUAL
    ):
        return node
    if target is None or (kind is None and not isinstance(node, Const)):
        return node
    constant = node.value if isinstance(node, Const) else None
    if isinstance(node, Const) and constant is None:
        return node
    if isinstance(constant, str) and target.kind is Kind.ARRAY:
        return node
    if constant == "NaN" and target.kind in NUMERIC:
        return node
    if isinstance(constant, str) and target.kind not in TEXTUAL and target.kind not in (Kind.BINARY, Kind.ARRAY):
        return _read_constant(constant, target)
    if kind is None or kind.kind is target.kind:
        return node if kind is None or not _narrows(target, kind) else Cast(node, target)
    return _converted(node, kind, target, types)


MEMBERS = (
    Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT, Kind.BOOLEAN, Kind.DATE, Kind.TIMESTAMP, Kind.UUID, Kind.TIME, Kind.MONEY,
)  # fmt: skip


def _as_member(node: Part, target: Type, types: Types) -> Node | None:
    """A member of a document that is cast is one of that type."""
    inside = isinstance(node.value, Column) and (types.get(node.value.name) or Type(Kind.JSON)).kind in (
        Kind.JSON,
        Kind.TEXT,
    )
    if not inside or node.type.kind not in (Kind.JSON, Kind.TEXT):
        return None
    if target.kind in MEMBERS:
        return Part(node.value, node.path, target)
    return Part(node.value, node.path, Type(Kind.TEXT)) if target.kind is Kind.TEXT and not target.length else None


def _read_constant(text: str, target: Type) -> Node:
    if target.kind in (Kind.TIMESTAMP, Kind.DATE) and text.strip().lower() == "now":
        return times_read.NOW_TIMESTAMP if target.kind is Kind.TIMESTAMP else times_read.TODAY
    found = read_constant(text, target)
    if found is None:
        raise NotUnderstoodError(text)
    return found


def _converted(node: Node, kind: Type, target: Type, types: Types) -> Node:
    match kind.kind, target.kind:
        case (Kind.TIMESTAMP, Kind.DATE):
            return call("to_date", node)
        case (Kind.DATE, Kind.TIMESTAMP):
            return call("to_timestamp", node)
        case (Kind.TIMESTAMP, Kind.TIME):
            return call("to_time", node)
        case (_, Kind.INTEGER) if times_read.is_year_text(node):
            assert isinstance(node, Call)
            return call(times_read.FORMATTED[str(getattr(node.args[1], "value", ""))], node.args[0])
        case (Kind.BOOLEAN, _) if target.kind in NUMERIC:
            return number(node, types)
        case (_, Kind.BOOLEAN) if kind.kind in NUMERIC:
            return truth(node, types)
        case (Kind.INTEGER, Kind.DECIMAL | Kind.FLOAT) if isinstance(node, Const) and isinstance(node.value, int):
            return Const(float(node.value)) if abs(node.value) < 2**53 else node
        case (_, _) if kind.kind in TEXTUAL and target.kind in TEXTUAL:
            return node
        case (_, _) if kind.kind in NUMERIC and (target.kind in NUMERIC or target.kind in TEXTUAL):
            return Cast(node, target)
        case (_, _) if kind.kind in TEXTUAL and target.kind in (
            *NUMERIC,
            Kind.DATE,
            Kind.TIMESTAMP,
            Kind.TIME,
            Kind.BOOLEAN,
        ):
            return Cast(node, target)
        case (Kind.BOOLEAN, _) if target.kind in TEXTUAL:
            return Cast(node, target)
        case (Kind.DATE | Kind.TIMESTAMP, _) if target.kind in TEXTUAL:
            return call("format_time", node, Const("%Y-%m-%d" if kind.kind is Kind.DATE else "%Y-%m-%d %H:%M:%S"))
    raise NotUnderstoodError(f"{kind.kind.value} as {target.kind.value}")


def type_of(to: Any) -> Type | None:
    """The logical type that a cast names; None for user-defined types and others that change nothing here."""
    name = str(getattr(to.this, "value", to.this)).upper()
    sizes = [
        int(str(p.this.this))
        for p in to.expressions
        if p.key == "datatypeparam" and p.this.key == "literal" and not p.this.is_string
    ]
    if name in _KINDS:
        kind = _KINDS[name]
        scale = (sizes[1] if len(sizes) > 1 else 0) if sizes and kind is Kind.DECIMAL else None
        return Type(kind, precision=sizes[0] if sizes else None, scale=scale)
    if "INT" in name or name in ("SERIAL", "BIGSERIAL"):
        return INTEGER
    if name.startswith(("TIMESTAMP", "DATETIME")):
        return Type(Kind.TIMESTAMP)
    if "CHAR" in name or "TEXT" in name or name == "NAME":
        return Type(Kind.TEXT, length=sizes[0] if sizes else None)
    return None


def _narrows(target: Type, kind: Type) -> bool:
    """Whether a cast within one kind may change the value: a shorter text, fewer digits."""
    if target.kind is Kind.TEXT:
        return target.length is not None and (kind.length is None or kind.length > target.length)
    if target.kind is Kind.DECIMAL:
        return target.scale is not None and (kind.scale is None or kind.scale > target.scale)
    return False
