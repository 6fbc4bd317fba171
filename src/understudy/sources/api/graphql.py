"""GraphQL: schemas in SDL and results of introspection; documents with operations beside them.

Every query and mutation is a door whose variables are a record. Where no document is given, an operation is made for
each field of the root types, and told in the face's document (``$comment``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from understudy.errors import SourceError
from understudy.model.evidence import Choices, Claim, FacetKind, Value
from understudy.model.face import Face, FaceKind
from understudy.model.origin import Origin, SourceKind
from understudy.model.schema import ForeignKey, KeyPart, Unique
from understudy.sources.api.translate import text_of
from understudy.types import Kind, Type

SCALARS: dict[str, dict[str, Any]] = {
    "ID": {"type": "string", "minLength": 1, "maxLength": 36},
    "String": {"type": "string"},
    "Int": {"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1},
    "Float": {"type": "number"},
    "Boolean": {"type": "boolean"},
}
CUSTOM = (
    ("datetime", {"type": "string", "format": "date-time"}, Type(Kind.TIMESTAMP, zoned=True)),
    ("timestamp", {"type": "string", "format": "date-time"}, Type(Kind.TIMESTAMP, zoned=True)),
    ("date", {"type": "string", "format": "date"}, Type(Kind.DATE)),
    ("time", {"type": "string", "format": "time"}, Type(Kind.TIME)),
    ("uuid", {"type": "string", "format": "uuid"}, Type(Kind.UUID)),
    ("email", {"type": "string", "format": "email"}, Type(Kind.TEXT)),
    ("url", {"type": "string", "format": "uri"}, Type(Kind.TEXT)),
    ("uri", {"type": "string", "format": "uri"}, Type(Kind.TEXT)),
    ("json", {"type": "object"}, Type(Kind.JSON)),
    ("long", {"type": "integer"}, Type(Kind.INTEGER)),
    ("bigint", {"type": "integer"}, Type(Kind.INTEGER)),
    ("int", {"type": "integer"}, Type(Kind.INTEGER)),
    ("decimal", {"type": "number"}, Type(Kind.DECIMAL, scale=2)),
    ("money", {"type": "number"}, Type(Kind.DECIMAL, scale=2)),
    ("boolean", {"type": "boolean"}, Type(Kind.BOOLEAN)),
)
"""Custom scalars by how their names end; others are texts."""
TYPES = {
    "ID": Type(Kind.TEXT),
    "String": Type(Kind.TEXT),
    "Int": Type(Kind.INTEGER, bits=32),
    "Float": Type(Kind.FLOAT),
    "Boolean": Type(Kind.BOOLEAN),
}
CARRIERS = ("Connection", "Edge", "PageInfo", "Error")
ENVELOPES = ("Payload", "Result", "Response")
"""Names of types that carry others, where they do: a ``LabResult`` of plain values is a thing of its own."""
DEEPEST_CHOICE = 1
MOST_TOKENS = 3_000_000


class Call(msgspec.Struct, frozen=True):
    """An operation: ``text`` of a document with it alone, ``name``, its variables' definitions, where it stands."""

    name: str
    kind: str
    text: str
    place: str


def build(document: Any, text: str, where: str) -> Any:
    """The schema of an introspection result, or of SDL."""
    import graphql

    try:
        if document is not None:
            held = document.get("data", document)
            return graphql.build_client_schema(held, assume_valid=True)
        tree = _complete(graphql.parse(text, no_location=False, max_tokens=MOST_TOKENS))
        return graphql.build_ast_schema(tree, assume_valid=True, assume_valid_sdl=True)
    except graphql.GraphQLError as error:
        line = f", line {error.locations[0].line}" if error.locations else ""
        raise SourceError(f"not valid GraphQL: {error.message}", where=where + line, mend="Mend that line.") from error
    except (TypeError, KeyError, AttributeError, RecursionError) as error:
        what = f"not a GraphQL schema: {str(error).splitlines()[0] if str(error) else type(error).__name__}"
        raise SourceError(what, where=where, mend="Name a schema or an introspection result.") from error


