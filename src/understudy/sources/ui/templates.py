"""Templates to plain HTML, as far as they show controls: what the server or a script fills in later is marked unknown.

Nothing is run. Delimited code (``{{ }}``, ``{% %}``, ``<% %>``, ``<?php ?>``, ``@if (…) {``) becomes its literal or
translated words, or :data:`understudy.sources.ui.wording.UNKNOWN`; line breaks stay, so that places stay true.
Helpers that write a control (Rails' ``f.text_field``, Django's ``{{ form.email }}``, Symfony's ``form_row``)
become one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from understudy.sources.ui.wording import UNKNOWN, looked_up, text_of

FRAMEWORKS: tuple[tuple[str, str], ...] = (
    ("thymeleaf", r"\bth:(?:field|text|object|replace|insert|each|action|fragment)\s*="),
    (
        "angular",
        r"\*ng(?:If|For)\b|\[\(?(?:ngModel|formControl|formGroup|ngClass)\)?\]|\bformControlName\b"
        r"|\(ngSubmit\)|\(click\)=|<mat-[a-z]|^\s*@(?:if|for|switch) \(",
    ),
    ("vue", r"\bv-(?:model|if|for|bind|on|slot|else)\b|@(?:submit|click|change|input)(?:\.\w+)*=|<router-link\b"),
    ("razor", r"\basp-(?:for|action|controller)\s*=|@Html\.\w+"),
    ("jsp", r"<%@\s*taglib|<form:(?:form|input|select)\b|<c:(?:if|forEach|out)\b"),
    ("erb", r"<%=?\s*(?:form_with|form_for|f\.|render|link_to|t\b)"),
    ("php", r"<\?(?:php|=)"),
    ("blade", r"^\s*@(?:csrf|extends|section|if|foreach|error|method)\b"),
    ("ejs", r"<%[=\-_]?"),
    ("jinja", r"\{%-?\s*(?:\w+)"),
    ("svelte", r"\{#(?:if|each|await)\b|\bbind:value\b"),
    ("alpine", r"\bx-(?:model|data)\s*=|\bwire:model"),
    ("handlebars", r"\{\{\{?[#/>&~]?\s*[$\w.'\"@-]"),
)
HELPERS = {
    "text_field": "text",
    "email_field": "email",
    "password_field": "password",
    "number_field": "number",
    "telephone_field": "tel",
    "phone_field": "tel",
    "url_field": "url",
    "date_field": "date",
    "datetime_field": "datetime-local",
    "datetime_local_field": "datetime-local",
    "time_field": "time",
    "month_field": "month",
    "week_field": "week",
    "color_field": "color",
    "range_field": "range",
    "search_field": "search",
    "file_field": "file",
    "hidden_field": "hidden",
    "check_box": "checkbox",
    "checkbox": "checkbox",
    "text_area": "textarea",
    "textarea": "textarea",
    "rich_text_area": "textarea",
    "select": "select",
    "collection_select": "select",
    "time_zone_select": "select",
    "date_select": "date",
    "input": "text",
}
RAILS = re.compile(r"<%=?-?\s*(?:\w+\.)(?P<helper>\w+)\s*\(?\s*:(?P<name>\w+)(?P<rest>.{0,2000}?)-?%>", re.DOTALL)
RAILS_FORM = re.compile(r"<%=?\s*(?:form_with|form_for|simple_form_for)\b(?P<rest>.{0,2000}?)%>", re.DOTALL)
OPTION = re.compile(
    r"\b(?P<name>required|maxlength|minlength|min|max|step|pattern|placeholder|autocomplete|multiple|readonly|disabled)"
    r"\s*(?::|=>)\s*(?:['\"](?P<text>[^'\"]*)['\"]|(?P<bare>[\w.]+))"
)
DJANGO = re.compile(r"\{\{\s*(?:form|\w+_form|form\w*)\.(?P<name>[a-z]\w*)\s*(?:\|[^}]*)?\}\}")
DJANGO_MEMBERS = re.compile(
    r"^(?:as_\w+|errors?|non_field_errors|media|management_form|hidden_fields|visible_fields|instance|helper)$"
)
SYMFONY = re.compile(r"\{\{\s*form_(?:row|widget)\(\s*\w+(?:\.\w+)*\.(?P<name>\w+).{0,500}?\}\}", re.DOTALL)
THYMELEAF_PART = re.compile(
    r"<(?:input|select|div|th:block)\b[^>]*\bth:(?:replace|insert|include)\s*=\s*\"~?\{?\s*(?P<place>[\w/.\-]*)\s*::\s*(?P<part>\w+)\s*"
    r"\((?P<arguments>[^\"]*)\)\s*\}?\"[^>]*>",
    re.DOTALL,
)
OPENING = re.compile(r"\{\{\{|\{\{!--|\{\{|\{%|\{#|<%|<\?(?:php|=)")
CLOSING = {"{{{": "}}}", "{{!--": "--}}", "{{": "}}", "{%": "%}", "{#": "#}", "<%": "%>", "<?php": "?>", "<?=": "?>"}
"""How each kind of code is opened and closed."""
ANGULAR_BLOCK = re.compile(
    r"@(?:if|for|else if|switch|case|defer|empty)\s*\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)\s*\{|@(?:else"
    r"|default|empty|defer)\s*\{"
)
BLADE_BLOCK = re.compile(
    r"@(?:if|elseif|foreach|for|while|unless|isset|empty|error|section|extends|include|yield|method|can|auth|guest|push|props|php|endphp|lang|json|class|checked|selected|disabled|required|old|else|end\w+|csrf)\b(?:\s*\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))?"
)


def framework_of(text: str, name: str) -> str:
    """Which kind of template a text is; "" for plain HTML."""
    lower = name.lower()
    if lower.endswith((".vue", ".vue.html")):
        return "vue"
    if lower.endswith((".jsx", ".tsx")):
        return "react"
    if lower.endswith((".component.html", ".svelte")):
        return "angular" if lower.endswith("html") else "svelte"
    bare = re.sub(r"<(script|style)\b.*?</\1\s*>", "", text, flags=re.DOTALL | re.IGNORECASE)
    for kind, pattern in FRAMEWORKS:
        if re.search(pattern, bare, re.MULTILINE):
            return kind
    return ""


def cleaned(text: str, framework: str, messages: Mapping[str, str]) -> str:
    """The template's markup with its code replaced by words or marks; as many lines as before."""
    if framework == "vue":
        text = _vue_markup(text)
    if framework == "thymeleaf":
        text = THYMELEAF_PART.sub(lambda m: _kept(m[0], _thymeleaf_part(m, messages)), text)
    if framework in ("erb", "ejs"):
        text = RAILS_FORM.sub(lambda m: _kept(m[0], _rails_form(m["rest"])), text)
        text = RAILS.sub(lambda m: _kept(m[0], _rails(m)), text)
        text = re.sub(r"<%-?\s*end\s*-?%>", "", text)
    if framework in ("jinja", "handlebars"):
        text = SYMFONY.sub(lambda m: _kept(m[0], _helper_control(m["name"], "text", "")), text)
        text = DJANGO.sub(
            lambda m: m[0] if DJANGO_MEMBERS.match(m["name"]) else _helper_control(m["name"], "text", ""), text
        )
    text = _without_code(text, messages)
    if framework == "angular":
        text = ANGULAR_BLOCK.sub(lambda m: _kept(m[0], ""), text)
        text = re.sub(r"^\s*\}(?=\s*(?:$|@else|<))", "", text, flags=re.MULTILINE)
    if framework == "blade":
        text = re.sub(r"@lang\(\s*'([^']*)'\s*\)", lambda m: looked_up(m[1], messages), text)
        text = BLADE_BLOCK.sub(lambda m: _kept(m[0], ""), text)
    return text


