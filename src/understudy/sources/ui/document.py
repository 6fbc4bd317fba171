"""A form as JSON Schema: exactly what the browser accepts of a record, a member per control.

A member that is left out is a control left empty. Where JSON Schema cannot say a set (odd numbers, days between
two days) its values are listed, and ``$comment`` says where the list is shorter than the set. Keywords of our
own: ``x-control`` (the control's type), ``x-same-as`` (the member that is repeated), ``x-part`` (which part of
which value), ``x-length-unit`` (``utf-16`` where lengths count UTF-16 code units, as HTML does).

Source: HTML Living Standard, 4.10.5 (the input element) and 4.10.20 (constraints).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgspec

from understudy.sources.ui.nouns import Control, Form, Member, Option
from understudy.sources.ui.patterns import read_pattern
from understudy.sources.ui.steps import listed, numbers, plain_number, span, steps_within

EMAIL = (
    r"^[a-zA-Z0-9.!#$%&'*+\/=?^_`{|}~\-]+@[a-zA-Z0-9](?:[a-zA-Z0-9\-]{0,61}[a-zA-Z0-9])?"
    r"(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9\-]{0,61}[a-zA-Z0-9])?)*$"
)
"""HTML's own grammar of a valid e-mail address (4.10.5.1.5), its hyphens escaped."""
ADDRESS = r"^https?://[a-z0-9\-]+(?:\.[a-z0-9\-]+)+(?:/[a-z0-9_/.\-]*)?$"
TEXTUAL = frozenset({"text", "search", "tel", "url", "email", "password", "textarea"})
TEMPORAL = {
    "date": None,
    "month": r"^[12][0-9]{3}-(?:0[1-9]|1[0-2])$",
    "week": r"^[12][0-9]{3}-W(?:0[1-9]|[1-4][0-9]|5[0-2])$",
    "time": r"^(?:[01][0-9]|2[0-3]):[0-5][0-9]$",
    "datetime-local": r"^(?:19|20)[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])T(?:[01][0-9]|2[0-3]):[0-5][0-9]$",
}
"""Values that are certainly of the kind (day 29 and later left to dates, whose format says it)."""
LEAST_PASSWORD = 12
"""Characters: shorter ones that hide what is typed are numbers or codes as often as passwords."""
FILLED = ("field", "confirmation", "part")
EXTENSIONS = {"image": "png", "audio": "mp3", "video": "mp4", "text": "txt", "application": "pdf"}


def document(form: Form, members: Sequence[Member], title: str, templated: bool) -> tuple[str, list[str]]:
    """JSON text of the schema of the form's records, and what to know about it. ``templated``: components count
    as controls, for the page is not what the browser gets."""
    properties: dict[str, Any] = {}
    required: list[str] = []
    repeated: dict[str, list[str]] = {}
    remarks: list[str] = []
    for member in members:
        if member.role not in FILLED or not (templated or member.first.native):
            continue
        schema, told = described(member)
        remarks += [f"{member.key}: {t}" for t in told]
        if schema is None:
            continue
        if member.role == "confirmation":
            schema["x-same-as"] = member.same_as
            repeated.setdefault(member.same_as, []).append(member.key)
        if member.role == "part":
            schema["x-part"] = f"{member.whole}:{member.part}"
        properties[member.key] = schema
        if demanded(member):
            required.append(member.key)
    whole: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }
    for original, copies in repeated.items():
        for again in copies if original in properties else ():
            _tightened(properties[original], properties[again])
    pairs = {k: v for k, v in repeated.items() if k in properties}
    pairs |= {again: [k] for k, v in repeated.items() if k in properties for again in v}
    if pairs:
        whole["dependentRequired"] = pairs
    return json.dumps(whole, ensure_ascii=False), remarks


def _tightened(original: dict[str, Any], again: dict[str, Any]) -> None:
    """What is typed twice must pass both controls."""
    low = [s["minLength"] for s in (original, again) if "minLength" in s]
    high = [s["maxLength"] for s in (original, again) if "maxLength" in s]
    for schema in (original, again):
        schema |= ({"minLength": max(low)} if low else {}) | ({"maxLength": min(high)} if high else {})
    if "pattern" in again and again["pattern"] != original.get("pattern"):
        original.setdefault("allOf", []).append({"pattern": again["pattern"]})


