"""A test run on paper: helpers, page objects and fixtures followed, and every act on the page noted as a step.

Nothing is executed. Names are looked up where they are defined in the given files; what is unknown stays unknown
and is noted in its own words. Both branches of a condition are taken, a loop over a known list is walked, others once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from understudy.sources.cases.code import actions, evaluation
from understudy.sources.cases.code.values import (
    LONGEST_LOOP,
    Act,
    Closure,
    Instance,
    Library,
    Scope,
    Unknown,
    pattern,
    taken,
    titled,
)
from understudy.sources.cases.locators import Locator
from understudy.sources.code.tree import (
    Assert,
    Attr,
    Block,
    Branches,
    Call,
    Class,
    Do,
    Expr,
    Func,
    Give,
    Let,
    Many,
    Name,
    Other,
    Same,
    SetAttr,
    Stmt,
)

DEEPEST = 14
"""Calls within calls that are followed."""
MOST_CALLS = 1500
"""Calls that one test may make before the rest is left."""
MOST_STATEMENTS = 20_000
"""Statements that one test may run before the rest is left: loops within loops over known lists."""
MOST_STEPS = 200


class EnoughError(Exception):
    """So much was noted that the rest says nothing new."""


class Runner:
    """Runs one test."""

    value = evaluation.value
    member = evaluation.member

    def __init__(self, library: Library, scope: Scope) -> None:
        self.library, self.scope = library, scope
        self.acts: list[Act] = []
        self.calls = 0
        self.statements = 0
        self.depth = 0
        self.owners: list[str] = []
        self.given: dict[str, Any] = {}

    def run(self, closure: Closure, arguments: Mapping[str, Any] | None = None) -> list[Act]:
        """The acts of a test function."""
        known = arguments or {}
        names = [n for n, _ in closure.function.parameters]
        with suppress(EnoughError, RecursionError):
            self.call(closure, [self.fixture(n) if known.get(n) is None else known[n] for n in names], {})
        return self.acts

    def quietly(self, e: Expr, scope: Scope) -> Any:
        """What an expression stands for, unknown where finding out would take too long."""
        self.calls = self.statements = 0
        self.acts.clear()
        try:
            return self.value(e, scope)
        except (EnoughError, RecursionError):
            return Unknown("")

    def answer(self, closure: Closure) -> Any:
        """What a function without parameters gives, unknown where finding out would take too long."""
        self.calls = self.statements = 0
        try:
            return self.call(closure, [], {})
        except (EnoughError, RecursionError):
            return Unknown("")

    def object_of(self, cls: Class) -> Instance:
        """An object of a class of tests; without what would take too long to find out."""
        try:
            return self.instance(cls, [])
        except (EnoughError, RecursionError):
            return Instance(cls, {})

    # ---- fixtures -----------------------------------------------------------------------------------
    def fixture(self, name: str) -> Any:
        """What a parameter of a test is given: a fixture's result, or an object of a class that is called so."""
        if name.startswith("{"):
            return {n.split(":")[0]: self.fixture(n.split(":")[0]) for n in name[1:-1].split(",") if n}
        if name in self.given:
            return self.given[name]
        self.given[name] = Unknown(name)
        fixture = self.library.fixtures.get(name)
        if fixture is not None and self.depth < DEEPEST:
            given = [self.fixture(n) for n, _ in fixture.function.parameters]
            told = self.call(fixture, given, {})
            if told is not None:
                self.given[name] = told
        else:
            cls = self.library.called(name)
            if cls is not None:
                self.given[name] = self.instance(cls, [Unknown("page")])
        return self.given[name]

    # ---- calls --------------------------------------------------------------------------------------
    def call(self, closure: Closure, arguments: Sequence[Any], named: Mapping[str, Any]) -> Any:
        """The result of a function of the given files."""
        self.calls += 1
        if self.calls > MOST_CALLS or len(self.acts) > MOST_STEPS:
            raise EnoughError
        if self.depth >= DEEPEST:
            return Unknown(closure.function.name)
        names = self._bound(closure, arguments, named)
        if closure.this is not None:
            names["this"] = closure.this
        scope = Scope(names, closure.scope)
        owner = closure.this.cls.name if isinstance(closure.this, Instance) else ""
        self.depth += 1
        self.owners.append(owner or (self.owners[-1] if self.owners else ""))
        try:
            if closure.function.value is not None:
                return self.value(closure.function.value, scope)
            return self.block(closure.function.body, scope)
        finally:
            self.depth -= 1
            self.owners.pop()

    def _bound(self, closure: Closure, arguments: Sequence[Any], named: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters of a function with what they are given."""
        names: dict[str, Any] = {}
        for place, (name, default) in enumerate(closure.function.parameters):
            if name.startswith(("*", "...")):
                names[name.lstrip("*.")] = list(arguments[place:]) if not name.startswith("**") else dict(named)
            elif name.startswith("{"):
                given = arguments[place] if place < len(arguments) else Unknown(name)
                names |= taken(given, pattern(name))
            elif name in named:
                names[name] = named[name]
            elif place < len(arguments):
                names[name] = arguments[place]
            else:
                names[name] = self.value(default, closure.scope) if default is not None else Unknown(name)
        return names

    def instance(self, cls: Class, arguments: Sequence[Any]) -> Instance:
        """A new object of a class, its constructor run; one that depends on nothing known is made once and copied."""
        plain = all(isinstance(a, Unknown) for a in arguments)
        known = self.library.made.get(id(cls)) if plain else None
        if known is not None:
            return Instance(cls, dict(known.fields))
        noted = len(self.acts)
        made = self._made(cls, arguments)
        if plain and len(self.acts) == noted:
            self.library.made[id(cls)] = Instance(cls, dict(made.fields))
        return made

    def _made(self, cls: Class, arguments: Sequence[Any]) -> Instance:
        made = Instance(cls, {})
        for c in reversed(self.library.line(cls)):
            scope = Scope({"this": made}, self.scope)
            for name, value in c.fields:
                made.fields[name] = titled(self.value(value, scope), name)
        maker = self.library.method(cls, "constructor") or self.library.method(cls, "__init__")
        if maker is not None:
            self.call(Closure(maker, self.scope, made), arguments, {})
        for name, value in list(made.fields.items()):
            made.fields[name] = titled(value, name)
        return made

    # ---- statements ---------------------------------------------------------------------------------
    def block(self, body: Sequence[Stmt], scope: Scope) -> Any:
        """Run statements; the first result that is given, None if none is."""
        result: Any = None
        for statement in body:
            told = self.statement(statement, scope)
            if told is not None and result is None:
                result = told
                if isinstance(statement, Give):
                    return result
        return result

    def statement(self, s: Stmt, scope: Scope) -> Any:
        """Run one statement; a result where it gives one."""
        self.statements += 1
        if self.statements > MOST_STATEMENTS:
            raise EnoughError
        match s:
            case Do(value):
                self.value(value, scope)
            case Let(name, value, names):
                told = self.value(value, scope) if value is not None else Unknown(name)
                if names:
                    scope.names.update(taken(told, names))
                elif s.bare and self._kept(scope, name, titled(told, name)):
                    pass
                elif scope.get(name) is not None:
                    scope.set(name, titled(told, name))
                else:
                    scope.names[name] = titled(told, name)
            case SetAttr(of, name, value):
                owner, told = self.value(of, scope), self.value(value, scope)
                if isinstance(owner, Instance):
                    owner.fields[name] = titled(told, name)
                elif isinstance(owner, dict):
                    owner[name] = told
            case Give(value):
                return self.value(value, scope) if value is not None else None
            case Branches(cases):
                return self._branches(cases, scope)
            case Many(variable, over, inner):
                self._loop(variable, self.value(over, scope), inner, scope)
            case Block(inner, heads):
                for head in heads:
                    self.value(head, scope)
                result = self.block(inner, scope)
                for head in heads:
                    if isinstance(head, Call) and called(head) in actions.RAISES:
                        self.note("expect", head, None, (actions.RAISED,))
                return result
            case Assert(value, line, text):
                target, told = self._texts(value, scope)
                self._note("expect", text, line, target, told)
            case Func():
                scope.names[s.name] = Closure(s, scope)
            case Class():
                self.library.declare(s)
        return None

    @staticmethod
    def _kept(scope: Scope, name: str, value: Any) -> bool:
        """Whether a name is a member of the object in whose method it is set; it is set then."""
        this = scope.get("this")
        if scope.get(name) is not None or not isinstance(this, Instance) or name not in this.fields:
            return False
        this.fields[name] = value
        return True

    def _branches(self, cases: Sequence[tuple[Expr | None, tuple[Stmt, ...]]], scope: Scope) -> Any:
        """The branch whose condition is known to hold; all that may, where it is not known."""
        result: Any = None
        for condition, body in cases:
            held = self.value(condition, scope) if condition is not None else True
            if isinstance(held, Unknown | Locator | Closure | Instance):
                told = self.block(body, scope)
                result = told if result is None else result
            elif held:
                told = self.block(body, scope)
                return told if result is None else result
        return result

    def _loop(self, variable: str, over: Any, inner: Sequence[Stmt], scope: Scope) -> None:
        for names in turns(variable, over, LONGEST_LOOP):
            self.block(inner, Scope(names, scope))

    # ---- notes --------------------------------------------------------------------------------------
    def _texts(self, e: Expr, scope: Scope) -> tuple[Locator | None, list[Any]]:
        """What something asserted is about, and the texts and numbers in it."""
        inside = (e.left, e.right) if isinstance(e, Same) else e.inside if isinstance(e, Other) else (e,)
        told = [self.value(i, scope) for i in inside]
        target = next((t for t in told if isinstance(t, Locator)), None)
        return target, [t for t in told if isinstance(t, str | int | float) and not isinstance(t, bool)]

    def _note(self, kind: str, text: str, line: int, target: Any, values: Sequence[Any], denied: bool = False) -> None:
        owner = next((o for o in reversed(self.owners) if o), "")
        self.acts.append(Act(kind, " ".join(text.split()), line, target, tuple(values), denied, owner))

    def note(self, kind: str, e: Call, target: Any, values: Sequence[Any], denied: bool = False) -> None:
        """Note an act."""
        self._note(kind, e.text, e.line, target, values, denied)


def called(e: Call) -> str:
    """The name of what is called."""
    return e.function.name if isinstance(e.function, Attr) else e.function.id if isinstance(e.function, Name) else ""


def turns(variable: str, over: Any, most: int) -> list[dict[str, Any]]:
    """The variables of each turn of a loop over a known list, of one turn over an unknown one."""
    items = list(over.values()) if isinstance(over, dict) else over if isinstance(over, list) else [Unknown(variable)]
    name = re.sub(r"^(?:const|let|var)\s+", "", variable)
    found = []
    for item in items[:most]:
        if name.startswith("{"):
            found.append(taken(item, pattern(name)))
            continue
        names: dict[str, Any] = {name: item}
        if isinstance(item, list) and "," in name:
            names |= dict(zip([p.strip(" ()[]") for p in name.split(",")], item, strict=False))
        found.append(names)
    return found