def _complete(tree: Any) -> Any:
    """A document with the scalars that it names and leaves to its server (``BigInt``, ``DateTime``)."""
    import graphql

    known = {d.name.value for d in tree.definitions if isinstance(d, graphql.TypeDefinitionNode)} | set(TYPES)
    named: dict[str, None] = {}
    todo: list[Any] = [d for d in tree.definitions if isinstance(d, graphql.TypeSystemDefinitionNode)]
    todo += [d for d in tree.definitions if isinstance(d, graphql.TypeSystemExtensionNode)]
    while todo:
        node = todo.pop()
        if isinstance(node, graphql.NamedTypeNode):
            named[node.name.value] = None
        for key in node.keys if isinstance(node, graphql.Node) else ():
            value = getattr(node, key, None)
            todo += [v for v in (value if isinstance(value, tuple | list) else (value,)) if isinstance(v, graphql.Node)]
    lacking = [f"scalar {n}" for n in sorted(named.keys() - known)]
    if not lacking:
        return tree
    more = graphql.parse("\n".join(lacking), no_location=True).definitions
    return graphql.DocumentNode(definitions=(*tree.definitions, *more))


class Described:
    """Evidence of one schema."""

    def __init__(self, schema: Any, source: str) -> None:
        self.schema, self.source = schema, source
        self.defs: dict[str, Any] = {}
        self.claims: list[Claim] = []
        self.fields: set[tuple[str, str]] = set()
        self.roots = {t.name for t in (schema.query_type, schema.mutation_type, schema.subscription_type) if t}

    # ---- variables -------------------------------------------------------------------------
    def faces(self, calls: Sequence[Call]) -> tuple[Face, ...]:
        """A face per operation with variables: those that are given, and one for each field of the root types."""
        found: dict[str, Face] = {}
        for call in (*calls, *self.made()):
            document, entity, bindings = self._variables(call)
            if document is None:
                continue
            origin = Origin(SourceKind.API, self.source, call.place)
            name = f"{call.kind} {call.name}"
            face = Face(name, FaceKind.VARIABLES, text_of(document), origin, entity, bindings)
            found.setdefault(name, face)
        return tuple(found.values())

    def made(self) -> list[Call]:
        """An operation for each field of the root types that takes arguments."""
        calls = []
        for kind, root in (("query", self.schema.query_type), ("mutation", self.schema.mutation_type)):
            for name, field in root.fields.items() if root else ():
                if field.args:
                    calls.append(Call(name, kind, self._operation(kind, name, field), f"{root.name}.{name}"))
        return calls

    def _operation(self, kind: str, name: str, field: Any) -> str:
        told = ", ".join(f"${a}: {arg.type}" for a, arg in field.args.items())
        given = ", ".join(f"{a}: ${a}" for a in field.args)
        return f"{kind} {name}({told}) {{ {name}({given}){self._choice(field.type, DEEPEST_CHOICE)} }}"

    def _choice(self, kind: Any, deep: int) -> str:
        """The fields asked for: plain ones, and those of one level below where there is no plain one."""
        import graphql

        named: Any = graphql.get_named_type(kind)
        if not graphql.is_composite_type(named):
            return ""
        if graphql.is_union_type(named):
            return " { __typename }"
        fields: dict[str, Any] = getattr(named, "fields", {})
        plain = [n for n, f in fields.items() if not f.args and graphql.is_leaf_type(graphql.get_named_type(f.type))]
        return f" {{ {' '.join(plain[:12])} }}" if plain else " { __typename }"

    def _variables(self, call: Call) -> tuple[Any, str, dict[str, str]]:
        import graphql

        tree = graphql.parse(call.text)
        operation = next(d for d in tree.definitions if isinstance(d, graphql.OperationDefinitionNode))
        members: dict[str, Any] = {}
        required: list[str] = []
        entity, bindings = "", dict[str, str]()
        for definition in operation.variable_definitions or ():
            kind = graphql.type_from_ast(self.schema, definition.type)
            if kind is None:
                return None, "", {}
            name = definition.variable.name.value
            members[name] = self._input(kind)
            if graphql.is_non_null_type(kind) and definition.default_value is None:
                required.append(name)
            entity = self._shown(graphql.get_named_type(kind), name, entity, bindings)
        if not members:
            return None, "", {}
        document: dict[str, Any] = {"$comment": call.text, "type": "object", "properties": members}
        if required:
            document["required"] = required
        document["additionalProperties"] = False
        reached = self._reached(document)
        if reached:
            document["$defs"] = {n: self.defs[n] for n in sorted(reached)}
        return document, entity, bindings

    def _input(self, kind: Any) -> dict[str, Any]:
        """An input type as JSON Schema; null is allowed where it is not forbidden."""
        import graphql

        if graphql.is_non_null_type(kind):
            return self._bare(kind.of_type)
        made = self._bare(kind)
        return {"anyOf": [made, {"type": "null"}]}

    def _bare(self, kind: Any) -> dict[str, Any]:
        import graphql

        if graphql.is_list_type(kind):
            return {"type": "array", "items": self._input(kind.of_type)}
        if graphql.is_enum_type(kind):
            return {"enum": list(kind.values)}
        if graphql.is_input_object_type(kind):
            self._define(kind)
            return {"$ref": f"#/$defs/{kind.name}"}
        return scalar(kind.name)

    def _define(self, kind: Any) -> None:
        if kind.name in self.defs:
            return
        self.defs[kind.name] = {}
        import graphql

        if getattr(kind, "is_one_of", False):
            members = {n: self._bare(graphql.get_nullable_type(f.type)) for n, f in kind.fields.items()}
            limits: dict[str, Any] = {"minProperties": 1, "maxProperties": 1}
        else:
            members = {n: self._input(f.type) for n, f in kind.fields.items()}
            required = [n for n, f in kind.fields.items() if graphql.is_required_input_field(f)]
            limits = {"required": required} if required else {}
        self.defs[kind.name] = {"type": "object", "properties": members, **limits, "additionalProperties": False}

    def _reached(self, document: Any) -> set[str]:
        from understudy.sources.api.translate import references

        found: set[str] = set()
        todo = references(document)
        while todo:
            name = todo.pop()
            if name not in found:
                found.add(name)
                todo += references(self.defs[name])
        return found

    def _shown(self, kind: Any, name: str, entity: str, bindings: dict[str, str]) -> str:
        """The entity that an input describes, and the members that show its fields."""
        import graphql

        if not graphql.is_input_object_type(kind):
            return entity
        about = next((t for t in _stems(kind.name) if (t, "") in self.fields), "")
        if about:
            bindings |= {f"/{name}/{f}": f"{about}.{f}" for f in kind.fields if (about, f) in self.fields}
        return entity or about

    # ---- entities --------------------------------------------------------------------------
    def describe(self) -> tuple[Claim, ...]:
        """Claims about object types; what only carries others is left out."""
        import graphql

        for kind in self.schema.type_map.values():
            if not graphql.is_object_type(kind) or kind.name.startswith("__") or kind.name in self.roots:
                continue
            if self._carries(kind):
                continue
            self.fields.add((kind.name, ""))
            self._claim(FacetKind.ENTITY, kind.name, "", None, raw=(kind.description or "")[:200])
            for name, field in kind.fields.items():
                self._field(kind, name, field)
            if "id" in kind.fields:
                key = Unique(f"{kind.name}_pkey", (KeyPart("id"),), primary=True)
                self._claim(FacetKind.UNIQUE, kind.name, "", key, sure=0.9)
        return tuple(self.claims)

    def _field(self, owner: Any, name: str, field: Any) -> None:
        import graphql

        named = graphql.get_named_type(field.type)
        listy = graphql.is_list_type(graphql.get_nullable_type(field.type))
        target, listed = self._target(named)
        if field.args and not target and not graphql.is_leaf_type(named):
            return
        raw = f"{name}: {field.type}"
        self.fields.add((owner.name, name))
        self._claim(FacetKind.FIELD, owner.name, name, None, raw=raw)
        self._claim(FacetKind.NULLABILITY, owner.name, name, not graphql.is_non_null_type(field.type), raw=raw)
        if target:
            many = listy or listed
            kind = Type(Kind.ARRAY, element=Type(Kind.JSON)) if many else Type(Kind.JSON)
            self._claim(FacetKind.TYPE, owner.name, name, kind, raw=raw)
            key = ForeignKey(f"{owner.name}_{name}", (name,), target, ("id",), enforced=False)
            self._claim(FacetKind.FOREIGN_KEY, owner.name, name, key, sure=0.8, raw=raw)
            return
        kind = Type(Kind.TEXT) if graphql.is_enum_type(named) else logical(named.name)
        if not graphql.is_leaf_type(named):
            kind = Type(Kind.JSON)
        if listy:
            kind = Type(Kind.ARRAY, element=kind)
        self._claim(FacetKind.TYPE, owner.name, name, kind, raw=raw)
        if graphql.is_enum_type(named):
            self._claim(FacetKind.ENUM, owner.name, name, Choices(tuple(named.values)), raw=raw)
        for word, meaning in (("email", "email"), ("url", "url"), ("uri", "url")):
            if named.name.lower().endswith(word):
                self._claim(FacetKind.MEANING, owner.name, name, meaning, raw=raw)
                break

    def _target(self, kind: Any) -> tuple[str, bool]:
        """(the entity that a type is or carries, whether it carries many)."""
        import graphql

        if not graphql.is_object_type(kind):
            return "", False
        if not self._carries(kind):
            return kind.name, False
        inner = kind.fields.get("nodes") or kind.fields.get("edges")
        if inner is None:
            return "", False
        element = graphql.get_named_type(inner.type)
        node = getattr(element, "fields", {}).get("node")
        found = graphql.get_named_type(node.type) if node is not None else element
        return (found.name, True) if graphql.is_object_type(found) and not self._carries(found) else ("", True)

    def _carries(self, kind: Any) -> bool:
        """Whether a type only carries others."""
        import graphql

        if kind.name.endswith(CARRIERS):
            return True
        inner = [graphql.get_named_type(f.type) for f in kind.fields.values()]
        return bool(kind.name.endswith(ENVELOPES)) and any(graphql.is_composite_type(i) for i in inner)

    def _claim(
        self, facet: FacetKind, entity: str, field: str, value: Value, *, sure: float = 1.0, raw: str = ""
    ) -> None:
        origin = Origin(SourceKind.API, self.source, f"{entity}.{field}" if field else entity)
        self.claims.append(Claim(facet, entity, value, origin, field=field, certainty=sure, raw=raw))


