"""Components of frameworks as the native controls that they become, and bound attributes as plain ones.

``<b-input :maxlength="200" v-model="form.name" />`` becomes ``<input maxlength="200" data-us-model="name">``,
``<mat-checkbox>Yes</mat-checkbox>`` as a label around a box. Which component is which control is told by the words
of its name, so that a library nobody has heard of is read as well.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from itertools import pairwise

from understudy.sources.ui.scan import MARK, Tag, rewritten
from understudy.sources.ui.wording import UNKNOWN, text_of
from understudy.sources.vocabulary import words

NATIVE = frozenset(
    {"input", "select", "textarea", "button", "option", "optgroup", "datalist", "label", "form", "fieldset"}
)
WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
SHAPES: tuple[tuple[frozenset[str], str, str], ...] = (
    (frozenset({"datetimepicker", "datetime"}), "input", "datetime-local"),
    (frozenset({"datepicker", "date", "calendar"}), "input", "date"),
    (frozenset({"timepicker", "time"}), "input", "time"),
    (frozenset({"monthpicker"}), "input", "month"),
    (frozenset({"colorpicker", "color"}), "input", "color"),
    (frozenset({"checkbox", "switch", "toggle", "inputswitch"}), "box", "checkbox"),
    (frozenset({"radio", "radiobutton"}), "box", "radio"),
    (frozenset({"textarea"}), "textarea", ""),
    (frozenset({"select", "dropdown", "combobox", "autocomplete", "multiselect", "listbox", "cascader"}), "select", ""),
    (frozenset({"password"}), "input", "password"),
    (frozenset({"number", "inputnumber", "spinbutton", "currency"}), "input", "number"),
    (frozenset({"email"}), "input", "email"),
    (frozenset({"phone", "tel"}), "input", "tel"),
    (frozenset({"search", "searchbox"}), "input", "search"),
    (frozenset({"slider", "range"}), "input", "range"),
    (frozenset({"upload", "file", "fileupload", "uploader", "dropzone"}), "input", "file"),
    (frozenset({"taginput", "tags", "chips", "tagsinput"}), "input", "text"),
    (
        frozenset(
            {
                "input",
                "textfield",
                "textbox",
                "inputtext",
                "textinput",
                "field",
                "control",
                "textctrl",
                "mask",
                "inputmask",
                "otp",
            }
        ),
        "input",
        "text",
    ),
)
"""By a word of the component's name, first match wins: how it is written (``box``: a label around it) and its type."""
PARTS = words(
    "label group item error errors hint message messages icon button addon append prepend prefix suffix list "
    "panel feedback description helper help counter wrapper layout row col container menu table tabs tab card "
    "info strength editor modal toolbar validation spinner legend array provider section footer header cell "
    "trigger content value"
)
"""Last words of names of what is around a control."""
TOGGLED = words("datepicker timepicker picker date dropdown menu password sidebar nav theme collapse accordion")
"""What a toggle opens or folds, in which case it is no switch."""
OPTION_WORDS = frozenset({"option", "menuitem", "selectitem", "selectoption"})
WRAPPERS = re.compile(
    r"(?:^|[-.])(?:field|form-?field|form-?item|form-?group|form-?control|item|form-?row|input-?group|form\.item|form\.group)$|formitem$|formgroup$|formfield$|formcontrol$",
    re.IGNORECASE,
)
LABELS = re.compile(r"(?:^|[-.:])label$|(?:form|input|field)\.?label$", re.IGNORECASE)
HINTS = re.compile(
    r"(?:hint|help|helper-?text|helpertext|help-?text|form\.text|formhelpertext|description)$", re.IGNORECASE
)

BOUND = re.compile(
    r"^(?::|v-bind:|bind-|th:|x-bind:|ng-attr-|ng-)(?P<plain>[\w-]+)$|^\[(?:attr\.)?(?P<square>[\w-]+)\]$"
)
MODELS = re.compile(
    r"^(?:v-model(?:[.:][\w.]+)?|\[\((?:ngmodel|value)\)\]|formcontrolname|\[formcontrolname\]|\[formcontrol\]|ng-model|th:field|asp-for|wire:model(?:\.\w+)*|x-model(?:\.\w+)*|"
    r"bind:value|bind:checked|\[ngmodel\])$"
)
FLAGS = frozenset({"required", "disabled", "readonly", "multiple", "checked"})
USED = FLAGS | words(
    "label placeholder maxlength minlength max-length min-length maxlenght min max step pattern name id value for "
    "title message type hint help helpertext helper-text description rules aria-label native-value prop path "
    "accept autocomplete trigger-value text field"
)
HOLDERS = words(
    "form data model state values this props formdata fields input params item row value formstate self vm ctrl "
    "store local entity object record new edit current selected form1 modelvalue val payload request dto"
)
"""Objects that hold a form's values without naming what they are of."""


