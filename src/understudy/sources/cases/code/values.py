"""What names stand for while a test is run on paper, and what is noted of it."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any, Protocol

import msgspec

from understudy.sources.cases.locators import Locator
from understudy.sources.code.tree import Call, Class, Expr, Func

LONGEST_LOOP = 12
"""Turns of a loop that are taken."""
LONGEST_LINE = 14
"""Classes that a class stands on, itself included, before the rest is left."""


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


Names = MutableMapping[str, Any]


class Library:
    """What the given files define: classes, functions and constants by name, and fixtures; those of the test's own
    file come first. ``made``: objects that depend on nothing known, by their class."""

    def __init__(self, *layers: Library) -> None:
        def joined(part: str) -> Any:
            return ChainMap(*(getattr(layer, part) for layer in layers)) if layers else {}

        self.classes: MutableMapping[str, Class] = joined("classes")
        self.functions: MutableMapping[str, Closure] = joined("functions")
        self.fixtures: MutableMapping[str, Closure] = joined("fixtures")
        self.commands: MutableMapping[str, Closure] = joined("commands")
        self.instances: Names = joined("instances")
        self.made: dict[int, Instance] = layers[-1].made if layers else {}
        self.layers = layers
        self._lines: dict[int, list[Class]] = {}
        self._methods: dict[tuple[int, str], Func | None] = {}
        self._found: dict[str, Any] = {}
        self._plain: dict[str, Class] | None = None

    def declare(self, cls: Class) -> None:
        """Take a class in that a function declares; of equal names the first stays."""
        if cls.name not in self.classes:
            self.classes[cls.name] = cls
            self._lines.clear()
            self._methods.clear()
            self._found.clear()

    def keep(self, name: str, value: Any) -> None:
        """Take a constant in; of equal names the first stays."""
        if name not in self.instances:
            self.instances[name] = value
            self._found.pop(name, None)

    def find(self, name: str) -> Any:
        """The function, constant or class of a name; None where none is defined."""
        if name not in self._found:
            function = self.functions.get(name)
            self._found[name] = function or self.instances.get(name, self.classes.get(name))
        return self._found[name]

    def line(self, cls: Class) -> list[Class]:
        """A class and those that it stands on, nearest first."""
        known = self._lines.get(id(cls))
        if known is not None:
            return known
        found, names = [cls], list(cls.bases)
        while names and len(found) < LONGEST_LINE:
            base = self.classes.get(names.pop(0))
            if base is not None and not any(base is c for c in found):
                found.append(base)
                names += base.bases
        self._lines[id(cls)] = found
        return found

    def method(self, cls: Class, name: str) -> Func | None:
        """The method of a class by name, its own or inherited."""
        key = (id(cls), name)
        if key not in self._methods:
            self._methods[key] = next((m for c in self.line(cls) for m in c.methods if m.name == name), None)
        return self._methods[key]

    def called(self, name: str) -> Class | None:
        """The class whose name is that of a fixture in other letters: ``login_page``, ``loginPage``: LoginPage."""
        plain = name.lower().replace("_", "")
        for layer in self.layers or (self,):
            if layer._plain is None:
                layer._plain = {n.lower(): c for n, c in reversed(list(layer.classes.items()))}
            if plain in layer._plain:
                return layer._plain[plain]
        return None


class Run(Protocol):
    """The run of a test, as those see it who evaluate its expressions and tell what its calls do."""

    library: Library
    scope: Scope

    def value(self, e: Expr, scope: Scope) -> Any:
        """What an expression stands for."""

    def member(self, of: Any, name: str) -> Any:
        """A member of a value."""

    def call(self, closure: Closure, arguments: Sequence[Any], named: Mapping[str, Any]) -> Any:
        """The result of a function of the given files."""

    def instance(self, cls: Class, arguments: Sequence[Any]) -> Instance:
        """A new object of a class."""

    def fixture(self, name: str) -> Any:
        """What a parameter of a test is given."""

    def note(self, kind: str, e: Call, target: Any, values: Sequence[Any], denied: bool = False) -> None:
        """Note an act."""


def titled(value: Any, name: str) -> Any:
    """A locator learns the name of the variable that holds it."""
    if isinstance(value, Locator) and not value.variable:
        return msgspec.structs.replace(value, variable=name)
    return value


def shown(value: Any) -> str:
    """A value in a few words, as a step tells it."""
    match value:
        case Unknown():
            return value.text
        case Locator():
            return value.shown
        case Closure():
            return value.function.name
        case _:
            return str(value)


def taken(value: Any, names: Sequence[tuple[str, ...]]) -> dict[str, Any]:
    """Members of an object or list under the variables that they are taken into: (member, variable)."""
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


def pattern(parameter: str) -> list[tuple[str, ...]]:
    """The names of a parameter that takes an object apart: ``{a:b,c:c}``."""
    return [tuple(p.strip().split(":", 1)) for p in parameter[1:-1].split(",") if p.strip()]
