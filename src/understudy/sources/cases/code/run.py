"""A test run on paper: helpers, page objects and fixtures followed, and every act on the page noted as a step.

Nothing is executed. Names are looked up where they are defined in the given files; what is unknown stays unknown
and is noted in its own words. Both branches of a condition are taken, a loop over a known list is walked, others once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from understudy.sources.cases.code import actions
from understudy.sources.cases.code.tree import (
    Assert,
    Attr,
    Block,
    Branches,
    Call,
    Class,
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
    New,
    Not,
    Other,
    Same,
    Seq,
    SetAttr,
    Stmt,
)
from understudy.sources.cases.locators import Locator

DEEPEST = 14
"""Calls within calls that are followed."""
MOST_CALLS = 1500
"""Calls that one test may make before the rest is left."""
MOST_STEPS = 200
LONGEST_LOOP = 12


class Unknown(msgspec.Struct, frozen=True):
    """A value that only running would tell; ``text``: the program's own words for it."""

    text: str = ""


class Closure(msgspec.Struct):
    """A function and what it sees."""

    function: Func
    scope: Scope
    this: Any = None


class Instance(msgspec.Struct):
    """An object of a class of the given files."""

    cls: Class
    fields: dict[str, Any]


class Waiting(msgspec.Struct, frozen=True):
    """``expect(x)``: what is said of it comes next. ``denied``: ``not``."""

    about: Any
    text: str
    denied: bool = False


class Scope(msgspec.Struct):
    """Variables, innermost first."""

    names: dict[str, Any]
    outer: Scope | None = None

    def get(self, name: str) -> Any:
        """The value of a variable; None where there is none."""
        here: Scope | None = self
        while here is not None:
            if name in here.names:
                return here.names[name]
            here = here.outer
        return None

    def set(self, name: str, value: Any) -> None:
        """Change a variable where it is declared, else declare it here."""
        here: Scope | None = self
        while here is not None:
            if name in here.names:
                here.names[name] = value
                return
            here = here.outer
        self.names[name] = value


class Act(msgspec.Struct, frozen=True):
    """Something done to the page, or expected of it, before it is told as a step. ``owner``: the class of the page
    object in whose method it is done."""

    kind: str
    text: str
    line: int
    target: Any = None
    values: tuple[Any, ...] = ()
    denied: bool = False
    owner: str = ""


class Library(msgspec.Struct):
    """What the given files define: classes, functions and constants by name, and fixtures; those of the test's own
    file come first."""

    classes: dict[str, Class]
    functions: dict[str, Closure]
    fixtures: dict[str, Closure]
    commands: dict[str, Closure]
    instances: dict[str, Any]
    made: dict[str, Instance] = {}


class EnoughError(Exception):
    """So much was noted that the rest says nothing new."""


