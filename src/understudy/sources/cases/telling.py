"""Acts of test programs as the steps of a fragment: which field of which entity, with which value."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

import msgspec

from understudy.model.flow import Fragment, Step, StepKind
from understudy.sources.about import meant, snake, thing
from understudy.sources.cases.code.suite import Test
from understudy.sources.cases.code.values import Act
from understudy.sources.cases.locators import FieldName, Locator, field_of

KINDS = {k.value: k for k in StepKind}
NEGATIVE = re.compile(
    r"\b(?:in-?valid|negative|wrong|incorrect|errors?|empty|blank|missing|malformed|without|fails?|failed|failure|reject\w*|refus\w*|den(?:y|ied|ies)|"
    r"disallow\w*|forbid\w*|unauthori[sz]ed|un-?able|cannot|can't|can ?not|should ?n[o']t be able"
    r"|not (?:be )?(?:allowed|able|possible|permitted|accept\w*)|"
    r"too (?:long|short|many|large|small)|less than|more than|exceed\w*|duplicate\w*|already (?:exists?|taken"
    r"|registered|used)|validat\w+|required|mismatch\w*|"
    r"do(?:es)? not match|bad|illegal|prevent\w*|injection|xss"
    r"|ung(?:ü|ue)ltig\w*|fehlerhaft\w*|falsch\w*|invalide|incorrecte?s?|erron[ée]\w*|inv[áa]lid[oa]s?|incorrect[oa]s?"
    r"|non valid[oaie]|ongeldig\w*|onjuist\w*|nieprawidłow\w*|неверн\w*|некорректн\w*|недопустим\w*)\b",
    re.IGNORECASE,
)
"""Words of titles of tests that show something being refused."""
SUITE = re.compile(
    r"\b(?:negative|in-?valid|unhappy|sad path|malformed|rejections?|ung(?:ü|ue)ltig\w*)\b", re.IGNORECASE
)
"""Words of titles of suites in which everything is refused; a suite about "errors" or "validation" shows both."""
ACCEPTED = re.compile(
    r"(?<!not )\b(?:valid|accepts?|accepted|succeeds?|success\w*|happy|correct)\b(?! (?:error|message))", re.IGNORECASE
)
"""Words of titles of tests in such a suite that show the opposite."""
ERROR = re.compile(
    r"\b(?:error|invalid|required|must|wrong|incorrect|fail|failed|not valid|cannot|can't be|already|blank"
    r"|empty|too (?:long|short)|does not match|do not match|unable|please|sorry|locked|denied"
    r"|a valid|not (?:allowed|permitted|found|recogni[sz]ed)|expired|no such|rejected|forbidden|danger|errors|feedback"
    r"|ung(?:ü|ue)ltig\w*|erforderlich"
    r"|fehler\w*|erreur|invalide|obligatoire|inv[áa]lid[oa]|obligatori[oa]|non valid[oa]|ongeldig\w*|verplicht)\b",
    re.IGNORECASE,
)
"""Words of messages that are expected where something is refused."""
REFUSING = re.compile(r"aria-invalid|toThrow|to_throw|\.rejects\b|checkValidity\(\).*(?:false|False)")
"""Expectations that say so without words."""
DISABLED = re.compile(
    r"to_?be_?disabled|be\.disabled|not\.(?:be\.enabled|toBeEnabled)|not_to_be_enabled", re.IGNORECASE
)
PRESSED = re.compile(r"role=|button|btn|submit|save|send|next|continue|confirm|sign|log|register", re.IGNORECASE)
"""What sends a form, as tests find it: disabled where what was filled in is no good."""
LONGEST_VALUE = 500


def fragment(test: Test, source: str) -> Fragment:
    """A test as a fragment: what runs before it are its preconditions' steps."""
    title = " › ".join(t for t in test.titles if t)
    steps: list[Step] = []
    negative = _negative(test.titles)
    about = _about(test.titles, source)
    page = ""
    for act in test.acts:
        if act.kind == "visit":
            page = _page(act.target if isinstance(act.target, str) else "") or page
        steps.append(_step(act, about, page, source))
    return Fragment(title, source, related(refused(steps, negative)), f"line {test.line}", test.tags, negative)


def _negative(titles: Sequence[str]) -> bool:
    """Whether a test, by its title or its suites', shows something being refused."""
    words = [re.sub(r"[_]|(?<=[a-z])(?=[A-Z])", " ", t) for t in titles]
    if not words:
        return False
    suite = any(SUITE.search(w) for w in words[:-1]) and not ACCEPTED.search(words[-1])
    return suite or NEGATIVE.search(words[-1]) is not None


