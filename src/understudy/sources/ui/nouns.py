"""What a page holds: controls as the browser would see them, the fields they make, forms, links.

::

    text ─ templates, components ─► plain HTML ─ markup ─► Page(Form(Control …), Link …)
                                                             │ grouping
                                              Form(Member …): one member of the record each ─► claims, document
"""

from __future__ import annotations

import msgspec


class Option(msgspec.Struct, frozen=True, omit_defaults=True):
    """One choice of a select, a data list, a radio or a box. ``value`` is what is submitted, ``label`` what is seen."""

    value: str
    label: str = ""
    disabled: bool = False
    selected: bool = False


class Label(msgspec.Struct, frozen=True, omit_defaults=True):
    """Words that tell a person what a control is for. ``way``: by which of HTML's ways they belong to it. ``raw``: with
    the stars and colons around them."""

    text: str
    way: str
    raw: str = ""


class Control(msgspec.Struct, frozen=True, omit_defaults=True):
    """One control. Attributes are the page's own words ("" where absent). ``model``: the name a framework binds it
    to. ``labels``: surest first. ``heading``: of the group it stands in. ``native``: the browser knows it as a control
    (False: a component of a framework). ``fluid``: its options come from elsewhere (a loop, a script). ``maybe``:
    attributes that hold only sometimes (bound to an expression). ``trap``: why no person would fill it in.
    ``offset``, ``line``: where its tag begins in the file."""

    index: int
    tag: str
    type: str
    name: str = ""
    id: str = ""
    test: str = ""
    model: str = ""
    labels: tuple[Label, ...] = ()
    heading: str = ""
    help: str = ""
    placeholder: str = ""
    autocomplete: str = ""
    value: str = ""
    required: bool = False
    multiple: bool = False
    disabled: bool = False
    readonly: bool = False
    checked: bool = False
    attributes: dict[str, str] = {}
    options: tuple[Option, ...] = ()
    suggestions: tuple[Option, ...] = ()
    fluid: bool = False
    native: bool = True
    maybe: tuple[str, ...] = ()
    trap: str = ""
    path: str = ""
    box: int = 0
    offset: int = 0
    line: int = 0

    @property
    def label(self) -> str:
        """The surest words, "" where there are none."""
        return self.labels[0].text if self.labels else ""

    @property
    def own_name(self) -> str:
        """What the page's authors call it in code."""
        return self.name or self.model or self.id or self.test


class Member(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one member of a form's record stands for: a control, or a group of radios or boxes of one name.

    ``key``: the member's name in a record. ``role``: field, confirmation, trap, hidden, token, part, captcha, unfilled
    (disabled or read-only). ``same_as``: key of the member that a confirmation repeats. ``whole``, ``part``: of a value
    typed into several controls, the field's name and which part this one is."""

    key: str
    controls: tuple[Control, ...]
    field: str = ""
    role: str = "field"
    same_as: str = ""
    whole: str = ""
    part: str = ""

    @property
    def first(self) -> Control:
        """The control that stands for the group."""
        return self.controls[0]


class Form(msgspec.Struct, frozen=True, omit_defaults=True):
    """A form, or the controls of a page outside any. ``index``: place among the page's forms, -1 for outside.
    ``steps``: headings of its steps where only one is shown at a time. ``purpose``: create, edit, search, sign in …"""

    index: int
    id: str = ""
    name: str = ""
    action: str = ""
    method: str = "get"
    model: str = ""
    headings: tuple[Label, ...] = ()
    submits: tuple[str, ...] = ()
    controls: tuple[Control, ...] = ()
    steps: tuple[str, ...] = ()
    search: bool = False
    novalidate: bool = False
    line: int = 0


class Link(msgspec.Struct, frozen=True, omit_defaults=True):
    """A way to another page."""

    target: str
    text: str = ""
    line: int = 0


class Page(msgspec.Struct, frozen=True, omit_defaults=True):
    """One page. ``source``: as it may be shown; ``address``: where it lives, for links; ``framework``: "" for HTML."""

    source: str
    title: str = ""
    address: str = ""
    language: str = ""
    framework: str = ""
    forms: tuple[Form, ...] = ()
    links: tuple[Link, ...] = ()
    remarks: tuple[tuple[str, str], ...] = ()
