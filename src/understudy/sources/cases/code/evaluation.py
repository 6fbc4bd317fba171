"""What the expressions of a test program stand for, as far as its files say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from understudy.sources.cases.code import actions
from understudy.sources.cases.code.values import Closure, Instance, Run, Scope, Unknown, Waiting, shown, titled
from understudy.sources.cases.locators import Locator
from understudy.sources.code.tree import (
    Attr,
    Call,
    Class,
    Either,
    Expr,
    Func,
    Index,
    Joined,
    Lit,
    Map,
    Name,
    New,
    Not,
    Other,
    Same,
    Seq,
)

PLAIN = (str, int, float)


def value(run: Run, e: Expr, scope: Scope) -> Any:
    """What an expression stands for."""
    return KINDS[type(e)](run, e, scope)


def _lit(_: Run, e: Lit, __: Scope) -> Any:
    return e.value


def _name(run: Run, e: Name, scope: Scope) -> Any:
    return named(run, e.id, scope)


def named(run: Run, name: str, scope: Scope) -> Any:
    """What a variable stands for: the nearest one, a member of the object, what the files define."""
    found = scope.get(name)
    if found is not None:
        return found
    this = scope.get("this") if name != "this" else None
    if isinstance(this, Instance) and name in this.fields:  # Java needs no word for it
        return this.fields[name]
    known = run.library.find(name)
    return Unknown(name) if known is None else known


def _attr(run: Run, e: Attr, scope: Scope) -> Any:
    return run.member(run.value(e.of, scope), e.name)


def _index(run: Run, e: Index, scope: Scope) -> Any:
    of, key = run.value(e.of, scope), run.value(e.key, scope)
    if isinstance(of, dict):
        return of.get(str(key), Unknown(str(key)))
    if isinstance(of, list):
        return of[key] if isinstance(key, int) and -len(of) <= key < len(of) else of[0] if of else Unknown("")
    if isinstance(of, Unknown):
        return Unknown(f"{of.text}[{shown(key)}]")
    return of if isinstance(of, Locator) else Unknown("")


def _new(run: Run, e: New, scope: Scope) -> Any:
    given = [run.value(a, scope) for a in e.arguments]
    known = run.library.classes.get(e.cls.rsplit(".", 1)[-1])
    if known is not None:
        return run.instance(known, given)
    if e.cls == "Select" and given and isinstance(given[0], Locator):
        return given[0]
    return Unknown(e.cls)


def _function(_: Run, e: Func, scope: Scope) -> Any:
    return Closure(e, scope, scope.get("this"))


def _map(run: Run, e: Map, scope: Scope) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, inner in e.items:
        told = run.value(inner, scope)
        if key == "..." and isinstance(told, dict):
            found |= told
        elif key != "...":
            found[key] = told
    return found


def _seq(run: Run, e: Seq, scope: Scope) -> list[Any]:
    return [run.value(i, scope) for i in e.items]


def _joined(run: Run, e: Joined, scope: Scope) -> Any:
    told = [run.value(p, scope) for p in e.parts]
    if all(isinstance(t, PLAIN) for t in told):
        return "".join(str(t) for t in told)
    text = "".join(str(t) if isinstance(t, PLAIN) else "{" + shown(t) + "}" for t in told)
    return Unknown(text or e.text)


def _either(run: Run, e: Either, scope: Scope) -> Any:
    values = [run.value(o, scope) for o in e.options]
    if e.every:
        return values[-1]
    known = (v for v in values if not isinstance(v, Unknown) and v is not None)
    return next(known, values[0] if values else None)


def _same(run: Run, e: Same, scope: Scope) -> Any:
    one, other = run.value(e.left, scope), run.value(e.right, scope)
    plain = all(v is None or isinstance(v, PLAIN) for v in (one, other))
    return (one == other) == e.equal if plain else Unknown("")


def _not(run: Run, e: Not, scope: Scope) -> Any:
    told = run.value(e.of, scope)
    return Unknown("") if isinstance(told, Unknown | Locator | Closure | Instance) else not told


def _other(run: Run, e: Other, scope: Scope) -> Any:
    for inner in e.inside:
        run.value(inner, scope)
    return Unknown(e.text)


# ---- members ----------------------------------------------------------------------------------------
def member(run: Run, of: Any, name: str) -> Any:
    """A member of a value."""
    match of:
        case Unknown():
            return Unknown(f"{of.text}.{name}" if of.text else name)
        case Instance():
            if name in of.fields:
                return of.fields[name]
            method = run.library.method(of.cls, name)
            if method is None:
                return Unknown(f"{of.cls.name}.{name}")
            closure = Closure(method, run.scope, of)
            return titled(run.call(closure, [], {}), name) if method.getter else closure
        case Class():
            told = next((run.value(v, run.scope) for c in run.library.line(of) for n, v in c.fields if n == name), None)
            if told is not None:
                return titled(told, name)
            method = run.library.method(of, name)
            return Closure(method, run.scope) if method is not None else Unknown(f"{of.name}.{name}")
        case dict():
            return of.get(name, Unknown(name))
        case Waiting():
            return msgspec.structs.replace(of, denied=not of.denied) if name in ("not", "never") else of
        case Locator():
            return of
        case _:
            return Unknown(name)


# ---- calls ------------------------------------------------------------------------------------------
def _call(run: Run, e: Call, scope: Scope) -> Any:
    name, owner, target = "", None, None
    if isinstance(e.function, Attr):
        owner = run.value(e.function.of, scope)
        name = e.function.name
        target = _method(run, owner, name)
    elif isinstance(e.function, Name):
        name = e.function.id
        this = scope.get("this")
        if name == "super" and isinstance(this, Instance):
            return _super(run, this, [run.value(a, scope) for a in e.arguments])
        known = named(run, name, scope)
        if isinstance(known, Class):
            return run.instance(known, [run.value(a, scope) for a in e.arguments])
        target = known if isinstance(known, Closure) else None
        if target is None and isinstance(this, Instance):
            method = run.library.method(this.cls, name)
            target = Closure(method, run.scope, this) if method is not None else None
        owner = Unknown(name) if target is None else None
    else:
        inner = run.value(e.function, scope)
        target = inner if isinstance(inner, Closure) else None
    given = [run.value(a, scope) for a in e.arguments]
    words = {k: run.value(v, scope) for k, v in e.named}
    if target is not None:
        if isinstance(owner, Locator):  # a custom command that is given its subject
            given = [owner, *given] if len(target.function.parameters) > len(given) else given
        return run.call(target, given, words)
    if isinstance(e.function, Attr) and isinstance(e.function.of, Name) and e.function.of.id == "super":
        this = scope.get("this")
        if isinstance(this, Instance):
            return _inherited(run, this, name, given, words)
    return actions.told(run, e, name, owner, given, words)


def _method(run: Run, owner: Any, name: str) -> Closure | None:
    """The function that a call of a member runs, where the files have it."""
    command = run.library.commands.get(name)
    if command is not None and not isinstance(owner, Instance):
        return command
    found = run.member(owner, name) if isinstance(owner, Instance | Class | dict) else None
    return found if isinstance(found, Closure) else None


def _super(run: Run, this: Instance, given: Sequence[Any]) -> Any:
    for base in run.library.line(this.cls)[1:]:
        maker = next((m for m in base.methods if m.name in ("constructor", "__init__")), None)
        if maker is not None:
            run.call(Closure(maker, run.scope, this), given, {})
            break
    return this


def _inherited(run: Run, this: Instance, name: str, given: Sequence[Any], words: dict[str, Any]) -> Any:
    for base in run.library.line(this.cls)[1:]:
        method = next((m for m in base.methods if m.name == name), None)
        if method is not None:
            return run.call(Closure(method, run.scope, this), given, words)
    return Unknown(name)


KINDS: dict[type, Callable[[Run, Any, Scope], Any]] = {
    Lit: _lit,
    Name: _name,
    Attr: _attr,
    Index: _index,
    Call: _call,
    New: _new,
    Func: _function,
    Map: _map,
    Seq: _seq,
    Joined: _joined,
    Either: _either,
    Same: _same,
    Not: _not,
    Other: _other,
}