def operations_of(text: str, where: str) -> list[Call]:
    """The operations of a document; [] where it holds none."""
    import graphql

    try:
        tree = graphql.parse(text, max_tokens=MOST_TOKENS)
    except graphql.GraphQLError:
        return []
    fragments = {d.name.value: d for d in tree.definitions if isinstance(d, graphql.FragmentDefinitionNode)}
    calls = []
    for number, d in enumerate(tree.definitions):
        if isinstance(d, graphql.OperationDefinitionNode):
            name = d.name.value if d.name else f"{where}{number or ''}"
            text = "\n".join([graphql.print_ast(d), *(graphql.print_ast(f) for f in fragments.values())])
            calls.append(Call(name, d.operation.value, text, f"{where}"))
    return calls


def scalar(name: str) -> dict[str, Any]:
    """A scalar as JSON Schema."""
    if name in SCALARS:
        return SCALARS[name]
    lower = name.lower()
    return next((s for end, s, _ in CUSTOM if lower.endswith(end)), {"type": "string", "minLength": 1})


def logical(name: str) -> Type:
    """A scalar as a logical type."""
    lower = name.lower()
    return TYPES.get(name) or next((t for end, _, t in CUSTOM if lower.endswith(end)), Type(Kind.TEXT))


def _stems(name: str) -> list[str]:
    """Entities that an input may be about, by its name: ``ProductCreateInput`` is about a Product."""
    found = [name]
    for end in ("Input", "Create", "Update", "Payload", "Data", "Args"):
        found += [n.removesuffix(end) for n in found if n.endswith(end)]
    for start in ("Create", "Update", "New", "Add", "Edit"):
        found += [n.removeprefix(start) for n in found if n.startswith(start)]
    return [n for n in dict.fromkeys(found) if n]
