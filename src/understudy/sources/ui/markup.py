"""HTML text to a :class:`Page`: controls with labels and groups, forms, links."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from understudy.sources.ui.components import plain
from understudy.sources.ui.labels import Labels, trimmed
from understudy.sources.ui.nouns import Control, Form, Label, Link, Option, Page
from understudy.sources.ui.scan import MARK, line_at, line_breaks
from understudy.sources.ui.templates import cleaned, demands, framework_of
from understudy.sources.ui.traps import trap
from understudy.sources.ui.walk import CONTROLS, ROLES, Item, Node, walk, words_in
from understudy.sources.ui.wording import UNKNOWN, spoken
from understudy.sources.vocabulary import words

TYPES = words(
    "text search tel url email password number range date month week time datetime-local color checkbox radio "
    "file hidden"
)
BUTTONS = frozenset({"submit", "button", "reset", "image"})
KEPT = (
    "min",
    "max",
    "step",
    "minlength",
    "maxlength",
    "pattern",
    "accept",
    "inputmode",
    "size",
    "tabindex",
    "class",
    "data-us-valid",
    "data-us-said",
    "data-us-demand",
    "data-us-component",
)
"""Attributes that are carried along as they are."""


def page_of(text: str, source: str, *, address: str = "", messages: Mapping[str, str] | None = None) -> Page:
    """The page that a text shows. ``source``: its name, whose ending helps to tell the framework."""
    known = messages or {}
    framework = framework_of(text, source)
    demanded = demands(text) if framework else {}
    if framework == "react":
        from understudy.sources.ui.jsx import markup_of

        text = markup_of(text, source)
    elif framework:
        text = cleaned(text, framework, known)
    breaks = line_breaks(text)
    from selectolax.lexbor import LexborHTMLParser

    tree = LexborHTMLParser(plain(text, known, framework))
    root = tree.root
    if root is None:
        return Page(source, address=address, framework=framework)
    say = partial(spoken, messages=known) if framework else _joined
    return _Reader(root, source, address, framework, say, breaks, demanded).page()


def _joined(text: str) -> str:
    return " ".join(text.split())


class _Reader:
    """One page on its way from tree to nouns."""

    def __init__(
        self,
        root: Node,
        source: str,
        address: str,
        framework: str,
        say: Callable[[str], str],
        breaks: list[int],
        demanded: dict[str, set[str]],
    ) -> None:
        self.root, self.source, self.address, self.framework, self.say, self.breaks = (
            root,
            source,
            address,
            framework,
            say,
            breaks,
        )
        self.demanded = {k.lower(): v for k, v in demanded.items()}
        self.items = walk(root)
        self.labels = Labels(root, self.items, say)
        self.form_nodes = list(root.css("form"))
        self.nth: dict[int, int] = {}

    def page(self) -> Page:
        """The page."""
        owners: dict[int, list[Control]] = {}
        for place, item in enumerate(self.items):
            if item.control is None:
                continue
            control = self._control(place, item)
            if control is not None:
                owners.setdefault(self._owner(item), []).append(control)
        forms = [self._form(i, node, tuple(owners.get(i, ()))) for i, node in enumerate(self.form_nodes)]
        if -1 in owners:
            forms.append(self._outside(tuple(owners[-1])))
        title = self.root.css_first("title")
        html = self.root.attributes.get("lang") if self.root.tag == "html" else None
        return Page(
            self.source,
            title=self.say(title.text() or "") if title is not None else "",
            address=self.address,
            language=html or "",
            framework=self.framework,
            forms=tuple(forms),
            links=tuple(self._links()),
        )

    # ---- controls -----------------------------------------------------------------------------------
    def _control(self, place: int, item: Item) -> Control | None:
        node = item.control
        assert node is not None
        a = {k: v if v is not None else "" for k, v in node.attributes.items()}
        tag = node.tag
        kind = self._kind(tag, a)
        if kind in BUTTONS or "data-us-macro" in a:
            return None
        group = item.around.group
        grouped = group.attributes if group is not None and kind in ("radio", "checkbox") else {}
        model = a.get("data-us-model") or (grouped.get("data-us-model") or "")
        maybe = tuple((a.get("data-us-maybe") or "").split())
        demanded = self.demanded.get(model.lower(), set()) | self.demanded.get(f"{model}control".lower(), set())
        if "required" in demanded and "required" not in a:
            maybe = (*maybe, "required")
        options = self._options(node, tag, a)
        labels = self.labels.of(place, kind)
        offset = int(a[MARK]) if a.get(MARK, "").isdigit() else 0
        return Control(
            index=place,
            tag=tag if tag in CONTROLS else "role",
            type=kind,
            name=_known(a.get("name") or a.get("[name]") or (grouped.get("name") or "")),
            id=_known(a.get("id", "")),
            test=_known(a.get("data-testid") or a.get("data-test") or a.get("data-cy") or ""),
            model=model,
            labels=labels,
            heading=self._group(item),
            help=self._help(place, a),
            placeholder=self.say(a.get("placeholder", "")),
            autocomplete=" ".join(a.get("autocomplete", "").lower().split()),
            value=_value(node, tag, kind, a),
            required="required" in a or a.get("aria-required") == "true",
            multiple="multiple" in a,
            disabled="disabled" in a or (a.get("aria-disabled") == "true" and tag not in CONTROLS) or self._off(item),
            readonly="readonly" in a,
            checked="checked" in a,
            attributes=self._kept(a, demanded),
            options=options[0],
            suggestions=self._suggestions(a),
            fluid=options[1] or (kind in ("radio", "checkbox") and (item.around.loop or UNKNOWN in a.get("value", ""))),
            native=tag in CONTROLS and "data-us-component" not in a and (not a.get("data-us-shadow")),
            maybe=maybe,
            trap=trap(a, kind, item.around.unseen, [label.text for label in labels]),
            path=self._path(node),
            box=item.around.block,
            offset=offset,
            line=line_at(self.breaks, offset) if MARK in a else 0,
        )

    @staticmethod
    def _kind(tag: str, a: Mapping[str, str]) -> str:
        if tag in ("select", "textarea"):
            return tag
        if tag != "input":
            return ROLES.get(a.get("role", ""), "text")
        given = a.get("type", "").strip().lower()
        return given if given in TYPES or given in BUTTONS else "text"

    def _kept(self, a: Mapping[str, str], demanded: set[str]) -> dict[str, str]:
        kept = {k: a[k] for k in KEPT if k in a and UNKNOWN not in a[k]}
        if demanded:
            kept["data-us-demand"] = " ".join(sorted(demanded))
        if a.get("aria-required") == "true" and "required" not in a:
            kept["aria-required"] = "true"
        for own, aria in (("min", "aria-valuemin"), ("max", "aria-valuemax")):
            if aria in a and own not in kept and a.get("role") in ("spinbutton", "slider"):
                kept[own] = a[aria]
        return kept

    def _options(self, node: Node, tag: str, a: Mapping[str, str]) -> tuple[tuple[Option, ...], bool]:
        """Options of a select or of the list a combobox names; whether some come from elsewhere."""
        if tag == "select":
            nodes = node.css("option")
        elif tag not in CONTROLS and a.get("role") in ("listbox", "combobox"):
            listed = self.labels.by_id.get(a.get("aria-controls") or a.get("aria-owns") or "\0")
            nodes = node.css('[role="option"]') or (listed.css('[role="option"]') if listed is not None else [])
        else:
            return (), False
        found, fluid = [], False
        for option in nodes:
            given = {k: v if v is not None else "" for k, v in option.attributes.items()}
            label = self.say(given.get("label") or option.text() or "")
            value = given.get("value", given.get("data-value", " ".join((option.text() or "").split())))
            if UNKNOWN in value or "data-us-loop" in given:
                fluid = True
                continue
            group = option.parent
            off = "disabled" in given or (
                group is not None and group.tag == "optgroup" and "disabled" in group.attributes
            )
            found.append(Option(value, label, off, "selected" in given))
        return tuple(found), fluid

    def _suggestions(self, a: Mapping[str, str]) -> tuple[Option, ...]:
        listed = self.labels.by_id.get(a.get("list") or "\0")
        if listed is None:
            return ()
        found = []
        for option in listed.css("option"):
            text = " ".join((option.text() or "").split())
            value = option.attributes.get("value")
            if UNKNOWN not in (value or text):
                found.append(Option(value if value is not None else text, text))
        return tuple(found)

    def _off(self, item: Item) -> bool:
        """Whether a disabled fieldset switches the control off (those in its legend stay on)."""
        for fieldset in item.around.fieldsets:
            if "disabled" in fieldset.attributes:
                legend = item.around.legend
                if legend is None or legend.parent is None or legend.parent.mem_id != fieldset.mem_id:
                    return True
        return False

    def _group(self, item: Item) -> str:
        """The words over the innermost group."""
        for fieldset in reversed(item.around.fieldsets):
            legend = next((c for c in fieldset.iter() if c.tag == "legend"), None)
            said = fieldset.attributes.get("aria-label") or ""
            for ident in (fieldset.attributes.get("aria-labelledby") or "").split():
                if ident in self.labels.by_id:
                    said = said or words_in(self.labels.by_id[ident])
            text = trimmed(self.say(words_in(legend) if legend is not None else said))
            if text:
                return text
        return ""

    def _help(self, place: int, a: Mapping[str, str]) -> str:
        parts = [self.say(a.get("data-us-help", ""))]
        for ident in (a.get("aria-describedby") or "").split():
            if ident in self.labels.by_id:
                parts.append(self.say(words_in(self.labels.by_id[ident])))
        block = None
        for item in self.items[place + 1 : place + 10]:
            if item.control is not None:
                break
            if item.around.hint and not item.around.error and (block is None or block == item.around.block):
                parts.append(self.say(item.text))
                block = item.around.block
        if any(f.attributes.get("data-us-help") for f in self.items[place].around.fields):
            parts.append(self.say(self.items[place].around.fields[-1].attributes.get("data-us-help") or ""))
        return " ".join(dict.fromkeys(p for p in parts if p))[:400]

    def _path(self, node: Node) -> str:
        """A CSS selector that finds exactly this element."""
        steps: list[str] = []
        here = node
        while here is not None and here.tag not in ("html", "-document"):
            ident = here.attributes.get("id") or ""
            if (
                here is not node
                and re.fullmatch(r"[A-Za-z_][\w-]*", ident)
                and self.labels.by_id[ident].mem_id == here.mem_id
            ):
                steps.append(f"#{ident}")
                break
            steps.append(f"{here.tag}:nth-of-type({self._place(here)})" if here.tag != "body" else "body")
            here = here.parent
        return " > ".join(reversed(steps))

    def _place(self, node: Node) -> int:
        """Which of its parent's elements of its kind a node is; all children of a parent are counted once."""
        if node.mem_id not in self.nth:
            parent = node.parent
            counts: dict[str, int] = {}
            for child in parent.iter() if parent is not None else (node,):
                counts[child.tag] = counts.get(child.tag, 0) + 1
                self.nth[child.mem_id] = counts[child.tag]
        return self.nth.get(node.mem_id, 1)

    # ---- forms --------------------------------------------------------------------------------------
    def _owner(self, item: Item) -> int:
        node = item.control
        assert node is not None
        named = node.attributes.get("form")
        if named is not None:
            return next((i for i, f in enumerate(self.form_nodes) if f.attributes.get("id") == named), -1)
        if item.around.form is not None:
            return next((i for i, f in enumerate(self.form_nodes) if f.mem_id == item.around.form.mem_id), -1)
        return self._by_place(node)

    def _by_place(self, node: Node) -> int:
        """A form that a table squeezed empty owns what follows it in the table (HTML's form element pointer)."""
        offset = node.attributes.get(MARK)
        if not offset or not offset.isdigit():
            return -1
        table = node.parent
        while table is not None and table.tag != "table":
            table = table.parent
        if table is None:
            return -1
        owner = -1
        for i, form in enumerate(self.form_nodes):
            start = form.attributes.get(MARK) or ""
            inside = form.parent is not None and form.parent.tag in ("table", "tbody", "tr", "thead", "tfoot")
            if inside and form.first_child is None and start.isdigit() and int(start) < int(offset):
                owner = i
        return owner

    def _form(self, index: int, node: Node, controls: tuple[Control, ...]) -> Form:
        a = {k: v if v is not None else "" for k, v in node.attributes.items()}
        offset = int(a[MARK]) if a.get(MARK, "").isdigit() else 0
        models = [
            i.around.object
            for i in self.items
            if i.around.form is not None and i.around.form.mem_id == node.mem_id and i.around.object
        ]
        models += [c.attributes.get("data-us-object") or "" for c in node.css("[data-us-object]")]
        model = a.get("data-us-object") or next(iter(sorted(models, key=lambda m: -models.count(m))), "")
        return Form(
            index,
            id=_known(a.get("id", "")),
            name=_known(a.get("name", "")),
            action=_known(a.get("action", "")),
            method=a.get("method", "get").lower() or "get",
            model=model,
            headings=self._headings(node, a),
            submits=self._submits(node),
            controls=controls,
            steps=self._steps(node),
            search=a.get("role") == "search" or (any(c.type == "search" for c in controls) and len(controls) == 1),
            novalidate="novalidate" in a,
            line=line_at(self.breaks, offset) if MARK in a else 0,
        )

    def _outside(self, controls: tuple[Control, ...]) -> Form:
        found = self._heading_before(controls[0].index)
        objects = [
            i.control.attributes.get("data-us-object") or i.around.object
            for i in self.items
            if i.control is not None and i.around.form is None
        ]
        model = next((o for o in objects if o), "")
        return Form(
            -1,
            model=model,
            headings=tuple(found),
            submits=self._loose_submits(),
            controls=controls,
            line=controls[0].line,
        )

    def _headings(self, node: Node, a: Mapping[str, str]) -> tuple[Label, ...]:
        found = [Label(self.say(a.get("aria-label", "")), "aria-label")]
        for ident in a.get("aria-labelledby", "").split():
            if ident in self.labels.by_id:
                found.append(Label(self.say(words_in(self.labels.by_id[ident])), "aria-labelledby"))
        inside = [i for i in self.items if i.around.form is not None and i.around.form.mem_id == node.mem_id]
        found += [
            Label(trimmed(self.say(i.text)), "legend") for i in inside if i.around.legend is not None and not i.control
        ][:1]
        found += [Label(self.say(i.text), "heading inside") for i in inside if i.around.heading and not i.control][:2]
        first = next(
            (n for n, i in enumerate(self.items) if i.around.form is not None and i.around.form.mem_id == node.mem_id),
            None,
        )
        if first is not None:
            found += self._heading_before(first)
        return tuple({f.text: f for f in reversed(found) if f.text}.values())[::-1]

    def _heading_before(self, place: int) -> list[Label]:
        for i in range(place - 1, max(-1, place - 60), -1):
            item = self.items[i]
            if item.around.heading and item.control is None:
                return [Label(self.say(item.text), "heading before")]
        return []

    def _submits(self, node: Node) -> tuple[str, ...]:
        found = []
        for button in node.css("button, input[type=submit], input[type=image], [role=button]"):
            kind = (button.attributes.get("type") or "submit").lower()
            if button.tag == "button" and kind != "submit":
                continue
            text = self.say(words_in(button)) or self.say(
                button.attributes.get("value")
                or button.attributes.get("aria-label")
                or button.attributes.get("alt")
                or ""
            )
            if text:
                found.append(text)
        return tuple(dict.fromkeys(found))

    def _loose_submits(self) -> tuple[str, ...]:
        texts = [
            self.say(i.text)
            for i in self.items
            if i.around.button is not None and i.around.form is None and i.around.button.tag == "button"
        ]
        return tuple(dict.fromkeys(t for t in texts if t))[:5]

    def _steps(self, node: Node) -> tuple[str, ...]:
        steps: dict[int, str] = {}
        for item in self.items:
            step = item.around.step
            if step is None or item.around.form is None or item.around.form.mem_id != node.mem_id:
                continue
            steps.setdefault(step.mem_id, "")
            if not item.control and (item.around.heading or item.around.legend is not None) and not steps[step.mem_id]:
                steps[step.mem_id] = self.say(item.text)
        return tuple(text or f"step {n}" for n, text in enumerate(steps.values(), 1)) if len(steps) > 1 else ()

    def _links(self) -> Sequence[Link]:
        found: dict[tuple[str, str], Link] = {}
        for node in self.root.css("a"):
            a = node.attributes
            target = a.get("href") or a.get("routerlink") or a.get("to") or a.get("ng-href") or a.get("th:href") or ""
            target = target.replace(UNKNOWN, "*")
            if not target or re.match(r"#(?![/!])|javascript:|mailto:|tel:|data:", target):
                continue
            text = self.say(words_in(node))[:80]
            offset = a.get(MARK) or ""
            line = line_at(self.breaks, int(offset)) if offset.isdigit() else 0
            found.setdefault((target, text), Link(target, text, line))
        return list(found.values())


def _value(node: Node, tag: str, kind: str, a: Mapping[str, str]) -> str:
    """What the control holds or submits as the page stands."""
    if tag == "textarea":
        return (node.text() or "").removeprefix("\n").replace(UNKNOWN, "")
    return a.get("value", "on" if kind in ("checkbox", "radio") else "").replace(UNKNOWN, "")


def _known(value: str) -> str:
    """A name that no template fills in later; parts of it that one does are dropped (``item[*]``)."""
    if UNKNOWN not in value:
        return value.strip()
    rest = value.replace(UNKNOWN, "").strip("-_.:[] ")
    return rest if len(rest) > 2 else ""
