"""Programs of tests in one small language, whatever they were written in.

Only what test code does is kept: names, texts, calls, objects, functions, classes; the rest is ``Other``.
"""

from __future__ import annotations

import msgspec


class Lit(msgspec.Struct, frozen=True):
    """A text, number, truth or nothing."""

    value: str | int | float | bool | None


class Name(msgspec.Struct, frozen=True):
    """A variable (``self`` and ``this`` are ``this``)."""

    id: str


class Attr(msgspec.Struct, frozen=True):
    """A member of an object."""

    of: Expr
    name: str


class Index(msgspec.Struct, frozen=True):
    """An element of a list or map."""

    of: Expr
    key: Expr


class Call(msgspec.Struct, frozen=True):
    """A call; ``named`` are keyword arguments."""

    function: Expr
    arguments: tuple[Expr, ...] = ()
    named: tuple[tuple[str, Expr], ...] = ()
    line: int = 0
    text: str = ""


class New(msgspec.Struct, frozen=True):
    """An object made of a class."""

    cls: str
    arguments: tuple[Expr, ...] = ()
    line: int = 0


class Func(msgspec.Struct, frozen=True):
    """A function: ``parameters`` by name, with defaults where there are any."""

    name: str
    parameters: tuple[tuple[str, Expr | None], ...]
    body: tuple[Stmt, ...]
    marks: tuple[str, ...] = ()
    getter: bool = False
    line: int = 0
    value: Expr | None = None


class Map(msgspec.Struct, frozen=True):
    """A map or object literal."""

    items: tuple[tuple[str, Expr], ...]


class Seq(msgspec.Struct, frozen=True):
    """A list, tuple or set."""

    items: tuple[Expr, ...]


class Joined(msgspec.Struct, frozen=True):
    """Texts put together."""

    parts: tuple[Expr, ...]
    text: str = ""


class Either(msgspec.Struct, frozen=True):
    """One or the other. ``every``: all of them, the last is the value (``a && b``)."""

    options: tuple[Expr, ...]
    every: bool = False


class Other(msgspec.Struct, frozen=True):
    """Anything else: its text, and the expressions inside it."""

    text: str
    inside: tuple[Expr, ...] = ()


class Let(msgspec.Struct, frozen=True):
    """A variable, or several taken out of an object (``names``: member → variable). ``bare``: not declared here, so it
    may be a member of the object (Java)."""

    name: str
    value: Expr | None
    names: tuple[tuple[str, str], ...] = ()
    bare: bool = False


class SetAttr(msgspec.Struct, frozen=True):
    """A member of an object is set."""

    of: Expr
    name: str
    value: Expr


class Do(msgspec.Struct, frozen=True):
    """An expression for its effect."""

    value: Expr


class Many(msgspec.Struct, frozen=True):
    """A loop over a list."""

    variable: str
    over: Expr
    body: tuple[Stmt, ...]


class Block(msgspec.Struct, frozen=True):
    """Statements that run in some case (a try, a with); ``head`` is evaluated first."""

    body: tuple[Stmt, ...]
    head: tuple[Expr, ...] = ()


class Branches(msgspec.Struct, frozen=True):
    """Cases in order, each with its condition (None: otherwise)."""

    cases: tuple[tuple[Expr | None, tuple[Stmt, ...]], ...]


class Same(msgspec.Struct, frozen=True):
    """Whether two values are equal (or not)."""

    left: Expr
    right: Expr
    equal: bool = True


class Not(msgspec.Struct, frozen=True):
    """The opposite of a truth."""

    of: Expr


class Give(msgspec.Struct, frozen=True):
    """A result."""

    value: Expr | None


class Assert(msgspec.Struct, frozen=True):
    """Something that must hold."""

    value: Expr
    line: int
    text: str


class Class(msgspec.Struct, frozen=True):
    """A class: fields with their first values, methods, and what it extends."""

    name: str
    bases: tuple[str, ...] = ()
    fields: tuple[tuple[str, Expr], ...] = ()
    methods: tuple[Func, ...] = ()
    line: int = 0


Expr = Lit | Name | Attr | Index | Call | New | Func | Map | Seq | Joined | Either | Same | Not | Other
Stmt = Let | SetAttr | Do | Many | Block | Branches | Give | Assert | Func | Class


class Module(msgspec.Struct, frozen=True):
    """One file. ``faults``: lines that do not parse; ``deep``: lines where something is nested too deeply."""

    path: str
    language: str
    body: tuple[Stmt, ...]
    faults: tuple[int, ...] = ()
    deep: tuple[int, ...] = ()