def _about(titles: Sequence[str], source: str) -> str:
    """What a suite or a file is about."""
    stem = re.sub(r"(?:\.(?:spec|test|cy|e2e|e2e-spec))?\.\w+$", "", PurePosixPath(source).name)
    stem = re.sub(r"^test_|_test$|(?:Test|Tests|IT|TestCase)$", "", stem)
    for text in (stem, *(t for t in titles[:-1] if len(t) <= 40)):
        entity = meant(text) or thing(text)
        if entity:
            return entity
    return snake(stem)


def _page(address: str) -> str:
    """What a page is about, by its address."""
    path = re.sub(r"[?#](?!/).*", "", re.sub(r"^\w+://[^/]*|^\{[^}]*\}", "", address)).lstrip("#/")
    parts = [p for p in path.split("/") if p and not re.search(r"[{}*:]|^\d+$", p)]
    for part in reversed(parts[-2:]):
        part = re.sub(r"\.\w{2,5}$", "", part)
        entity = meant(part) or thing(part)
        if entity:
            return entity
    return ""


def _step(act: Act, about: str, page: str, source: str) -> Step:
    kind = KINDS.get(act.kind, StepKind.DO)
    locator = act.target if isinstance(act.target, Locator) else None
    named = (
        field_of(locator)
        if locator is not None and kind in (StepKind.FILL, StepKind.CHOOSE, StepKind.TICK, StepKind.UPLOAD)
        else None
    )
    entity, field = _entity(named, act, about, page) if named is not None else ("", "")
    target = locator.shown if locator is not None else act.target if isinstance(act.target, str) else ""
    values = tuple(str(v)[:LONGEST_VALUE] for v in act.values if isinstance(v, str | int | float) and str(v) != "")
    return Step(kind, act.text[:300], target[:200], entity, field, values, denied=act.denied, place=f"line {act.line}")


def _entity(named: FieldName, act: Act, about: str, page: str) -> tuple[str, str]:
    """The entity of a field: of its test id's first word where that is one the test is about, of the page object, of
    the page visited, of the suite."""
    field = named.name
    owner = re.sub(r"(?:Page|Form|Screen|Modal|Dialog|Component|Flow|Flows|Pages|Base|PageObject|PO)$", "", act.owner)
    owned = (meant(owner) or thing(owner)) if owner else ""
    known = [e for e in (owned, page, about) if e]
    if named.prefix:
        prefix = meant(named.prefix) or thing(named.prefix)
        rest = re.sub(rf"^{re.escape(named.prefix)}[_-]", "", field)
        if (
            prefix
            and rest
            and rest != field
            and prefix != snake(named.prefix)
            and (not known or prefix in known or any(prefix in k or k in prefix for k in known))
        ):
            return prefix, rest
    return (known[0] if known else ""), field


# ---- refused values and what depends on what --------------------------------------------------------
def refused(steps: list[Step], negative: bool) -> list[Step]:
    """Values typed before an error is expected were wrong on purpose; in a test that says so all are, where no error is
    expected in words."""
    out = list(steps)
    start = 0
    expected = [i for i, s in enumerate(out) if s.kind is StepKind.EXPECT]
    for i in expected:
        refused = refuses(out[i])
        nearest = [j for j in range(start, i) if out[j].kind in (StepKind.FILL, StepKind.CHOOSE)]
        if refused and nearest:
            for j in nearest:
                out[j] = msgspec.structs.replace(out[j], invalid=True)
        if nearest:
            start = i
    if negative and not any(s.invalid for s in out):
        out = [
            msgspec.structs.replace(s, invalid=True) if s.kind in (StepKind.FILL, StepKind.CHOOSE) else s for s in out
        ]
    return out


def refuses(step: Step) -> bool:
    """Whether an expectation shows that something is refused."""
    if DISABLED.search(step.text):
        return PRESSED.search(step.target) is not None
    if step.denied:
        return False
    return bool(any(ERROR.search(v) for v in (*step.values, step.target)) or REFUSING.search(step.text))


SHORTEST = 3
"""Characters of a value that is no coincidence when it comes again."""


def related(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Steps that need a value which an earlier one brought."""
    first: dict[str, int] = {}
    out = []
    for i, step in enumerate(steps):
        uses = sorted({first[v] for v in _parts(step) if v in first and first[v] != i})
        for value in step.values:
            if len(value) >= SHORTEST and step.kind is not StepKind.VISIT:
                first.setdefault(value, i)
        out.append(msgspec.structs.replace(step, uses=tuple(uses)) if uses else step)
    return tuple(out)


def _parts(step: Step) -> list[str]:
    return [v for v in step.values if len(v) >= SHORTEST]
