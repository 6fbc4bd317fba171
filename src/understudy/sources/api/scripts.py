"""Test scripts of Postman collections, followed on paper: which assertions they make of the answer.

A script is never run: assertions of all branches are read, in the old way (``tests["…"] = …``) and the new.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from understudy.sources.api.assertions import Code, Path, Size, TypeOf, Variable, chain, equal
from understudy.sources.api.outcomes import ELEMENT, Expected, Outcome
from understudy.sources.code.parsing import parse
from understudy.sources.code.tree import (
    Attr,
    Block,
    Branches,
    Call,
    Do,
    Either,
    Expr,
    Func,
    Give,
    Index,
    Joined,
    Let,
    Lit,
    Many,
    Map,
    Name,
    Not,
    Other,
    Same,
    Seq,
    Stmt,
)

DEEPEST = 12
"""Functions within functions that are followed."""
MOST = 400
"""Assertions of one script."""
SETS = frozenset({"set", "setEnvironmentVariable", "setGlobalVariable", "setNextVariable"})
GETS = frozenset({"get", "getEnvironmentVariable", "getGlobalVariable"})


def outcome_of(script: str) -> Outcome:
    """What a test script expects."""
    module = parse(script, "script.js")
    reader = _Reader()
    reader.block(module.body, {})
    return Outcome(tuple(dict.fromkeys(reader.found)), tuple(dict.fromkeys(reader.kept)), module.faults)


class Truth(msgspec.Struct, frozen=True):
    """A comparison that is kept under a name, and what names stood for."""

    of: Expr
    names: Mapping[str, Any]


class _Reader:
    """Follows a script; ``names``: what its variables stand for."""

    def __init__(self) -> None:
        self.found: list[Expected] = []
        self.kept: list[tuple[str, tuple[str, ...]]] = []
        self.title = ""
        self.depth = 0

    # ---- statements ---------------------------------------------------------------------------------
    def block(self, body: Sequence[Stmt], names: dict[str, Any]) -> Any:
        result = None
        for s in body:
            told = self.statement(s, names)
            result = told if result is None else result
        return result

    def statement(self, s: Stmt, names: dict[str, Any]) -> Any:
        match s:
            case Let(name, value, taken) if value is not None:
                test = re.match(r"tests\[(.*)\]$", name, re.DOTALL)
                if test:
                    self._titled(test[1].strip("\"'`"), lambda: self._holds(value, names))
                    return None
                told = self.value(value, names)
                if taken:
                    names.update({n: _member(told, k) for k, n in taken})
                else:
                    names[name] = told
            case Func():
                names[s.name] = (s, names)
            case Do(value):
                self.value(value, names)
            case Give(value) if value is not None:
                return self.value(value, names)
            case Branches(cases):
                for condition, inner in cases:
                    if condition is not None:
                        self.value(condition, names)
                    self.block(inner, names)
            case Many(variable, over, inner):
                items = self.value(over, names)
                name = re.sub(r"^(?:const|let|var)\s+", "", variable)
                for item in items[:DEEPEST] if isinstance(items, list) else [_member(items, ELEMENT)]:
                    self.block(inner, {**names, name: item})
            case Block(inner, _):
                return self.block(inner, names)
        return None

    def _titled(self, title: str, act: Any) -> None:
        before, self.title = self.title, title
        count = len(self.found)
        try:
            act()
        finally:
            self.title = before
        if len(self.found) == count:
            self._note("says", (), (), title=title)

    def _note(self, what: str, path: Any, values: Sequence[Any] = (), denied: bool = False, title: str = "") -> None:
        if len(self.found) >= MOST:
            return
        steps = path.steps if isinstance(path, Path) else ()
        plain = tuple(v for v in values if v is None or isinstance(v, str | int | float))
        self.found.append(Expected(what, steps, plain, title or self.title, denied))

    # ---- expressions --------------------------------------------------------------------------------
    def value(self, e: Expr, names: Mapping[str, Any]) -> Any:
        """A literal, a member of the answer, the status, a list, a map, a function, or None."""
        match e:
            case Lit(value):
                return value
            case Name(name):
                return names.get(name, Path() if name == "responseBody" else None)
            case Attr(Name("responseCode"), "code"):
                return Code()
            case Attr(Attr(Name("pm"), "response"), "code" | "status"):
                return Code()
            case Attr(of, "length"):
                told = self.value(of, names)
                return Size(told) if isinstance(told, Path) else None
            case Attr():
                asserted = self._chain(e, names)
                return asserted if asserted is not None else _member(self.value(e.of, names), e.name)
            case Index(of, key):
                inner = self.value(key, names)
                return _member(self.value(of, names), inner if isinstance(inner, str) else ELEMENT)
            case Seq(items):
                return [self.value(i, names) for i in items]
            case Map(items):
                return {k: self.value(v, names) for k, v in items}
            case Joined(parts):
                told = [self.value(p, names) for p in parts]
                return "".join(map(str, told)) if all(isinstance(t, str | int | float) for t in told) else None
            case Either(options):
                return next((v for o in options if (v := self.value(o, names)) is not None), None)
            case Func():
                return e, names
            case Other(text, inside) if text.startswith("typeof") and inside:
                told = self.value(inside[0], names)
                return TypeOf(told) if isinstance(told, Path) else None
            case Call():
                return self._call(e, names)
            case Same() | Not():
                return Truth(e, names)
            case _:
                return None

    def _call(self, e: Call, names: Mapping[str, Any]) -> Any:
        if self._chain(e, names) is not None:
            return None
        given = e.arguments
        match e.function:
            case Attr(Attr(Name("pm"), "response"), "json"):
                return Path()
            case Attr(Attr(Name("pm"), "response"), "text"):
                return Path()
            case Attr(Name("JSON"), "parse") if given:
                return self.value(given[0], names)
            case Attr(Name("pm"), "test") if len(given) > 1 and isinstance(given[1], Func):
                title = self.value(given[0], names)
                inner = given[1]
                self._titled(str(title or ""), lambda: self._run(inner, (), names))
                return None
            case Attr(_, name) if name in SETS and len(given) > 1:
                key, kept = self.value(given[0], names), self.value(given[1], names)
                if isinstance(key, str) and isinstance(kept, Path) and kept.steps:
                    self.kept.append((key, kept.steps))
                return None
            case Attr(_, name) if name in GETS and given:
                key = self.value(given[0], names)
                return Variable(key) if isinstance(key, str) else None
            case Name(name) if isinstance(names.get(name), tuple):
                function, around = names[name]
                return self._run(function, [self.value(a, names) for a in given], around)
            case Attr(of, "forEach" | "map" | "each" | "every" | "some" | "filter" | "find") if given:
                return self._each(of, given, names)
            case Attr(Name("tv4" | "ajv" | "Ajv" | "validator"), "validate"):
                return None
            case Name("parseInt" | "Number" | "String" | "parseFloat") if given:
                return self.value(given[0], names)
            case _:
                for a in given:
                    if isinstance(a, Func):
                        self._run(a, (), names)
                return None

    def _each(self, of: Expr, given: Sequence[Expr], names: Mapping[str, Any]) -> Any:
        """A function given to a list is run for its elements (``_.each(list, f)`` as well)."""
        over, function = (given[0], given[-1]) if of == Name("_") else (of, given[0])
        items = self.value(over, names)
        if isinstance(function, Func):
            known = items[:DEEPEST] if isinstance(items, list) else [_member(items, ELEMENT)]
            for item in known:
                self._run(function, [item], names)
        return _member(items, ELEMENT) if isinstance(of, Attr | Name) else None

    def _run(self, function: Func, given: Sequence[Any], names: Mapping[str, Any]) -> Any:
        if self.depth >= DEEPEST:
            return None
        self.depth += 1
        inner = dict(names)
        for i, (name, _) in enumerate(function.parameters):
            value = given[i] if i < len(given) else None
            if name.startswith("{"):
                inner |= {p.split(":")[-1]: _member(value, p.split(":")[0]) for p in name[1:-1].split(",") if p}
            else:
                inner[name] = value
        try:
            if function.value is not None:
                return self.value(function.value, inner)
            return self.block(function.body, inner)
        finally:
            self.depth -= 1

    # ---- what must hold -----------------------------------------------------------------------------
    def _holds(self, e: Expr, names: Mapping[str, Any], denied: bool = False) -> None:
        """A truth in the old way."""
        match e:
            case Not(of):
                self._holds(of, names, not denied)
            case Same(left, right, same):
                equal(self._note, self.value(left, names), self.value(right, names), denied == same)
            case Either(options):
                for o in options:
                    self._holds(o, names, denied)
            case Call(Attr(of, "hasOwnProperty" | "has"), (key, *_)):
                told = self.value(of, names)
                name = self.value(key, names)
                if isinstance(told, Path) and isinstance(name, str) and of != Name("responseBody"):
                    self._note("exists", Path((*told.steps, name)), denied=denied)
            case Call(Attr(Name("Number"), "isInteger"), (of, *_)):
                self._note("type", self.value(of, names), ("integer",), denied)
            case Call(Attr(Name("Array" | "_"), "isArray"), (of, *_)):
                self._note("type", self.value(of, names), ("array",), denied)
            case Call(Attr(Name("_"), name), (of, *_)) if name.startswith("is"):
                self._note("type", self.value(of, names), (name[2:],), denied)
            case Call(Attr(Lit(str(pattern)), "test"), (of, *_)):
                self._note("pattern", self.value(of, names), (pattern,), denied)
            case Call(Attr(of, "includes"), (key, *_)):
                items, told = self.value(of, names), self.value(key, names)
                if isinstance(items, list) and isinstance(told, Path | Code):
                    self._note("status" if isinstance(told, Code) else "one_of", told, items, denied)
            case Other(_, inside):
                for i in inside:
                    told = self.value(i, names)
                    if isinstance(told, Size):
                        self._note("size", told.of, (), denied)
            case _:
                told = self.value(e, names)
                if isinstance(told, Truth):
                    self._holds(told.of, told.names, denied)
                elif isinstance(told, Path) and told.steps:
                    self._note("exists", told, denied=denied)

    def _chain(self, e: Expr, names: Mapping[str, Any]) -> Any:
        """``pm.expect(x).to.…`` and ``pm.response.to.…``; None where it is neither, else what the next word is of."""
        links: list[tuple[str, tuple[Expr, ...] | None]] = []
        here: Expr = e
        while True:
            match here:
                case Call(Attr(of, name), arguments) if not _asks(here):
                    links.append((name, arguments))
                    here = of
                case Attr(of, name) if not _response(here):
                    links.append((name, None))
                    here = of
                case _:
                    break
        links.reverse()
        about: Any
        if _asks(here):
            assert isinstance(here, Call)
            about = self.value(here.arguments[0], names) if here.arguments else None
        elif _response(here) and links and links[0][0] in ("to", "not"):
            about = Code()
        else:
            return None
        told = [(n, a is not None, [self.value(x, names) for x in a or ()]) for n, a in links]
        return chain(self._note, about, told)


def _asks(e: Expr) -> bool:
    """Whether this is ``pm.expect(x)`` or ``expect(x)`` itself."""
    return isinstance(e, Call) and (e.function == Attr(Name("pm"), "expect") or e.function == Name("expect"))


def _response(e: Expr) -> bool:
    return e == Attr(Name("pm"), "response")


def _member(of: Any, name: str) -> Any:
    if isinstance(of, Path):
        return Path((*of.steps, name))
    if isinstance(of, dict):
        return of.get(name)
    if isinstance(of, list) and name == ELEMENT:
        return of[0] if of else None
    return None