def demanded(member: Member) -> bool:
    """Whether the browser refuses the form without this member."""
    if member.first.type in ("range", "color", "hidden"):
        return False
    return any(c.required and not c.disabled and not (c.readonly and c.type in TEXTUAL) for c in member.controls)


def described(member: Member) -> tuple[dict[str, Any] | None, list[str]]:
    """The schema of one member and what to know about it; None where nothing can be chosen."""
    control = member.first
    schema: dict[str, Any] | None
    told: list[str] = []
    match control.type:
        case "checkbox":
            schema = _boxes(member)
        case "radio":
            schema = _radios(member)
        case "select":
            schema, told = _select(control)
        case "number" | "range":
            schema, told = _number(control)
        case "date" | "month" | "week" | "time" | "datetime-local":
            schema, told = _moment(control)
        case "color":
            schema = {"type": "string", "pattern": "^#[0-9a-f]{6}$"}
        case "file":
            schema = _files(control)
        case _:
            schema, told = _text(control)
    if schema is not None:
        label = member_label(member)
        if label:
            schema["title"] = label
        if control.help:
            schema["description"] = control.help
        schema["x-control"] = control.type
    return schema, told


def member_label(member: Member) -> str:
    """What a person reads at it: of a group the words over it."""
    if len(member.controls) > 1 or (member.first.type == "radio" and member.first.heading):
        near = [x.text for x in member.first.labels if x.way == "text before"]
        return member.first.heading or (near[0] if near else "")
    return member.first.label


# ---- choices ----------------------------------------------------------------------------------------
def _boxes(member: Member) -> dict[str, Any]:
    controls = [c for c in member.controls if not c.disabled]
    if len(member.controls) == 1:
        return {"const": True, "type": "boolean"} if controls and controls[0].required else {"type": "boolean"}
    schema: dict[str, Any] = {"type": "array", "uniqueItems": True, "items": {"enum": _values(controls)}}
    needed = [_value(c, controls) for c in controls if c.required]
    if needed:
        schema["allOf"] = [{"contains": {"const": v}} for v in needed]
        schema["minItems"] = len(needed)
    return schema


def _radios(member: Member) -> dict[str, Any] | None:
    controls = [c for c in member.controls if not c.disabled]
    return {"enum": _values(controls)} if controls else None


def _values(controls: Sequence[Control]) -> list[str]:
    return list(dict.fromkeys(_value(c, controls) for c in controls))


def _value(control: Control, controls: Sequence[Control]) -> str:
    """What is submitted; where several submit the same, what is seen beside it."""
    same = sum(c.value == control.value for c in controls)
    return control.value if same == 1 or not control.label else control.label


def choices(control: Control) -> tuple[Option, ...]:
    """The options of a select that mean a choice: no placeholder, none switched off, none twice."""
    found: dict[str, Option] = {}
    for place, option in enumerate(control.options):
        placeholder = option.value == "" and (place == 0 or not control.required)
        found.setdefault(option.value, msgspec.structs.replace(option, disabled=option.disabled or placeholder))
    return tuple(o for o in found.values() if not o.disabled)


def _select(control: Control) -> tuple[dict[str, Any] | None, list[str]]:
    values = [o.value for o in choices(control)]
    if control.fluid and control.type == "select" and len(values) <= 1:
        return {"type": "string", "minLength": 1}, []
    if not values:
        if control.required:
            return None, ["must be chosen, but the page as it stands has nothing to choose from"]
        return None, []
    one: dict[str, Any] = {"enum": values}
    if control.fluid:
        one = {"type": "string", "minLength": 1, "examples": values}
    if not control.multiple:
        return one, []
    schema: dict[str, Any] = {"type": "array", "uniqueItems": True, "items": one}
    if control.required:
        schema["minItems"] = 1
    return schema, []


