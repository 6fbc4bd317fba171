"""Which tests a program has, and what runs before each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from understudy.sources.cases.code.run import Act, Closure, Library, Runner, Scope, Unknown
from understudy.sources.cases.code.tree import (
    Attr,
    Block,
    Branches,
    Call,
    Class,
    Do,
    Expr,
    Func,
    Let,
    Lit,
    Map,
    Module,
    Name,
    Stmt,
)

TESTS = frozenset({"test", "it", "specify", "scenario", "fit", "xit"})
SUITES = frozenset({"describe", "context", "suite", "feature", "fdescribe", "xdescribe"})
BEFORE = frozenset({"beforeEach", "before", "beforeAll", "setup"})
JAVA_TESTS = re.compile(r"^(?:Test|ParameterizedTest|RepeatedTest|TestTemplate|TestFactory)\b")
JAVA_BEFORE = re.compile(r"^(?:BeforeEach|Before|BeforeMethod|BeforeAll|BeforeClass)\b")
PYTHON_BEFORE = frozenset({"setUp", "setup", "setup_method", "setup_class", "setUpClass", "asyncSetUp"})
MOST_ROWS = 12
"""Rows of a table of test data that are run."""


class Test(msgspec.Struct, frozen=True):
    """A test: its titles from the outermost, the acts of what runs before it, and its own."""

    titles: tuple[str, ...]
    acts: tuple[Act, ...]
    line: int
    tags: tuple[str, ...] = ()
    before: int = 0


def library_of(modules: Sequence[Module]) -> Library:
    """What all modules define. Of equal names the first stays."""
    library = Library({}, {}, {}, {}, {})
    shared = Scope({})
    for module in modules:
        for statement in _flat(module.body):
            match statement:
                case Class():
                    library.classes.setdefault(statement.name, statement)
                    for method in statement.methods:
                        if any("fixture" in m for m in method.marks):
                            library.fixtures.setdefault(method.name, Closure(method, shared))
                case Func():
                    known = library.fixtures if any("fixture" in m for m in statement.marks) else library.functions
                    known.setdefault(statement.name, Closure(statement, shared))
                case Let(name, Func() as function):
                    library.functions.setdefault(name, Closure(function, shared))
                case Do(Call(Attr(_, "add"), (Lit(str(command)), *rest))) if rest and isinstance(rest[-1], Func):
                    library.commands.setdefault(command, Closure(rest[-1], shared))
                case Do(Call(Attr(_, "extend"), (Map(items), *_))) | Let(_, Call(Attr(_, "extend"), (Map(items), *_))):
                    _extended(library, items, shared)
                case Do(Call(Attr(_, "addAll"), arguments)) if arguments and isinstance(arguments[-1], Map):
                    for name, value in arguments[-1].items:
                        if isinstance(value, Func):
                            library.commands.setdefault(name, Closure(value, shared))
                case _:
                    pass
    _constants(modules, library, shared)
    return library


def _constants(modules: Sequence[Module], library: Library, shared: Scope) -> None:
    """Values that modules keep under a name: locators, test data."""
    runner = Runner(library, shared)
    for module in modules:
        for statement in _flat(module.body):
            if (
                isinstance(statement, Let)
                and statement.name
                and statement.value is not None
                and not isinstance(statement.value, Func)
            ):
                told = _quietly(runner, statement.value, shared)
                if isinstance(told, str | int | float | dict | list) or type(told).__name__ in ("Locator", "Instance"):
                    library.instances.setdefault(statement.name, told)


def _quietly(runner: Runner, value: Expr, scope: Scope) -> Any:
    from understudy.sources.cases.code.run import EnoughError

    try:
        return runner.value(value, scope)
    except (EnoughError, RecursionError):
        return Unknown("")


def _extended(library: Library, items: Sequence[tuple[str, Expr]], scope: Scope) -> None:
    """Playwright's fixtures: ``extend({ loginPage: async ({page}, use) => { await use(new LoginPage(page)) } })``."""
    for name, value in items:
        if isinstance(value, Func):
            library.fixtures.setdefault(name, Closure(_answering(value), scope))


def _answering(function: Func) -> Func:
    """A fixture that hands its value to ``use`` answers it."""
    from understudy.sources.cases.code.tree import Give

    names = [n for n, _ in function.parameters]
    if len(names) < 2:
        return function
    use = names[1]

    def changed(body: Sequence[Stmt]) -> tuple[Stmt, ...]:
        found: list[Stmt] = []
        for s in body:
            if isinstance(s, Do) and isinstance(s.value, Call) and s.value.function == Name(use):
                found.append(Give(s.value.arguments[0] if s.value.arguments else None))
            elif isinstance(s, Block):
                found.append(msgspec.structs.replace(s, body=changed(s.body)))
            else:
                found.append(s)
        return tuple(found)

    return msgspec.structs.replace(function, body=changed(function.body), parameters=function.parameters[:1])


def _flat(body: Sequence[Stmt]) -> Iterator[Stmt]:
    for s in body:
        if isinstance(s, Block):
            yield from _flat(s.body)
        elif isinstance(s, Branches):
            for _, inner in s.cases:
                yield from _flat(inner)
        else:
            yield s


