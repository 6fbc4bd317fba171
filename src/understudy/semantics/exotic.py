"""Text forms of types that few tables have: of PostgreSQL's system catalogue, of PostGIS' boxes."""

from __future__ import annotations

from understudy.model.expression import Call, Choice, Const, Join, Node, Uniform
from understudy.semantics.codes import code_of, place
from understudy.semantics.nouns import Coded, Want

Made = tuple[Node, Coded | None]


def exotic(want: Want, use: str) -> Made | None:
    """None for a type that is not one of them."""
    code = code_of(want)
    low, high = Uniform(use + ".low", Const(1), Const(4000)), Uniform(use + ".high", Const(1), Const(900))
    match want.field.type.variant or want.field.type.raw.lower():
        case "txid_snapshot" | "pg_snapshot":
            drawn = Join((low, Call("+", (low, high)), Const("")), ":")
            return drawn, Coded(10**9, Join((Call("+", (code, Const(1))), Call("+", (code, Const(9))), Const("")), ":"))
        case "tid":
            return _pair(low, high), Coded(
                10**8, _pair(place(code, 100, 10**6), Call("+", (place(code, 1, 100), Const(1))))
            )
        case "int2vector" | "oidvector":
            return Join((low, high), " "), Coded(1 << 20, Join((place(code, 1024, 1024), place(code, 1, 1024)), " "))
        case "regtype" | "regproc" | "regprocedure" | "regoper" | "regoperator" | "regnamespace" | "regrole":
            return None
        case "box2d":
            corners = Join(
                (low, Const(" "), low, Const(","), Call("+", (low, high)), Const(" "), Call("+", (low, high)))
            )
            return Join((Const("BOX("), corners, Const(")"))), None
        case "box3d":
            far = Call("+", (low, high))
            first, second = Join((low, low, Const(0)), " "), Join((far, far, Const(9)), " ")
            return Join((Const("BOX3D("), first, Const(","), second, Const(")"))), None
    return None


def _pair(a: Node, b: Node) -> Node:
    return Join((Const("("), a, Const(","), b, Const(")")))


NAMES = {
    "regtype": ("integer", "text", "boolean", "numeric", "date", "uuid"),
    "regproc": ("pg_catalog.now", "pg_catalog.version", "pg_catalog.random", "pg_catalog.pi"),
    "regprocedure": ("abs(integer)", "lower(text)", "upper(text)", "length(text)"),
    "regoperator": ("+(integer,integer)", "-(integer,integer)", "=(text,text)"),
    "regnamespace": ("pg_catalog", "information_schema"),
    "regconfig": ("simple", "english", "german"),
    "regcollation": ("\"C\"", "\"POSIX\""),
    "regdictionary": ("simple", "english_stem"),
}  # fmt: skip
"""Names of things that every server has."""


def named(want: Want, use: str) -> Made | None:
    """A thing of the server's catalogue, by name; None for other types."""
    names = NAMES.get(want.field.type.variant)
    if names is None:
        return None
    from understudy.model.expression import Case, When

    pick = Choice(use, tuple(1.0 for _ in names))
    whens = tuple(When(Call("=", (pick, Const(i))), Const(n)) for i, n in enumerate(names[:-1]))
    return Case(whens, Const(names[-1])), None