class Runner:
    """Runs one test."""

    def __init__(self, library: Library, scope: Scope) -> None:
        self.library, self.scope = library, scope
        self.acts: list[Act] = []
        self.calls = 0
        self.depth = 0
        self.owners: list[str] = []
        self.given: dict[str, Any] = {}

    def run(self, closure: Closure, arguments: Mapping[str, Any] | None = None) -> list[Act]:
        """The acts of a test function."""
        try:
            values = [(arguments or {}).get(n) for n, _ in closure.function.parameters]
            self.call(
                closure,
                [
                    self._fixture(n) if v is None else v
                    for (n, _), v in zip(closure.function.parameters, values, strict=True)
                ],
                {},
            )
        except (EnoughError, RecursionError):
            pass
        return self.acts

    # ---- fixtures -----------------------------------------------------------------------------------
    def _fixture(self, name: str) -> Any:
        """What a parameter of a test is given: a fixture's result, or an object of a class that is called so."""
        if name.startswith("{"):
            return {n.split(":")[0]: self._fixture(n.split(":")[0]) for n in name[1:-1].split(",") if n}
        if name in self.given:
            return self.given[name]
        self.given[name] = Unknown(name)
        fixture = self.library.fixtures.get(name)
        if fixture is not None and self.depth < DEEPEST:
            given = [self._fixture(n) for n, _ in fixture.function.parameters]
            told = self.call(fixture, given, {})
            if told is not None:
                self.given[name] = told
        else:
            cls = next((c for n, c in self.library.classes.items() if n.lower() == name.lower().replace("_", "")), None)
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
        names: dict[str, Any] = {}
        for place, (name, default) in enumerate(closure.function.parameters):
            bare = name.lstrip("*.")
            if name.startswith(("*", "...")):
                names[bare] = list(arguments[place:]) if not name.startswith("**") else dict(named)
            elif name.startswith("{"):
                given = arguments[place] if place < len(arguments) else Unknown(name)
                names |= self._taken(given, [tuple(p.split(":", 1)) for p in name[1:-1].split(",") if p])
            elif name in named:
                names[name] = named[name]
            elif place < len(arguments):
                names[name] = arguments[place]
            else:
                names[name] = self.value(default, closure.scope) if default is not None else Unknown(name)
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

    def instance(self, cls: Class, arguments: Sequence[Any]) -> Instance:
        """A new object of a class, its constructor run; one that depends on nothing known is made once and copied."""
        plain = all(isinstance(a, Unknown) for a in arguments)
        if plain and cls.name in self.library.made:
            known = self.library.made[cls.name]
            return Instance(known.cls, dict(known.fields))
        noted = len(self.acts)
        made = self._made(cls, arguments)
        if plain and len(self.acts) == noted:
            self.library.made[cls.name] = Instance(cls, dict(made.fields))
        return made

    def _made(self, cls: Class, arguments: Sequence[Any]) -> Instance:
        made = Instance(cls, {})
        for c in reversed(self._line(cls)):
            scope = Scope({"this": made}, self.scope)
            for name, value in c.fields:
                made.fields[name] = _titled(self.value(value, scope), name)
        maker = self._method(cls, "constructor") or self._method(cls, "__init__")
        if maker is not None:
            self.call(Closure(maker, self.scope, made), arguments, {})
        for name, value in list(made.fields.items()):
            made.fields[name] = _titled(value, name)
        return made

    def _line(self, cls: Class) -> list[Class]:
        found, names = [cls], list(cls.bases)
        while names and len(found) < DEEPEST:
            base = self.library.classes.get(names.pop(0))
            if base is not None and base not in found:
                found.append(base)
                names += base.bases
        return found

    def _method(self, cls: Class, name: str) -> Func | None:
        return next((m for c in self._line(cls) for m in c.methods if m.name == name), None)

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
        match s:
            case Let(name, value, names):
                told = self.value(value, scope) if value is not None else Unknown(name)
                if names:
                    scope.names.update(self._taken(told, names))
                else:
                    known = scope.get(name)
                    scope.set(name, _titled(told, name)) if known is not None else scope.names.__setitem__(
                        name, _titled(told, name)
                    )
            case SetAttr(of, name, value):
                owner, told = self.value(of, scope), self.value(value, scope)
                if isinstance(owner, Instance):
                    owner.fields[name] = _titled(told, name)
                elif isinstance(owner, dict):
                    owner[name] = told
            case Do(value):
                self.value(value, scope)
            case Many(variable, over, inner):
                self._loop(variable, self.value(over, scope), inner, scope)
            case Branches(cases):
                return self._branches(cases, scope)
            case Block(inner, heads):
                for head in heads:
                    self.value(head, scope)
                return self.block(inner, scope)
            case Give(value):
                return self.value(value, scope) if value is not None else Lit(None).value
            case Assert(value, line, text):
                self._note("expect", text, line, None, self._texts(value, scope))
            case Func():
                scope.names[s.name] = Closure(s, scope)
            case Class():
                self.library.classes.setdefault(s.name, s)
        return None

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
        items = (
            list(over.values()) if isinstance(over, dict) else over if isinstance(over, list) else [Unknown(variable)]
        )
        name = re.sub(r"^(?:const|let|var)\s+", "", variable)
        for item in items[:LONGEST_LOOP]:
            inside = Scope({name: item}, scope)
            if isinstance(item, list) and "," in name:
                parts = [p.strip(" ()[]") for p in name.split(",")]
                inside.names |= dict(zip(parts, item, strict=False))
            self.block(inner, inside)

    @staticmethod
    def _taken(value: Any, names: Sequence[tuple[str, ...]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for pair in names:
            key, name = pair[0], pair[-1]
            if isinstance(value, dict):
                found[name] = value.get(key, Unknown(name))
            elif isinstance(value, list) and key.isdigit() and int(key) < len(value):
                found[name] = value[int(key)]
            elif isinstance(value, Instance):
                found[name] = value.fields.get(key, Unknown(name))
            else:
                found[name] = Unknown(name)
        return found

    # ---- expressions --------------------------------------------------------------------------------
    def value(self, e: Expr, scope: Scope) -> Any:
        """What an expression stands for."""
        match e:
            case Lit(value):
                return value
            case Name(name):
                return self._name(name, scope)
            case Attr(of, name):
                return self.member(self.value(of, scope), name)
            case Index(of, key):
                return self._element(self.value(of, scope), self.value(key, scope))
            case Call():
                return self._call(e, scope)
            case New(cls, arguments):
                given = [self.value(a, scope) for a in arguments]
                known = self.library.classes.get(cls.rsplit(".", 1)[-1])
                if known is not None:
                    return self.instance(known, given)
                if cls == "Select" and given and isinstance(given[0], Locator):
                    return given[0]
                return Unknown(cls)
            case Func():
                return Closure(e, scope, scope.get("this"))
            case Map(items):
                return self._map(items, scope)
            case Seq(items):
                return [self.value(i, scope) for i in items]
            case Joined(parts, text):
                told = [self.value(p, scope) for p in parts]
                if all(isinstance(t, str | int | float) for t in told):
                    return "".join(str(t) for t in told)
                shown = "".join(str(t) if isinstance(t, str | int | float) else "{" + _shown(t) + "}" for t in told)
                return Unknown(shown or text)
            case Either(options):
                values = [self.value(o, scope) for o in options]
                return next(
                    (v for v in values if not isinstance(v, Unknown) and v is not None), values[0] if values else None
                )
            case Same(left, right, equal):
                one, other = self.value(left, scope), self.value(right, scope)
                plain = all(isinstance(v, str | int | float | None) for v in (one, other))
                return (one == other) == equal if plain else Unknown("")
            case Not(of):
                told = self.value(of, scope)
                return Unknown("") if isinstance(told, Unknown | Locator | Closure | Instance) else not told
            case Other(text, inside):
                for inner in inside:
                    self.value(inner, scope)
                return Unknown(text)
        return Unknown()

    def _name(self, name: str, scope: Scope) -> Any:
        found = scope.get(name)
        if found is not None:
            return found
        this = scope.get("this") if name != "this" else None
        if isinstance(this, Instance) and name in this.fields:  # Java needs no word for it
            return this.fields[name]
        for known in (self.library.functions, self.library.instances):
            if name in known:
                return known[name]
        if name in self.library.classes:
            return self.library.classes[name]
        return Unknown(name)

    def _map(self, items: Sequence[tuple[str, Expr]], scope: Scope) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in items:
            told = self.value(value, scope)
            if key == "..." and isinstance(told, dict):
                found |= told
            elif key != "...":
                found[key] = told
        return found

    def member(self, of: Any, name: str) -> Any:
        """A member of a value."""
        match of:
            case Instance():
                if name in of.fields:
                    return of.fields[name]
                method = self._method(of.cls, name)
                if method is None:
                    return Unknown(f"{of.cls.name}.{name}")
                closure = Closure(method, self.scope, of)
                return _titled(self.call(closure, [], {}), name) if method.getter else closure
            case Class():
                told = next((self.value(v, self.scope) for c in self._line(of) for n, v in c.fields if n == name), None)
                if told is not None:
                    return _titled(told, name)
                method = self._method(of, name)
                return Closure(method, self.scope) if method is not None else Unknown(f"{of.name}.{name}")
            case dict():
                return of.get(name, Unknown(name))
            case Waiting():
                return msgspec.structs.replace(of, denied=not of.denied) if name in ("not", "never") else of
            case Unknown():
                return Unknown(f"{of.text}.{name}" if of.text else name)
            case Locator():
                return of
            case _:
                return Unknown(name)

    @staticmethod
    def _element(of: Any, key: Any) -> Any:
        if isinstance(of, dict):
            return of.get(str(key), Unknown(str(key)))
        if isinstance(of, list):
            return of[key] if isinstance(key, int) and -len(of) <= key < len(of) else of[0] if of else Unknown("")
        if isinstance(of, Unknown):
            return Unknown(f"{of.text}[{_shown(key)}]")
        return of if isinstance(of, Locator) else Unknown("")

    def _call(self, e: Call, scope: Scope) -> Any:
        name, owner, target = "", None, None
        if isinstance(e.function, Attr):
            owner = self.value(e.function.of, scope)
            name = e.function.name
            command = self.library.commands.get(name)
            target = command if command is not None and not isinstance(owner, Instance) else None
            if target is None and isinstance(owner, Instance | Class | dict):
                found = self.member(owner, name)
                target = found if isinstance(found, Closure) else None
        elif isinstance(e.function, Name):
            name = e.function.id
            if name == "super" and isinstance(this := scope.get("this"), Instance):
                return self._super(this, [self.value(a, scope) for a in e.arguments])
            known = self._name(name, scope)
            if isinstance(known, Class):
                return self.instance(known, [self.value(a, scope) for a in e.arguments])
            this = scope.get("this")
            target = known if isinstance(known, Closure) else None
            if target is None and isinstance(this, Instance):
                method = self._method(this.cls, name)
                target = Closure(method, self.scope, this) if method is not None else None
            owner = Unknown(name) if target is None else None
        else:
            inner = self.value(e.function, scope)
            target = inner if isinstance(inner, Closure) else None
        given = [self.value(a, scope) for a in e.arguments]
        named = {k: self.value(v, scope) for k, v in e.named}
        if target is not None:
            if isinstance(owner, Locator):  # a custom command that is given its subject
                given = [owner, *given] if len(target.function.parameters) > len(given) else given
            return self.call(target, given, named)
        if isinstance(e.function, Attr) and isinstance(e.function.of, Name) and e.function.of.id == "super":
            this = scope.get("this")
            if isinstance(this, Instance):
                return self._inherited(this, name, given, named)
        return actions.told(self, e, name, owner, given, named)

    def _super(self, this: Instance, given: Sequence[Any]) -> Any:
        for base in self._line(this.cls)[1:]:
            maker = next((m for m in base.methods if m.name in ("constructor", "__init__")), None)
            if maker is not None:
                self.call(Closure(maker, self.scope, this), given, {})
                break
        return this

    def _inherited(self, this: Instance, name: str, given: Sequence[Any], named: Mapping[str, Any]) -> Any:
        for base in self._line(this.cls)[1:]:
            method = next((m for m in base.methods if m.name == name), None)
            if method is not None:
                return self.call(Closure(method, self.scope, this), given, named)
        return Unknown(name)

    # ---- notes --------------------------------------------------------------------------------------
    def _texts(self, e: Expr, scope: Scope) -> tuple[Any, ...]:
        """The texts and numbers inside something asserted."""
        told = self.value(e, scope)
        found: list[Any] = [told] if isinstance(told, str | int | float) and not isinstance(told, bool) else []
        if isinstance(e, Other):
            found += [
                v
                for i in e.inside
                if isinstance(v := self.value(i, scope), str | int | float) and not isinstance(v, bool)
            ]
        return tuple(found)

    def _note(self, kind: str, text: str, line: int, target: Any, values: Sequence[Any], denied: bool = False) -> None:
        owner = next((o for o in reversed(self.owners) if o), "")
        self.acts.append(Act(kind, " ".join(text.split()), line, target, tuple(values), denied, owner))

    def note(self, kind: str, e: Call, target: Any, values: Sequence[Any], denied: bool = False) -> None:
        """Note an act."""
        self._note(kind, e.text, e.line, target, values, denied)


def _titled(value: Any, name: str) -> Any:
    """A locator learns the name of the variable that holds it."""
    if isinstance(value, Locator) and not value.variable:
        return msgspec.structs.replace(value, variable=name)
    return value


def _shown(value: Any) -> str:
    match value:
        case Unknown():
            return value.text
        case Locator():
            return value.shown
        case Closure():
            return value.function.name
        case _:
            return str(value)