def demands(text: str) -> dict[str, set[str]]:
    """What error messages of the template betray: model → names of the validators that speak of it."""
    found: dict[str, set[str]] = {}
    shapes = (
        r"\b(?P<model>\w+)\??\.errors\??\.(?P<rule>\w+)",
        r"\b(?P<model>\w+)\??\.(?:hasError\(\s*|errors\??\[\s*)['\"](?P<rule>\w+)['\"]",
        r"\b(?:get|controls\[)\(?\s*['\"](?P<model>\w+)['\"]\s*[\])]\s*[?!]?\.(?:hasError\(\s*['\"]|errors\??\.)(?P<rule>\w+)",
    )
    for shape in shapes:
        for m in re.finditer(shape, text):
            found.setdefault(m["model"], set()).add(m["rule"].lower())
    return found


def _kept(old: str, new: str) -> str:
    """The new text with at least the old one's line breaks."""
    return new + "\n" * max(0, old.count("\n") - new.count("\n"))


def _vue_markup(text: str) -> str:
    """Only the outermost template of a single-file component; the rest blanked out."""
    start = re.search(r"^<template\b[^>]*>", text, re.MULTILINE)
    ends = list(re.finditer(r"^</template\s*>", text, re.MULTILINE))
    if not start or not ends:
        return text
    end = ends[-1]
    return re.sub(r"[^\n]", " ", text[: start.end()]) + text[start.end() : end.start()]


def _without_code(text: str, messages: Mapping[str, str]) -> str:
    """The text with its code replaced; linear, for a mark that is never closed is looked for once."""
    parts: list[str] = []
    never: set[str] = set()
    at = 0
    while match := OPENING.search(text, at):
        mark = match[0]
        end = -1 if mark in never else text.find(CLOSING[mark], match.end())
        if end < 0 and mark == "<?php":
            end = len(text)
        parts.append(text[at : match.start()])
        if end < 0:
            never.add(mark)
            parts.append(mark)
            at = match.end()
            continue
        stop = min(len(text), end + len(CLOSING[mark]))
        parts.append(_kept(text[match.start() : stop], _code(mark, text[match.end() : end].strip(), messages)))
        at = stop
    parts.append(text[at:])
    return "".join(parts)