def shape(name: str) -> tuple[str, str] | None:
    """How a component named so is written natively: how, and its type; None where it is no control.

    >>> shape("b-input"), shape("mat-checkbox"), shape("mat-form-field"), shape("InputLabel"), shape("el-date-picker")
    (('input', 'text'), ('box', 'checkbox'), None, None, ('input', 'date'))
    """
    words = [w.lower() for w in WORDS.findall(name)]
    if len(words) < 2 and "-" not in name and "." not in name and not name[:1].isupper():
        return None
    joined = {a + b for a, b in pairwise(words)}
    if words[-1] == "button":
        return ("box", "radio") if words[-2:-1] == ["radio"] else None
    if words[-1] in PARTS or (WRAPPERS.search(name) and words[-2:-1] == ["form"]):
        return None
    if words[-1] == "toggle" and words[-2:-1] and words[-2] in TOGGLED:
        return None
    if (
        words[-1] == "field"
        and (
            len(words) < 2
            or words[-2]
            not in ("text", "number", "date", "password", "select", "input", "file", "email", "search", "time")
        )
        and name != "Field"
    ):
        return None
    if words[-1] == "control" and name not in ("Form.Control", "b-form-control"):
        return None
    every = set(words) | joined
    for known, tag, kind in SHAPES:
        if known & every and not (words[-1] in ("picker",) and not known & joined):
            return tag, kind
    return None


def plain(text: str, messages: Mapping[str, str], framework: str) -> str:
    """The markup with components and bound attributes rewritten and every tag that matters marked with its offset."""
    if not framework:
        return rewritten(text, lambda tag: _marked(tag, text))
    return rewritten(text, lambda tag: _rewrite(tag, text, messages))


def _marked(tag: Tag, text: str) -> str | None:
    lower = tag.name.lower()
    known = None if lower in NATIVE else shape(lower) if "-" in lower else None
    if tag.closing or (lower not in NATIVE and lower != "a" and known is None):
        return None
    from understudy.sources.ui.scan import marked

    return marked(tag, text)


def _rewrite(tag: Tag, text: str, messages: Mapping[str, str]) -> str | None:
    name, lower = tag.name, tag.name.lower()
    if lower == "template" or lower in ("ng-template", "ng-container", "th:block"):
        return ""
    if lower in NATIVE or (
        ":" in lower
        and lower.partition(":")[2]
        in NATIVE | {"password", "checkbox", "radiobutton", "inputtext", "inputtextarea", "options", "hidden", "errors"}
    ):
        return _native(tag, text, messages)
    if _is_option(name):
        return "</option>" if tag.closing else _option(tag, messages)
    if LABELS.search(name):
        return "</label>" if tag.closing else f"<label{_attributes(tag, messages)}>" + ("</label>" if tag.empty else "")
    if lower != "button" and [w.lower() for w in WORDS.findall(name)][-1:] == ["button"] and shape(name) is None:
        return _button(tag)
    known = shape(name)
    if known is not None and _bound(tag, known):
        return _component(tag, known, messages)
    if WRAPPERS.search(name) or _labelled(tag, messages):
        return (
            "</div>"
            if tag.closing
            else f"<div data-us-field{_attributes(tag, messages)}>" + ("</div>" if tag.empty else "")
        )
    if HINTS.search(name):
        return "</span>" if tag.closing else "<span data-us-hint>" + ("</span>" if tag.empty else "")
    if tag.closing:
        return None
    loop = any(k.lower() in ("v-for", "*ngfor", "th:each", "ng-repeat", "x-for") for k, _ in tag.attributes)
    if (
        lower == "a"
        or loop
        or tag.empty
        or any(k.lower() in ("data-us-object", "th:object", "[formgroup]", "formgroupname") for k, _ in tag.attributes)
    ):
        return f'<{lower}{_attributes(tag, messages)} {MARK}="{tag.start}">' + (
            f"</{lower}>" if tag.empty and not _void(lower) else ""
        )
    return None


def _void(name: str) -> bool:
    return name in (
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "source",
        "track",
        "wbr",
    )


