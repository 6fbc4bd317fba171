"""Structured columns taken apart: each part that a rule speaks of becomes a column of its own.

``upper(during) - lower(during) <= 10``, ``(price).amount > 0``, ``payload ->> 'kind' IN ('a', 'b')``,
``0 < ALL (ids)``: rules about ends, members and elements are rules about columns like any other once the parts are
columns, so that they are solved with all the rest, and keys and exclusions may stand on parts. The structure is made of
its parts again by :mod:`understudy.planning.binding.assembly`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from understudy import rules
from understudy.model.expression import Call, Case, Cast, Column, Const, Node, Part, When
from understudy.model.schema import Entity, Field, ForeignKey
from understudy.planning.trees import substitute
from understudy.rules.trees import NULL, both, call, children, either, negation, rebuild, walk
from understudy.types import Kind, Type

TEXT, JSON = Type(Kind.TEXT), Type(Kind.JSON)
TOLD = {
    "array": Type(Kind.ARRAY, element=TEXT), "list": Type(Kind.ARRAY, element=TEXT), "number": Type(Kind.INTEGER),
    "integer": Type(Kind.INTEGER), "double": Type(Kind.FLOAT), "real": Type(Kind.FLOAT), "boolean": Type(Kind.BOOLEAN),
    "bigint": Type(Kind.INTEGER), "ubigint": Type(Kind.INTEGER), "varchar": TEXT, "text": TEXT, "string": TEXT,
    "true": Type(Kind.BOOLEAN), "object": JSON,
}  # fmt: skip
"""What a document's member is made as where a rule names its JSON type."""

NAMED = {Kind.ARRAY: "array", Kind.INTEGER: "number", Kind.FLOAT: "number", Kind.DECIMAL: "number",
         Kind.BOOLEAN: "boolean", Kind.JSON: "object", Kind.MONEY: "number"}  # fmt: skip

Path = tuple[str, ...]


class Whole(msgspec.Struct, frozen=True):
    """One structured column: its parts by path, and the paths of documents within it that have parts themselves.
    ``hints``: JSON types that rules name. ``doubtful``: parts of which rules ask whether they are null."""

    field: Field
    parts: dict[Path, Type]
    inner: tuple[Path, ...] = ()
    hints: dict[Path, tuple[str, ...]] = {}
    doubtful: frozenset[Path] = frozenset()

    def name(self, path: Path) -> str:
        """The column of a part."""
        return part_name(self.field.name, path)


class Parts(msgspec.Struct, frozen=True):
    """``wholes`` by column; ``fields``: the hidden columns of their parts; ``looks``: those that are a parent's."""

    wholes: dict[str, Whole]
    fields: tuple[Field, ...]
    looks: dict[str, Path] = {}

    def apart(self, node: Node) -> Node:
        """A tree over whole columns as one over the columns of their parts."""
        if not self.fields or not any(isinstance(n, Part) for n in walk(node)):
            return node
        return self._replaced(node)

    def _replaced(self, node: Node) -> Node:
        match node:
            case Call(function="json_typeof", args=(Part() as part,)):
                return self._typeof(part)
            case Part():
                return self._column(node)
        return rebuild(node, self._replaced)

    def _whole(self, part: Part) -> Whole | None:
        return self.wholes.get(part.value.name) if isinstance(part.value, Column) else None

    def _column(self, part: Part) -> Node:
        if isinstance(part.value, Column) and (name := part_name(part.value.name, part.path)) in self.looks:
            return Column(name)
        whole = self._whole(part)
        if whole is None or (part.path not in whole.parts and part.path not in whole.inner):
            return part
        if part.path in whole.inner:
            return Cast(part.value, JSON)
        kind = whole.parts[part.path]
        column = Column(whole.name(part.path))
        if part.type.kind is Kind.TEXT and kind.kind not in (Kind.TEXT, Kind.ENUM, Kind.UUID, Kind.ARRAY, Kind.JSON):
            return Cast(column, TEXT)
        return column

    def _typeof(self, part: Part) -> Node:
        whole = self._whole(part)
        if whole is None:
            return Call("json_typeof", (part,))
        if part.path in whole.inner:
            return Const("object")
        hint = whole.hints.get(part.path, ())
        word = hint[0] if hint else NAMED.get(whole.parts[part.path].kind, "string")
        return Case((When(call("is_null", Column(whole.name(part.path))), NULL),), Const(word))

    def columns(self, names: Iterable[str]) -> set[str]:
        """Columns with those that are made of parts replaced by their parts."""
        found: set[str] = set()
        for name in names:
            whole = self.wholes.get(name)
            found |= {whole.name(p) for p in whole.parts} if whole is not None else {name}
        return found