# ---- the tests of a module --------------------------------------------------------------------------
def tests_of(module: Module, library: Library) -> list[Test]:
    """All tests that a module holds."""
    own = library_of([module])
    mine = Library(
        {**library.classes, **own.classes},
        {**library.functions, **own.functions},
        {**library.fixtures, **own.fixtures},
        {**library.commands, **own.commands},
        {**library.instances, **own.instances},
        library.made,
    )
    finder = _Finder(mine)
    if module.language in ("python", "java"):
        finder.classes(module)
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
        for s in _flat(body):
            match s:
                case Do(Call() as call):
                    self._called(call, scope, titles, befores, tags, runner)
                case Func():
                    scope.names[s.name] = Closure(s, scope)
                case Let(name, value, names):
                    told = _quietly(runner, value, scope) if value is not None else Unknown(name)
                    scope.names.update(runner._taken(told, names) if names else {name: told})
                case _:
                    from understudy.sources.cases.code.tree import Many

                    if isinstance(s, Many):
                        self._looped(s, scope, titles, befores, tags, runner)

    def _looped(
        self,
        s: Any,
        scope: Scope,
        titles: tuple[str, ...],
        befores: list[Closure],
        tags: tuple[str, ...],
        runner: Runner,
    ) -> None:
        """Tests made in a loop over a table."""
        over = _quietly(runner, s.over, scope)
        items = (
            list(over.values()) if isinstance(over, dict) else over if isinstance(over, list) else [Unknown(s.variable)]
        )
        name = re.sub(r"^(?:const|let|var)\s+", "", s.variable)
        for item in items[:MOST_ROWS]:
            names = (
                runner._taken(item, [tuple(p.strip().split(":")) for p in name[1:-1].split(",")])
                if name.startswith("{")
                else {name: item}
            )
            self.calls(s.body, Scope(names, scope), titles, tuple(befores), tags)

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
            over = _quietly(runner, call.function.of, scope)
            for item in (over if isinstance(over, list) else [Unknown("item")])[:MOST_ROWS]:
                self.calls(
                    functions[0].body, Scope(_given(runner, functions[0], [item]), scope), titles, tuple(befores), tags
                )
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
            table = _quietly(runner, rows, scope) if rows is not None else None
            for row in table[:MOST_ROWS] if isinstance(table, list) else [None]:
                given = row if isinstance(row, list) else [row] if row is not None else []
                self._test((*titles, title), Closure(body, scope), befores, call.line, tags, given)

    def _title(self, call: Call, scope: Scope, runner: Runner) -> str:
        told = _quietly(runner, call.arguments[0], scope) if call.arguments else ""
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
        for s in _flat(module.body):
            match s:
                case Func() if _is_test(s, module):
                    self._function(s, Closure(s, scope), (), [], scope)
                case Class():
                    self._methods(s, module, scope)
                case _:
                    pass

    def _methods(self, cls: Class, module: Module, scope: Scope) -> None:
        found = [m for m in cls.methods if _is_test(m, module)]
        if not found:
            return
        for method in found:
            made = Runner(self.library, scope).instance(cls, [])
            line = Runner(self.library, scope)._line(cls)
            befores = [Closure(m, scope, made) for c in reversed(line) for m in c.methods if _is_before(m)]
            self._function(method, Closure(method, scope, made), (cls.name,), befores, scope)

    def _function(
        self, function: Func, closure: Closure, titles: tuple[str, ...], befores: Sequence[Closure], scope: Scope
    ) -> None:
        tags = tuple(m for m in function.marks if "parametrize" not in m)[:8]
        rows = _parameters(function)
        for row in rows[:MOST_ROWS] or [{}]:
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


def _given(runner: Runner, function: Func, values: Sequence[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for (name, _), value in zip(function.parameters, values, strict=False):
        if name.startswith("{"):
            found |= runner._taken(value, [tuple(p.split(":")) for p in name[1:-1].split(",") if p])
        else:
            found[name] = value
    return found


def _is_test(function: Func, module: Module) -> bool:
    if module.language == "java":
        return any(JAVA_TESTS.match(m) for m in function.marks)
    return function.name.startswith("test") and not any("fixture" in m for m in function.marks)


def _is_before(function: Func) -> bool:
    return function.name in PYTHON_BEFORE or any(JAVA_BEFORE.match(m) for m in function.marks)


PARAMETRIZE = re.compile(
    r"parametrize\(\s*(?P<names>\"[^\"]*\"|'[^']*'|[\[(][^\])]*[\])])\s*,\s*(?P<rows>.*)\)\s*$", re.DOTALL
)
JAVA_ROWS = re.compile(r"^(?P<kind>ValueSource|CsvSource)\s*\((?P<rows>.*)\)$", re.DOTALL)


def _parameters(function: Func) -> list[dict[str, Any]]:
    """Rows of test data that stand at a test: ``@pytest.mark.parametrize``, ``@CsvSource``, ``@ValueSource``."""
    import ast

    for mark in function.marks:
        match = PARAMETRIZE.search(mark)
        if match:
            try:
                names, rows = ast.literal_eval(match["names"]), ast.literal_eval(match["rows"].rstrip().rstrip(","))
            except (ValueError, SyntaxError):
                continue
            listed = [n.strip() for n in names.split(",")] if isinstance(names, str) else list(names)
            return [
                dict(zip(listed, row if isinstance(row, list | tuple) and len(listed) > 1 else [row], strict=False))
                for row in rows
            ]
        java = JAVA_ROWS.match(mark)
        if java:
            texts = re.findall(r"\"((?:[^\"\\]|\\.)*)\"", java["rows"])
            parameters = [n for n, _ in function.parameters]
            cut = [[p.strip().strip("'") for p in t.split(",")] if java["kind"] == "CsvSource" else [t] for t in texts]
            return [dict(zip(parameters, row, strict=False)) for row in cut]
    return []