def _is_option(name: str) -> bool:
    words = [w.lower() for w in WORDS.findall(name)]
    return (
        bool(words)
        and (len(words) > 1 or name[:1].isupper())
        and (words[-1] in OPTION_WORDS or "".join(words[-2:]) in OPTION_WORDS)
    )


def _labelled(tag: Tag, messages: Mapping[str, str]) -> bool:
    """Whether an unknown component carries a label for what is inside it."""
    return (
        not tag.closing
        and not tag.empty
        and "-" in tag.name
        and any(k.lower() in ("label", ":label", "[label]") for k, _ in tag.attributes)
    )


def _bound(tag: Tag, known: tuple[str, str]) -> bool:
    """Whether a component is one that a person fills in: closing tags follow their opening ones."""
    if tag.closing:
        return known[0] in ("select", "box", "textarea")
    names = {k.lower() for k, _ in tag.attributes}
    return bool(
        names
        & {
            "name",
            "label",
            ":label",
            "placeholder",
            ":placeholder",
            "id",
            "data-us-model",
            "prop",
            "path",
            "field",
            "value",
            "native-value",
        }
    ) or any(MODELS.match(n) for n in names)


# ---- the rewritten tags -----------------------------------------------------------------------------
def _native(tag: Tag, text: str, messages: Mapping[str, str]) -> str:
    name = tag.name.lower().rpartition(":")[2]
    kinds = {
        "password": "password",
        "checkbox": "checkbox",
        "radiobutton": "radio",
        "inputtext": "text",
        "hidden": "hidden",
    }
    if name == "errors":
        return ""
    if name == "options":
        return f'<option value="{UNKNOWN}">' if not tag.closing else ""
    if name == "inputtextarea":
        name = "textarea"
    if name in kinds:
        return "" if tag.closing else f'<input type="{kinds[name]}" {MARK}="{tag.start}"{_attributes(tag, messages)}>'
    if tag.closing:
        return f"</{name}>"
    written = f'<{name} {MARK}="{tag.start}"{_attributes(tag, messages, own=True)}>'
    return written + f"</{name}>" if tag.empty and name in ("select", "textarea", "label", "button") else written


def _component(tag: Tag, known: tuple[str, str], messages: Mapping[str, str]) -> str:
    form, kind = known
    given = (tag.get("type") or tag.get("as") or tag.get("component") or "").strip("{}'\"").lower()
    if form == "input" and kind == "text":
        if given in ("textarea", "select", "checkbox", "radio"):
            form = "box" if given in ("checkbox", "radio") else given
            kind = given
        elif tag.get("multiline") is not None:
            form = "textarea"
        elif tag.get("select") is not None:
            form = "select"
        elif re.fullmatch(r"[a-z-]+", given) and given not in ("default", "outlined"):
            kind = given
    if tag.closing:
        return {"select": "</select>", "box": "</label>", "textarea": "</textarea>"}.get(form, "")
    attributes = f' data-us-component="{escape(tag.name)}" {MARK}="{tag.start}"{_attributes(tag, messages)}'
    match form:
        case "select":
            options = _listed(tag)
            return f"<select{attributes}>{options}" + ("</select>" if tag.empty else "")
        case "textarea":
            return f"<textarea{attributes}>" + ("</textarea>" if tag.empty else "")
        case "box":
            return f'<label data-us-wrap><input type="{kind}"{attributes}>' + ("</label>" if tag.empty else "")
        case _:
            return f'<input type="{kind}"{attributes}>'


def _button(tag: Tag) -> str:
    """A button; one that says how it is natively says whether it sends the form."""
    if tag.closing:
        return "</button>"
    kind = tag.get("native-type") or tag.get("html-type") or tag.get("htmltype") or tag.get("type") or "button"
    kind = kind if kind in ("submit", "reset") else "button"
    return f'<button type="{kind}">' + ("</button>" if tag.empty else "")


def _option(tag: Tag, messages: Mapping[str, str]) -> str:
    label = next((v for k, v in tag.attributes if k.lower() in ("label", "text") and v), "")
    value = _attributes(tag, messages)
    shown = escape(label) if tag.empty or label else ""
    return f"<option{value}>{shown}" + ("</option>" if tag.empty else "")


def _listed(tag: Tag) -> str:
    """Options written as a literal list: ``:options="['a', 'b']"``."""
    for key, value in tag.attributes:
        if key.lower().strip(":[]") in ("options", "items", "data", "choices", "list", "suggestions") and value:
            if re.fullmatch(r"\s*\[\s*(?:(?:'[^']*'|\"[^\"]*\")\s*,?\s*)+\]\s*", value):
                found = re.findall(r"'([^']*)'|\"([^\"]*)\"", value)
                return "".join(f"<option>{escape(a or b)}</option>" for a, b in found)
            return f'<option value="{UNKNOWN}"></option>'
    return ""