def part_name(owner: str, path: Path) -> str:
    """The hidden column of a part."""
    return f"${'.'.join((owner, *path))}"


def take_apart(entity: Entity, trees: Iterable[Node], ranged: Iterable[str] = ()) -> Parts:
    """The parts that ``trees`` (rules, keys, computed columns) speak of. ``ranged``: ranges whose ends are wanted
    anyhow."""
    asked: dict[str, dict[Path, list[Type]]] = {}
    told: dict[tuple[str, Path], list[str]] = {}
    doubtful: dict[str, set[Path]] = {}
    known = {f.name: f for f in entity.fields if not f.generated}
    looks: dict[tuple[str, Path], Type] = {}
    for tree in trees:
        for part in (n for n in walk(tree) if isinstance(n, Part) and isinstance(n.value, Column)):
            if part.path and part.path[0].startswith("→"):
                if reference(entity, part.path) is not None:
                    looks[part.value.name, part.path] = part.type  # type: ignore[union-attr]
                continue
            if part.value.name in known:  # type: ignore[union-attr]
                asked.setdefault(part.value.name, {}).setdefault(part.path, []).append(part.type)  # type: ignore[union-attr]
        for name in _asked_lists(tree):
            if name in known:
                asked.setdefault(name, {})
        for part, word in _type_tests(tree):
            told.setdefault((part.value.name, part.path), []).append(word)  # type: ignore[union-attr]
        for name, path in _null_tests(tree, False):
            doubtful.setdefault(name, set()).add(path)
    for name in ranged:
        asked.setdefault(name, {})
    wholes = {
        name: msgspec.structs.replace(_whole(known[name], paths, told), doubtful=frozenset(doubtful.get(name, ())))
        for name, paths in asked.items()
    }
    fields = [f for w in wholes.values() for f in _fields(w)]
    fields += [Field(part_name(c, p), t, nullable=True, null_share=0.0) for (c, p), t in looks.items()]
    return Parts(wholes, tuple(fields), {part_name(c, p): p for c, p in looks})


def reference(entity: Entity, path: Path) -> ForeignKey | None:
    """The foreign key along which a part of that path looks at the parent."""
    pairs = {tuple(p.split("=", 1)) for p in path[1].split("|")}
    for key in entity.foreign_keys:
        named = key.target == path[0][1:] or key.target.rsplit(".", 1)[-1] == path[0][1:]
        if named and pairs <= set(zip(key.target_columns, key.columns, strict=True)):
            return key
    return None


def _asked_lists(tree: Node) -> Iterator[str]:
    for node in walk(tree):
        match node:
            case Call(function="array_contains", args=(Column(name=name), Const())):
                yield name


def wanted_elements(trees: Iterable[Node], column: str) -> tuple[Const, ...]:
    """The constants of which rules ask whether a list has them."""
    found: dict[Const, None] = {}
    for node in (n for tree in trees for n in walk(tree)):
        match node:
            case Call(function="array_contains", args=(Column(name=name), Const() as value)) if name == column:
                found[value] = None
    return tuple(found)


def inner_rules(entity: Entity, dialect: str) -> Iterator[Node]:
    """What the domains of members and elements demand, as conditions on the parts of columns."""
    for field in entity.fields:
        if field.type.kind in (Kind.STRUCT, Kind.ARRAY) and not field.generated:
            yield from _inner(Column(field.name), field.type, (), dialect)


def _inner(base: Column, kind: Type, path: Path, dialect: str) -> Iterator[Node]:
    members = kind.fields if kind.kind is Kind.STRUCT else ((("*", kind.element),) if kind.element is not None else ())
    for name, member in members:
        place = Part(base, (*path, name), member)
        for text in member.checks:
            tree = rules.understand(text, dialect, {"VALUE": member}).predicate
            yield substitute(tree, {"VALUE": place})
        if member.kind is Kind.STRUCT and kind.kind is Kind.STRUCT:
            yield from _inner(base, member, place.path, dialect)


def _type_tests(tree: Node) -> Iterator[tuple[Part, str]]:
    """What the type of a member is compared with."""
    for node in walk(tree):
        match node:
            case Call(function="=" | "in", args=(tested, *values)):
                while isinstance(tested, Call) and tested.function in ("upper", "lower"):
                    tested = tested.args[0]
                match tested:
                    case Call(function="json_typeof", args=(Part(value=Column()) as part,)):
                        yield from ((part, str(v.value)) for v in values if isinstance(v, Const) and v.value)


