"""What does not obey a schema, as schemas again: each of them excludes it; together they are some of what does.

By De Morgan's laws keyword by keyword. A keyword whose opposite cannot be said in the same words gives nothing: then
less is found than there is, never anything wrong.
"""

from __future__ import annotations

from typing import Any

from understudy.planning.documents.shape import KINDS

SPARE_NAME = "extra"


def complement(schema: Any) -> list[Any]:
    """Schemas that no value obeying ``schema`` obeys, the most natural first."""
    if isinstance(schema, bool):
        return [] if schema else [True]
    found: list[Any] = []
    if isinstance(schema.get("$ref"), str):
        found.append({"not": {"$ref": schema["$ref"]}})
    found += _members(schema)
    found += _values(schema)
    found += _logic(schema)
    found += _numbers(schema)
    found += _texts(schema)
    found += _lists(schema)
    found += _kinds(schema)
    return found


def _members(schema: dict[str, Any]) -> list[Any]:
    found: list[Any] = []
    for name, inner in (schema.get("properties") or {}).items():
        if inner is not True and inner != {}:
            found.append({"type": "object", "properties": {name: {"not": inner}}, "required": [name]})
    for name in schema.get("required") or ():
        found.append({"type": "object", "properties": {name: False}})
    rest = schema.get("additionalProperties")
    if rest is not None and rest is not True and rest != {}:
        known = schema.get("properties") or {}
        spare = SPARE_NAME if SPARE_NAME not in known else SPARE_NAME + "_2"
        if not schema.get("patternProperties"):
            found.append({"type": "object", "properties": {spare: {"not": rest}}, "required": [spare]})
    least = schema.get("minProperties")
    if isinstance(least, int) and least > 0:
        found.append({"type": "object", "maxProperties": least - 1})
    most = schema.get("maxProperties")
    if isinstance(most, int):
        found.append({"type": "object", "minProperties": most + 1})
    for name, needed in (schema.get("dependentRequired") or {}).items():
        found += [{"type": "object", "required": [name], "properties": {n: False}} for n in needed]
    return found


def _values(schema: dict[str, Any]) -> list[Any]:
    if "const" in schema:
        return [{"x-refused": [schema["const"]]}]
    if isinstance(schema.get("enum"), list):
        return [{"x-refused": schema["enum"]}]
    return []


def _logic(schema: dict[str, Any]) -> list[Any]:
    found: list[Any] = [{"not": inner} for inner in schema.get("allOf") or ()]
    if schema.get("anyOf"):
        found.append({"allOf": [{"not": inner} for inner in schema["anyOf"]]})
    if schema.get("oneOf"):
        branches = schema["oneOf"]
        found.append({"allOf": [{"not": inner} for inner in branches]})
        found += [{"allOf": [a, b]} for i, a in enumerate(branches) for b in branches[:i]][:6]
    if "not" in schema:
        found.append(schema["not"])
    if "if" in schema:
        if "then" in schema:
            found.append({"allOf": [schema["if"], {"not": schema["then"]}]})
        if "else" in schema:
            found.append({"allOf": [{"not": schema["if"]}, {"not": schema["else"]}]})
    return found


def _numbers(schema: dict[str, Any]) -> list[Any]:
    pairs = (
        ("minimum", "exclusiveMaximum"),
        ("maximum", "exclusiveMinimum"),
        ("exclusiveMinimum", "maximum"),
        ("exclusiveMaximum", "minimum"),
    )
    return [{"type": "number", other: schema[own]} for own, other in pairs if own in schema]


def _texts(schema: dict[str, Any]) -> list[Any]:
    found: list[Any] = []
    if isinstance(schema.get("minLength"), int) and schema["minLength"] > 0:
        found.append({"type": "string", "maxLength": schema["minLength"] - 1})
    if isinstance(schema.get("maxLength"), int):
        found.append({"type": "string", "minLength": schema["maxLength"] + 1})
    if isinstance(schema.get("pattern"), str):
        found.append({"type": "string", "x-misses": schema["pattern"]})
    return found


def _lists(schema: dict[str, Any]) -> list[Any]:
    found: list[Any] = []
    if isinstance(schema.get("minItems"), int) and schema["minItems"] > 0:
        found.append({"type": "array", "maxItems": schema["minItems"] - 1})
    if isinstance(schema.get("maxItems"), int):
        found.append({"type": "array", "minItems": schema["maxItems"] + 1})
    items = schema.get("items")
    if items is not None and items is not True and items != {} and not schema.get("prefixItems"):
        found.append({"type": "array", "contains": {"not": items}})
    if "contains" in schema and schema.get("minContains", 1) > 0:
        found.append({"type": "array", "items": {"not": schema["contains"]}})
    return found


def _kinds(schema: dict[str, Any]) -> list[Any]:
    said = schema.get("type")
    if said is None:
        return []
    kinds = [said] if isinstance(said, str) else list(said)
    allowed = {"number" if k == "integer" else k for k in kinds}
    others = [k for k in KINDS if k not in allowed]
    return [{"type": others}] if others else []