def _attributes(tag: Tag, messages: Mapping[str, str], own: bool = False) -> str:
    """The attributes as plain HTML: bound ones resolved, models and labels under names of our own."""
    found: dict[str, str] = {}
    maybe: list[str] = []
    for key, value in tag.attributes:
        lower = key.lower()
        if lower in (MARK, "type") and not own:
            continue
        if MODELS.match(lower) or (lower == "path" and ":" in tag.name):
            _model(found, lower, value or "")
            continue
        if lower in ("v-for", "*ngfor", "th:each", "ng-repeat", "x-for"):
            found["data-us-loop"] = ""
            continue
        if lower in ("th:object", "[formgroup]", "formgroupname", "modelattribute", "commandname"):
            found["data-us-object"] = re.sub(r"[^\w.]", "", value or "")
            continue
        if lower == "translate" and value:
            continue
        bound = BOUND.match(lower)
        if bound:
            _bind(found, maybe, bound["plain"] or bound["square"], value or "", messages)
        elif lower[:1] in ("@", "(", "#", "*", "[", ":", "{", "}", "&") or lower.startswith(("v-", "on", "ng-", "th:")):
            continue
        elif re.match(r"^[a-z_][\w:.-]*$", lower):
            found.setdefault(lower, value if value is not None else "")
    _own_words(found, tag, own)
    if maybe:
        found["data-us-maybe"] = " ".join(maybe)
    return "".join(f' {k}="{escape(v)}"' for k, v in found.items())


def _bind(found: dict[str, str], maybe: list[str], name: str, value: str, messages: Mapping[str, str]) -> None:
    if name in ("minlength", "maxlength", "pattern", "required") and name in found:
        return
    if name not in USED:
        return
    told = text_of(value, messages)
    if name in FLAGS:
        if told is None or told not in ("true", "false", "null", "undefined"):
            maybe.append(name)
        elif told == "true":
            found[name] = ""
    elif told is not None:
        found[name] = told
    elif name in ("value", "native-value", "trigger-value"):
        found[name] = UNKNOWN
    elif name == "for":
        found["data-us-for"] = value


def _model(found: dict[str, str], lower: str, value: str) -> None:
    if "__${" in value:
        found["data-us-macro"] = ""
        return
    path = re.sub(r"\*\{|\$\{|[}()!?]|__", "", value).strip()
    parts = [p for p in re.split(r"[.\[\]'\"]+", path) if p]
    parts = [
        p for p in parts if p.lower() not in ("this", "$parent", "get", "controls", "$data", "value", "$v")
    ] or parts
    if not parts:
        return
    last = re.sub(r"(?:Form)?(?:Control|Ctrl)$", "", parts[-1]) or parts[-1]
    if "data-us-model" in found and lower == "[(value)]":
        return
    found["data-us-model"] = last
    if len(parts) > 1 and parts[-2].lower() not in HOLDERS:
        found["data-us-object"] = parts[-2]
    if lower in ("th:field", "asp-for", "path"):
        found["name"] = ".".join(parts)
        found.setdefault("id", ".".join(parts) if lower != "asp-for" else "_".join(parts))


def _own_words(found: dict[str, str], tag: Tag, own: bool) -> None:
    """Labels, help and values of components under names that plain HTML does not know."""
    if tag.name.lower() in NATIVE and own:
        return
    option = _is_option(tag.name)
    if "label" in found and not option:
        label = found.pop("label")
        key = (
            "value"
            if re.match(r"el-(?:radio|checkbox)", tag.name.lower()) and "value" not in found
            else "data-us-label"
        )
        found[key] = label
    for key in ("message", "hint", "help", "helpertext", "helper-text", "description"):
        if key in found:
            found["data-us-help"] = found.pop(key)
    for key in ("native-value", "trigger-value"):
        if key in found:
            found["value"] = found.pop(key)
    for key in ("prop", "field"):
        if key in found and "data-us-model" not in found:
            found["data-us-model"] = found.pop(key)
    for wrong, right in (("max-length", "maxlength"), ("min-length", "minlength")):
        if wrong in found:
            found[right] = found.pop(wrong)
    rules = found.pop("rules", "")
    if rules and re.search(r"\brequired\b", rules):
        found["required"] = ""