def _code(mark: str, code: str, messages: Mapping[str, str]) -> str:
    """What a piece of code shows: words, something unknown, or nothing."""
    match mark:
        case "{{" | "{{{":
            if code[:1] in ("#", "/", "^", "!", ">", "&") or CONTROLLING.match(code):
                return ""
            return _shown(code, messages)
        case "{%":
            found = re.match(r"-?\s*(?:trans|translate|blocktrans)\s+['\"]([^'\"]+)['\"]", code)
            return looked_up(found[1], messages) if found else ""
        case "<%" if code[:1] in ("=", "-"):
            return _shown(code.lstrip("=-").strip().rstrip("-;").strip(), messages)
        case "<?=":
            return _shown(code.rstrip(";"), messages)
        case "<?php":
            echoed = re.match(r"(?:echo|_e|print)\b(.*)", code, re.DOTALL)
            return _shown(echoed[1].strip().rstrip(";"), messages) if echoed else ""
        case _:
            return ""


CONTROLLING = re.compile(r"(?:else|end|if|range|with|template|define|block|each)\b")


def _shown(code: str, messages: Mapping[str, str]) -> str:
    told = text_of(code, messages)
    return UNKNOWN if told is None else told


# ---- helpers that write controls --------------------------------------------------------------------
def _rails(match: re.Match[str]) -> str:
    helper, name, rest = match["helper"], match["name"], match["rest"]
    if helper in ("label",):
        told = re.match(r"\s*,\s*['\"]([^'\"]+)['\"]", rest)
        return f'<label for="{name}">{told[1] if told else name.replace("_", " ")}</label>'
    if helper == "radio_button":
        value = re.match(r"\s*,\s*[:'\"]?([\w ]+)", rest)
        return f'<input type="radio" name="{name}" value="{value[1].strip() if value else ""}">'
    kind = HELPERS.get(helper)
    return _helper_control(name, kind, rest) if kind else ""


def _helper_control(name: str, kind: str, rest: str) -> str:
    attributes = f'name="{name}" id="{name}"'
    for m in OPTION.finditer(rest):
        value = m["text"] if m["text"] is not None else m["bare"]
        if value != "false":
            attributes += f' {m["name"]}="{"" if value == "true" else value}"'
    if kind == "textarea":
        return f"<textarea {attributes}></textarea>"
    if kind == "select":
        choices = re.findall(r"\[\s*['\"]([^'\"]+)['\"]\s*,\s*[:'\"]?([\w\- ]+)['\"]?\s*\]", rest)
        options = "".join(f'<option value="{v}">{k}</option>' for k, v in choices) or f'<option value="{UNKNOWN}">'
        return f"<select {attributes}>{options}</select>"
    return f'<input type="{kind}" {attributes}>'


def _rails_form(rest: str) -> str:
    about = re.search(r"(?:model:\s*|\A\s*\(?\s*)(?:\[[^\]]*?)?[@:]?(\w+)", rest)
    name = about[1] if about and about[1] not in ("model", "url", "scope", "do") else ""
    return f'<form data-us-object="{name}">' if name else "<form>"


def _thymeleaf_part(match: re.Match[str], messages: Mapping[str, str]) -> str:
    """A fragment that shows one control, by its arguments: a label (a message), a name, a type or a list."""
    words = f"{match['place']} {match['part']}".lower()
    arguments = [a.strip() for a in re.split(r",(?![^{(]*[})])", match["arguments"])]
    if len(arguments) < 2 or not re.search(r"input|select|field|area|check|radio|date|control|text", words):
        return match[0]
    told = [a[1:-1] if len(a) > 1 and a[0] == a[-1] == "'" else text_of(a, messages) or "" for a in arguments]
    if len(told) == 2 and told[1] in HELPERS.values() and re.fullmatch(r"[a-z]\w*", told[0]):
        told = [told[0], *told]
    label, name, types = told[0], told[1], [t for t in told[2:] if t in HELPERS.values()]
    if not re.fullmatch(r"[A-Za-z_][\w.]*", name):
        return match[0]
    shown = f'<label for="{name}">{label}</label>'
    if "select" in words:
        return f'<div>{shown}<select name="{name}" id="{name}"><option value="{UNKNOWN}"></select></div>'
    if "area" in words:
        return f'<div>{shown}<textarea name="{name}" id="{name}"></textarea></div>'
    kind = types[0] if types else "checkbox" if "check" in words else "date" if "date" in words else "text"
    return f'<div>{shown}<input type="{kind}" name="{name}" id="{name}"></div>'