def _null_tests(tree: Node, firm: bool) -> Iterator[tuple[str, Path]]:
    """Parts of which a rule asks whether they are null, or whose condition must be true and not null."""
    match tree:
        case Part(value=Column(name=name), path=path) if firm:
            yield name, path
            return
        case Call(function="is_null" | "is_true" | "is_false" | "num_nulls" | "num_nonnulls" | "is_distinct"):
            firm = True
        case Call(function="=" | "<>", args=args) if any(
            isinstance(a, Call) and a.function in ("and", "or", "not", "=", "<", ">", "in", "<=", ">=") for a in args
        ):
            firm = True
    for child in children(tree):
        yield from _null_tests(child, firm)


def _whole(field: Field, paths: dict[Path, list[Type]], told: Mapping[tuple[str, Path], list[str]]) -> Whole:
    match field.type.kind:
        case Kind.STRUCT:
            parts = dict(_members(field.type, (), set(paths)))
            return Whole(field, parts)
        case Kind.RANGE:
            element = field.type.element or Type(Kind.INTEGER)
            ends: dict[Path, Type] = {("lower",): element, ("upper",): element}
            ends |= {p: types[0] for p, types in paths.items() if p[0].endswith("_inc")}
            return Whole(field, ends)
        case Kind.JSON | Kind.TEXT | Kind.MAP:
            prefixes = {p[:n] for p in paths for n in range(1, len(p))}
            inner = tuple(sorted(prefixes | ({p for p in paths if not p} if len(paths) > 1 else set())))
            leaves = {p: _leaf(types, told.get((field.name, p), [])) for p, types in paths.items() if p not in inner}
            hints = {p: tuple(told[field.name, p]) for p in leaves if (field.name, p) in told}
            return Whole(field, leaves, inner, hints)
    return Whole(field, {p: types[0] for p, types in paths.items()})


def _members(kind: Type, base: Path, asked: set[Path]) -> Iterator[tuple[Path, Type]]:
    for name, member in kind.fields:
        path = (*base, name)
        if member.kind is Kind.STRUCT and any(p[: len(path)] == path and len(p) > len(path) for p in asked):
            yield from _members(member, path, asked)
        else:
            yield path, member


def _leaf(types: list[Type], told: list[str]) -> Type:
    firm = [t for t in types if t.kind not in (Kind.TEXT, Kind.JSON)]
    if firm:
        return next((t for t in firm if t.kind is Kind.ARRAY), firm[0])
    for word in told:
        if (found := TOLD.get(word.lower())) is not None:
            return found
    return TEXT


def _fields(whole: Whole) -> Iterator[Field]:
    owner = whole.field
    inside = owner.type.kind in (Kind.JSON, Kind.TEXT, Kind.MAP, Kind.STRUCT)
    for path, kind in whole.parts.items():
        nullable = inside or path in whole.doubtful
        share = 0.0 if nullable else None
        bare = msgspec.structs.replace(kind, checks=()) if kind.checks else kind
        yield Field(whole.name(path), bare, nullable=nullable, null_share=share)


def coupled(parts: Parts) -> Iterator[tuple[str, Node]]:
    """What holds of parts by nature, per column: the ends of a range are in order; where a whole is null, so are the
    parts of which a rule asks that."""
    for name, whole in parts.wholes.items():
        if whole.field.type.kind is Kind.RANGE:
            yield name, call("<", Column(whole.name(("lower",))), Column(whole.name(("upper",))))
        for path in whole.parts:
            for sign, limit in _nature(whole.field.type, path):
                yield name, call(sign, Column(whole.name(path)), Const(limit))
        asked = [Column(whole.name(p)) for p in whole.parts if p in whole.doubtful]
        if whole.field.nullable and asked:
            yield name, either(negation(call("is_null", Column(name))), both(*(call("is_null", c) for c in asked)))


def _nature(kind: Type, path: Path) -> tuple[tuple[str, int], ...]:
    """Within what a part lies whatever the rules."""
    match kind.kind, path:
        case Kind.NETWORK, ("masklen",):
            return (">=", 8), ("<=", 32)
        case Kind.NETWORK, ("family",):
            return (">=", 4), ("<=", 6), ("<>", 5)
        case Kind.NETWORK, ("address",):
            return (">=", 1 << 24), ("<", 224 << 24)
        case Kind.GEOMETRIC, ("radius" | "width" | "height",):
            return (">", 0), ("<=", 1000)
        case Kind.SPATIAL, ("x" | "y",):
            return (">=", -180), ("<=", 180)
        case Kind.GEOMETRIC, ("x" | "y",):
            return (">=", -1000), ("<=", 1000)
    return ()