# ---- numbers and moments ----------------------------------------------------------------------------
def _number(control: Control) -> tuple[dict[str, Any] | None, list[str]]:
    n = numbers(control.attributes, control.value, control.type)
    if n.low is not None and n.high is not None and n.low > n.high:
        return None, [f"no number is at least {n.low} and at most {n.high}"]
    schema: dict[str, Any] = {"type": "number"}
    if n.step is not None:
        if n.base % n.step != 0:
            values, whole = steps_within(n)
            if not values:
                return None, [f"no number from {n.base} in steps of {n.step} lies within its bounds"]
            schema = {"enum": values}
            return schema | ({} if whole else {"$comment": "some of the values that the browser accepts"}), []
        if n.step == n.step.to_integral_value():
            schema["type"] = "integer"
        if n.step != 1:
            schema["multipleOf"] = plain_number(n.step)
    schema |= {k: plain_number(v) for k, v in (("minimum", n.low), ("maximum", n.high)) if v is not None}
    if (
        schema["type"] == "integer"
        and n.low is not None
        and n.high is not None
        and not _any_step(n.low, n.high, n.step or Decimal(1))
    ):
        return None, [f"no step of {n.step} lies between {n.low} and {n.high}"]
    return schema, []


def _any_step(low: Decimal, high: Decimal, step: Decimal) -> bool:
    return (low / step).to_integral_value("ROUND_CEILING") * step <= high


def _moment(control: Control) -> tuple[dict[str, Any] | None, list[str]]:
    kind = control.type
    s = span(kind, control.attributes, control.value)
    usual = 60 if kind in ("time", "datetime-local") else 1
    aligned = (s.step == usual and s.base % usual == 0) or s.step == 1
    if s.low is None and s.high is None and aligned:
        if kind == "date":
            return {"type": "string", "format": "date"}, []
        return {"type": "string", "pattern": TEMPORAL[kind]}, []
    values, whole = listed(kind, s)
    if not values:
        return None, [
            f"nothing lies between {control.attributes.get('min', '')} and {control.attributes.get('max', '')}"
        ]
    return {"enum": values} | ({} if whole else {"$comment": "some of the values that the browser accepts"}), []


# ---- texts and files --------------------------------------------------------------------------------
def length_of(control: Control, name: str) -> int | None:
    """``minlength`` or ``maxlength`` where it is a number that counts."""
    text = control.attributes.get(name, "").strip()
    return int(text) if text.isdigit() and control.type in TEXTUAL else None


def _text(control: Control) -> tuple[dict[str, Any] | None, list[str]]:
    schema: dict[str, Any] = {"type": "string"}
    told: list[str] = []
    low, high = length_of(control, "minlength"), length_of(control, "maxlength")
    if high == 0:
        return None, ["maxlength is 0: nothing can be typed"]
    if low is not None and high is not None and low > high:
        return None, [f"minlength {low} is more than maxlength {high}: nothing but nothing is accepted"]
    low = max(low or 0, 1)
    schema["minLength"] = low
    if high is not None:
        schema["maxLength"] = high
        schema["x-length-unit"] = "utf-16"
    patterns = []
    if "pattern" in control.attributes and control.type in TEXTUAL - {"textarea"}:
        read = read_pattern(control.attributes["pattern"])
        if read.anchored:
            patterns.append(read.anchored)
        else:
            told.append(f"browsers ignore its pattern {control.attributes['pattern']!r}: {read.fault}")
    if control.type == "email":
        schema["format"] = "email"
        patterns.append(EMAIL)
    if control.type == "password" and not patterns and (high is None or high >= LEAST_PASSWORD):
        schema["format"] = "password"
    if control.type == "url":
        schema["format"] = "uri"
        if patterns:  # few texts of another pattern are addresses: those of plain web pages are
            patterns.append(ADDRESS)
            schema["$comment"] = "some of the values that the browser accepts"
    if len(patterns) == 1:
        schema["pattern"] = patterns[0]
    elif patterns:
        schema["allOf"] = [{"pattern": p} for p in patterns]
    if control.suggestions:
        schema["examples"] = [o.value for o in control.suggestions][:100]
    return schema, told


def _files(control: Control) -> dict[str, Any]:
    accepted = [a.strip().lower() for a in control.attributes.get("accept", "").split(",") if a.strip()]
    endings = [
        a[1:]
        if a.startswith(".")
        else EXTENSIONS.get(a.split("/")[0], "bin")
        if a.endswith("/*") or "/" not in a
        else a.split("/")[-1].split("+")[0]
        for a in accepted
    ]
    usable = list(dict.fromkeys(e for e in endings if e.isalnum())) or ["pdf"]
    schema: dict[str, Any] = {
        "type": "array",
        "items": {"type": "string", "pattern": f"^[a-z]{{3,12}}\\.(?:{'|'.join(usable)})$"},
    }
    schema["maxItems"] = 3 if control.multiple else 1
    schema["minItems"] = 1
    return schema
