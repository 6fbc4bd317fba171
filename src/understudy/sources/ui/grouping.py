"""Controls to members of a record: radios and boxes of one name together, each with a key and a role."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from understudy.sources.ui.nouns import Control, Form, Member
from understudy.sources.ui.parts import with_parts

TOKEN = re.compile(
    r"csrf|xsrf|authenticity_?token|__requestverificationtoken|_token$|^token$|viewstate|eventvalidation|eventtarget|eventargument|form_build_id|form_id$|^utf8$|^_method$|sitekey|nonce|session_?id|^redirect|return_?(?:url|to)|^next$|^ref$|referrer|utm_",
    re.IGNORECASE,
)
AGAIN = re.compile(
    r"confirm|repeat|again|retype|re-?type|re-?enter|verify|verification|wiederhol|bestätig|répéter|confirmez|repet|ripeti|conferma|herhaal|powtórz|(?:password|pass|pwd|email|mail)_?-?(?:2|two|check|conf)$|\b2nd\b|^re_?(?:password|pass|email)",
    re.IGNORECASE,
)
SPOKEN = frozenset({"label for", "label around", "aria-label", "placeholder"})
"""Ways by which HTML itself ties words to a control."""
MANY_UNSEEN = 2
"""Controls folded away together in a form: more are a part of it, not traps."""
SPELLED = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def members(form: Form, fields: dict[int, str]) -> tuple[Member, ...]:
    """The members of the form's record, in the order of the page."""
    hidden = sum("keyboard" in c.trap for c in form.controls)
    controls_of = form.controls
    if hidden > MANY_UNSEEN:  # a whole part of the form is folded away: nobody sets that many traps
        controls_of = tuple(msgspec.structs.replace(c, trap="") if "keyboard" in c.trap else c for c in form.controls)
    groups: dict[object, list[Control]] = {}
    for control in controls_of:
        groups.setdefault(_group(control), []).append(control)
    found: list[Member] = []
    index = _Index(controls_of)
    for controls in groups.values():
        key = _key(controls[0], index, grouped=len(controls) > 1 or controls[0].type == "radio")
        found.append(Member(key, tuple(controls), field=fields[controls[0].index], role=_role(controls)))
    return with_parts(_confirmed(found))


def _group(control: Control) -> object:
    name = control.name or (control.model if not control.native or not control.id else "")
    if control.type == "radio" and name:
        return ("radio", name)
    if control.type == "checkbox" and control.name:
        return ("checkbox", control.name)
    return control.index


def _role(controls: Sequence[Control]) -> str:
    first = controls[0]
    if first.type == "hidden":
        return "token" if TOKEN.search(first.name or first.id) else "hidden"
    if first.trap:
        return "captcha" if "riddle" in first.trap else "trap"
    if all(
        c.disabled or (c.readonly and c.type not in ("checkbox", "radio", "select", "file", "color", "range"))
        for c in controls
    ):
        return "unfilled"
    return "field"


class _Index:
    """Which control a text leads to, looked up as tools do: names first, then ids, test ids, bound names, labels."""

    def __init__(self, controls: Sequence[Control]) -> None:
        self.by: tuple[dict[str, list[Control]], ...] = tuple({} for _ in ATTRIBUTES)
        self.spoken: dict[str, Control] = {}
        for control in controls:
            for found, attribute in zip(self.by, ATTRIBUTES, strict=True):
                found.setdefault(getattr(control, attribute), []).append(control)
            for label in control.labels:
                if label.way in SPOKEN:
                    self.spoken.setdefault(_plain(label.raw), control)

    def leads(self, text: str, control: Control, grouped: bool) -> bool:
        """Whether a name in code ends at this control."""
        for found in self.by:
            hits = found.get(text)
            if hits:
                return hits[0] is control or (grouped and hits[0].type == control.type and control in hits)
        return False

    def called(self, text: str) -> Control | None:
        """The first control that is called so, names in code first."""
        return next((found[text][0] for found in self.by if text in found), None) or self.spoken.get(_plain(text))


ATTRIBUTES = ("name", "id", "test", "model")


def _key(control: Control, index: _Index, grouped: bool) -> str:
    """By what a tool finds the control again: its name, id, test id, bound name, label, placeholder or selector."""
    for attribute in ATTRIBUTES:
        text = getattr(control, attribute)
        if text and index.leads(text, control, grouped):
            return str(text)
    for label in control.labels:
        text = " ".join(re.sub(r"[*:]", " ", label.raw).split())
        if label.way in SPOKEN and text and index.called(text) is control:
            return text
    return control.path


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[*:]", " ", text).lower().split())


# ---- typed twice ------------------------------------------------------------------------------------
def _confirmed(found: Sequence[Member]) -> list[Member]:
    """Members that repeat another (a second password or e-mail address) marked as confirmations."""
    out: list[Member] = []
    for place, member in enumerate(found):
        first = member.first
        original = (
            _original(member, found[:place])
            if member.role in ("field", "unfilled") and len(member.controls) == 1
            else None
        )
        if original is not None and first.type in ("password", "email", "text", "tel"):
            out.append(msgspec.structs.replace(member, role="confirmation", same_as=original.key))
        else:
            out.append(member)
    return out


def _original(member: Member, before: Sequence[Member]) -> Member | None:
    first = member.first
    words = [SPELLED.sub("_", t) for t in (first.name, first.id, first.model, first.label, first.placeholder)]
    again = any(AGAIN.search(w) for w in words)
    if not again:
        return None
    earlier = [m for m in before if m.role in ("field", "unfilled") and m.first.type == first.type]
    if first.type == "password":
        fresh = [m for m in earlier if not re.search(r"current|old|existing|alt(?:es)?_", _said(m), re.IGNORECASE)]
        news = [m for m in fresh if re.search(r"new|neu", _said(m), re.IGNORECASE)]
        return (news or fresh)[-1] if fresh else None
    if not earlier:
        return None
    about = _stems(" ".join(words))
    return next(
        (
            m
            for m in reversed(earlier)
            if _stems(_said(m)) & about & {"email", "mail", "phone", "account", "number", "pin", "iban", "address"}
        ),
        None,
    )


def _said(member: Member) -> str:
    c = member.first
    return " ".join(SPELLED.sub("_", t) for t in (c.name, c.id, c.model, c.label, c.placeholder))


def _stems(text: str) -> set[str]:
    words = set(re.findall(r"[a-z]+", text.lower().replace("e-mail", "email")))
    return words | ({"email"} if any("mail" in w for w in words) else set())
