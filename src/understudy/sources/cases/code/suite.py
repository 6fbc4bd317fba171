"""Which tests a program has, and what runs before each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

import msgspec

from understudy.sources.cases.code.library import flat, library_of
from understudy.sources.cases.code.rows import MOST_ROWS, rows_of
from understudy.sources.cases.code.run import Runner, turns
from understudy.sources.cases.code.values import Act, Closure, Library, Scope, Unknown, pattern, taken
from understudy.sources.code.tree import Attr, Call, Class, Do, Expr, Func, Let, Many, Module, Name, Stmt

TESTS = frozenset({"test", "it", "specify", "scenario", "fit", "xit"})
SUITES = frozenset({"describe", "context", "suite", "feature", "fdescribe", "xdescribe"})
BEFORE = frozenset({"beforeEach", "before", "beforeAll", "setup"})
JAVA_TESTS = re.compile(r"^(?:Test|ParameterizedTest|RepeatedTest|TestTemplate|TestFactory)\b")
JAVA_BEFORE = re.compile(r"^(?:BeforeEach|Before|BeforeMethod|BeforeAll|BeforeClass)\b")
PYTHON_BEFORE = frozenset({"setUp", "setup", "setup_method", "setup_class", "setUpClass", "asyncSetUp"})


class Test(msgspec.Struct, frozen=True):
    """A test: its titles from the outermost, the acts of what runs before it, and its own."""

    titles: tuple[str, ...]
    acts: tuple[Act, ...]
    line: int
    tags: tuple[str, ...] = ()
    before: int = 0


# ---- the tests of a module --------------------------------------------------------------------------
def tests_of(module: Module, library: Library) -> list[Test]:
    """All tests that a module holds."""
    finder = _Finder(Library(library_of([module]), library))
    if module.language in ("python", "java"):
        finder.classes(module)
        if not finder.tests and module.language == "python":
            finder.script(module)
    else:
        finder.calls(module.body, Scope({}), (), (), ())
    return finder.tests


class _Finder:
    def __init__(self, library: Library) -> None:
        self.library = library
        self.tests: list[Test] = []

    # ---- JavaScript ---------------------------------------------------------------------------------
    def calls(
        self,
        body: Sequence[Stmt],
        scope: Scope,
        titles: tuple[str, ...],
        before: tuple[Closure, ...],
        tags: tuple[str, ...],
    ) -> None:
        """Tests written as calls: ``describe('…', () => { it('…', () => {…}) })``."""
        runner = Runner(self.library, scope)
        befores = list(before)
        for s in flat(body):
            match s:
                case Do(Call() as call):
                    self._called(call, scope, titles, befores, tags, runner)
                case Func():
                    scope.names[s.name] = Closure(s, scope)
                case Let(name, value, names):
                    told = runner.quietly(value, scope) if value is not None else Unknown(name)
                    scope.names.update(taken(told, names) if names else {name: told})
                case Many(variable, over, inner):
                    for turn in turns(variable, runner.quietly(over, scope), MOST_ROWS):  # tests made in a loop
                        self.calls(inner, Scope(turn, scope), titles, tuple(befores), tags)
                case _:
                    pass

    def _called(
        self,
        call: Call,
        scope: Scope,
        titles: tuple[str, ...],
        befores: list[Closure],
        tags: tuple[str, ...],
        runner: Runner,
    ) -> None:
        name, rows = _called_as(call.function)
        functions = [a for a in call.arguments if isinstance(a, Func)]
        if (
            isinstance(call.function, Attr)
            and call.function.name in ("forEach", "map", "each")
            and functions
            and name not in TESTS | SUITES
        ):
            over = runner.quietly(call.function.of, scope)
            for item in (over if isinstance(over, list) else [Unknown("item")])[:MOST_ROWS]:
                self.calls(functions[0].body, Scope(_given(functions[0], [item]), scope), titles, tuple(befores), tags)
            return
        if not functions:
            return
        body = functions[-1]
        if name in BEFORE:
            befores.append(Closure(body, scope))
        elif name in SUITES:
            self.calls(body.body, Scope({}, scope), (*titles, self._title(call, scope, runner)), tuple(befores), tags)
        elif name in TESTS:
            title = self._title(call, scope, runner)
            table = runner.quietly(rows, scope) if rows is not None else None
            for row in table[:MOST_ROWS] if isinstance(table, list) else [None]:
                given = row if isinstance(row, list) else [row] if row is not None else []
                self._test((*titles, title), Closure(body, scope), befores, call.line, tags, given)

    def _title(self, call: Call, scope: Scope, runner: Runner) -> str:
        told = runner.quietly(call.arguments[0], scope) if call.arguments else ""
        return told.text if isinstance(told, Unknown) else str(told)

    def _test(
        self,
        titles: tuple[str, ...],
        closure: Closure,
        befores: Sequence[Closure],
        line: int,
        tags: tuple[str, ...],
        given: Sequence[Any] = (),
    ) -> None:
        runner = Runner(self.library, closure.scope)
        for before in befores:
            runner.run(before)
        start = len(runner.acts)
        names = [n for n, _ in closure.function.parameters]
        acts = runner.run(closure, dict(zip(names, given, strict=False)))
        self.tests.append(Test(titles, tuple(acts), line, tags, start))

    # ---- Python and Java ----------------------------------------------------------------------------
    def classes(self, module: Module) -> None:
        """Tests written as functions and methods."""
        scope = Scope({})
        for s in flat(module.body):
            match s:
                case Func() if _is_test(s, module):
                    self._function(s, Closure(s, scope), (), [], scope)
                case Class():
                    self._methods(s, module, scope)
                case _:
                    pass

    def script(self, module: Module) -> None:
        """A file without tests that goes through pages itself, from its first line to its last."""
        closure = Closure(Func(PurePosixPath(module.path).stem, (), module.body), Scope({}))
        acts = Runner(self.library, closure.scope).run(closure)
        if {"visit"} < {a.kind for a in acts}:
            self.tests.append(Test((closure.function.name,), tuple(acts), 1))

    def _methods(self, cls: Class, module: Module, scope: Scope) -> None:
        found = [m for m in cls.methods if _is_test(m, module)]
        if not found:
            return
        for method in found:
            made = Runner(self.library, scope).object_of(cls)
            line = self.library.line(cls)
            befores = [Closure(m, scope, made) for c in reversed(line) for m in c.methods if _is_before(m)]
            self._function(method, Closure(method, scope, made), (cls.name,), befores, scope)

    def _function(
        self, function: Func, closure: Closure, titles: tuple[str, ...], befores: Sequence[Closure], scope: Scope
    ) -> None:
        tags = tuple(m for m in function.marks if "parametrize" not in m)[:8]
        rows = rows_of(function, Runner(self.library, scope), scope, closure.this)
        for row in rows or [{}]:
            runner = Runner(self.library, scope)
            for before in befores:
                runner.run(before)
            start = len(runner.acts)
            acts = runner.run(closure, row)
            self.tests.append(Test((*titles, function.name), tuple(acts), function.line, tags, start))


def _called_as(function: Expr) -> tuple[str, Expr | None]:
    """The name that a call of a test framework begins with, and its table (``it.each(table)``)."""
    match function:
        case Name(name):
            return name, None
        case Attr(Name("test" | "it"), ("describe" | "beforeEach" | "beforeAll" | "before") as inner):
            return inner, None
        case Attr(of, name) if name in (
            "only",
            "skip",
            "fixme",
            "fail",
            "slow",
            "serial",
            "parallel",
            "concurrent",
            "failing",
        ):
            return _called_as(of)
        case Attr(Attr(Name("test"), "describe"), _):
            return "describe", None
        case Call(Attr(of, "each"), (table, *_)):
            return _called_as(of)[0], table
        case Attr(_, "describe"):
            return "describe", None
        case _:
            return "", None


def _given(function: Func, values: Sequence[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for (name, _), value in zip(function.parameters, values, strict=False):
        if name.startswith("{"):
            found |= taken(value, pattern(name))
        else:
            found[name] = value
    return found


def _is_test(function: Func, module: Module) -> bool:
    if module.language == "java":
        return any(JAVA_TESTS.match(m) for m in function.marks)
    return function.name.startswith("test") and not any("fixture" in m for m in function.marks)


def _is_before(function: Func) -> bool:
    return function.name in PYTHON_BEFORE or any(JAVA_BEFORE.match(m) for m in function.marks)
