"""What the files of a project define for its tests: classes, functions, fixtures, commands, constants."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from understudy.sources.cases.code.run import Runner
from understudy.sources.cases.code.values import Closure, Instance, Library, Scope
from understudy.sources.cases.locators import Locator
from understudy.sources.code.tree import (
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
    Lit,
    Map,
    Module,
    Name,
    Stmt,
)


def library_of(modules: Sequence[Module]) -> Library:
    """What all modules define. Of equal names the first stays."""
    library = Library()
    shared = Scope({})
    for module in modules:
        for statement in flat(module.body):
            _declared(library, statement, shared)
    _constants(modules, library, shared)
    return library


def _declared(library: Library, statement: Stmt, shared: Scope) -> None:
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


def _constants(modules: Sequence[Module], library: Library, shared: Scope) -> None:
    """Values that modules keep under a name: locators, test data."""
    runner = Runner(library, shared)
    for module in modules:
        for statement in flat(module.body):
            if (
                isinstance(statement, Let)
                and statement.name
                and statement.value is not None
                and not isinstance(statement.value, Func)
            ):
                told = runner.quietly(statement.value, shared)
                if isinstance(told, str | int | float | dict | list | Locator | Instance):
                    library.keep(statement.name, told)


def _extended(library: Library, items: Sequence[tuple[str, Expr]], scope: Scope) -> None:
    """Playwright's fixtures: ``extend({ loginPage: async ({page}, use) => { await use(new LoginPage(page)) } })``."""
    for name, value in items:
        if isinstance(value, Func):
            library.fixtures.setdefault(name, Closure(_answering(value), scope))


def _answering(function: Func) -> Func:
    """A fixture that hands its value to ``use`` answers it."""
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


def flat(body: Sequence[Stmt]) -> Iterator[Stmt]:
    """Statements, those inside of blocks and branches as well."""
    for s in body:
        if isinstance(s, Block):
            yield from flat(s.body)
        elif isinstance(s, Branches):
            for _, inner in s.cases:
                yield from flat(inner)
        else:
            yield s
