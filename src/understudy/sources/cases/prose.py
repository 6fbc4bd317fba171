"""Steps in plain words: what is done, to which field of what, with which values.

``I fill in "Email" with "bob@example.com"``, ``the store has a product "Mug" priced at "$19.99"``: quoted texts are
values, the words before each say of what; where the words are quoted themselves (``"Email"``), they name the field.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from understudy.model.flow import Step, StepKind
from understudy.sources.about import meant, snake, thing
from understudy.sources.vocabulary import words

QUOTED = re.compile(
    r"\"([^\"]*)\"|“([^”]*)”|„([^“”]*)[“”]|«([^»]*)»|`([^`]*)`|(?<![\w])'((?:[^']|'(?=\w))*)'(?!\w)|(<[A-Za-z][^<>]*>)|\*\*([^*]+)\*\*"
)
VISIT = re.compile(
    r"\b(?:go(?:es)?(?: back)? to|navigates? to|visits?|opens?|browses?(?: to)?|am(?: \w+)? (?:on|at)|is on"
    r"|are on|lands? on|(?:want|try|tries|attempt)s? to (?:view|see|browse|create|edit|modify|access))\b",
    re.IGNORECASE,
)
PRESS = re.compile(r"\b(?:press(?:es)?|clicks?|taps?|submits?|follows?|hits?|confirms?|saves?)\b", re.IGNORECASE)
FILL = re.compile(
    r"\b(?:fill(?:s|ed|ing)?|enter(?:s|ed|ing)?|typ(?:es?|ed|ing)|inputs?|writes?|wrote|sets?|setting|specif(?:y|ies|ied|ying)"
    r"|provid(?:es?|ed|ing)|names?|renames?|chang(?:es?|ed|ing)|describes?|appends?|puts?|defines?|search(?:es)?)\b",
    re.IGNORECASE,
)
CHOOSE = re.compile(r"\b(?:select(?:s|ed|ing)?|choos(?:es?|ing)|chosen?|pick(?:s|ed|ing)?|assigns?)\b", re.IGNORECASE)
TICK = re.compile(
    r"\b(?:ticks?|unticks?|checks?|unchecks?|toggles?|enables?|disables?|accepts?|agrees?)\b", re.IGNORECASE
)
UPLOAD = re.compile(r"\b(?:attach(?:es)?|uploads?)\b", re.IGNORECASE)
EXPECT = re.compile(
    r"\b(?:should|must|expect\w*|verif(?:y|ies)|ensures?|see|sees|is (?:displayed|shown|visible)"
    r"|are (?:displayed|shown)|be (?:notified|redirected|informed)|appears?)\b",
    re.IGNORECASE,
)
DENIED = re.compile(r"\b(?:not|no longer|no|never|cannot|can't|isn't|aren't|shouldn't|without)\b", re.IGNORECASE)
INTO = re.compile(r"^\s*(?:in(?:to|side)?|for|as|to|from|on|at|under)?\s*(?:the|my|its|their|a|an)?\s*$", re.IGNORECASE)
FIELD_WORD = re.compile(
    r"^\s*(?:text\s*|input\s*)?(?:field|box|input|textbox|dropdown|drop-down|select|option|checkbox|area|list)\b",
    re.IGNORECASE,
)
LINKS = words(
    "as at to with is of named called for in by equal equals and or be was are on from into titled labelled l"
    "abeled value values = : like has have that than having set within under about"
)
"""Words between what is spoken of and its value."""
STOPS = words(
    "the a an this that these those my its their his her our your i we you it they he she user users' given w"
    "hen then and but also "
    "should must can could will would not be is am are was were been has have had do does did there here wher"
    "e which who whose "
    "fill fills enter enters type types input write set sets specify specifies provide provides change change"
    "s choose chooses select selects "
    "pick add adds create creates see sees want wants try tries go goes visit open click clicks press presses"
    " check checks verify each one all "
    "any some other another same new existing following valid invalid correct incorrect wrong empty different"
    " only exactly first second last "
    "gives give allows allow ships ship belongs belong requires require contains contain applies apply reduce"
    "s operates supports offers "
    "costs uses use gets get receives proceed proceeds connects sign signs log logs follow follows append app"
    "ends attach attaches buy buys "
    "selecting choosing picking entering typing filling setting specifying providing chose chosen picked entered typed "
    "filled wrote specified provided changed "
    "hover wait waits reads read returns return shows show displays gets become becomes starts ends manually "
    "least most available "
    "only still already again now just up out off over between after before into onto using via per against"
)
SAYING = {
    "priced": "price",
    "named": "name",
    "called": "name",
    "titled": "title",
    "dated": "date",
    "coded": "code",
    "described": "description",
}
"""Participles that say which field comes next."""
ARTICLES = words("a an the has have this given user another new existing following")
"""Words that introduce a thing."""
FOREIGN_FILL = re.compile(
    r"\b(?:ausfüll\w*|eingeb\w*|gebe|trage|eintrag\w*|wähle|rempli\w*|saisi\w*|entre|renseigne\w*|choisi\w*|rellen\w*|introdu\w*|escrib\w*|ingres\w*|"
    r"seleccion\w*|preench\w*|inser\w*|digit\w*|compil\w*|scriv\w*|selezion\w*|vul|invul\w*|kies|wpisuj\w*|wybier\w*|ввож\w*|заполн\w*|выбира\w*)\b",
    re.IGNORECASE,
)
EXAMPLE = re.compile(r"\(?\b(?:e\.\s?g\.|for example|such as|i\.\s?e\.)[:,]?", re.IGNORECASE)
PLACED = re.compile(
    r"\bin(?:to)?\s+(?:the\s+)?(?P<before>[a-z][a-z -]{1,30}?)\s+(?:field|box|input|textbox)\s*,?\s*(?:enter"
    r"|type|input|write|fill)|"
    r"[\"”'`>*]\s*(?:in|into|for|as|from|to)\s+(?:the\s+)?(?P<after>[a-z][a-z -]{1,30}?)\s+(?:field|box|input"
    r"|textbox|text area|dropdown|drop-down|list)\b",
    re.IGNORECASE,
)
"""A field named after, or before, the value without quotes: ``Enter "Laptop" in the search field``."""
BARE = re.compile(
    r"\b(?:enter|fill(?: in)?|type|input|provide|specify|leave)s?\s+(?:(?:an?|the|my|your|all"
    r"|any)\s+)?(?P<how>(?:in)?valid|correct|incorrect|wrong|existing|unregistered|registered|empty|blank"
    r"|new)?\s*"
    r"(?P<field>[a-z][a-z ]{1,30}?)(?:\s+(?:field|box|address)?)?(?:\s+(?:blank|empty)|[.,;]|$|\s+and\b"
    r"|\s+(?:in|into|for)\b)",
    re.IGNORECASE,
)
PAGE = re.compile(
    r"(?:.*\b(?:the|an?|my|to|on|at|in|of|opens?|visits?|views?|sees?|browses?)\s+)?([\w'\- ]{2,40}?)"
    r"\s+(?:page|screen|form|tab|section|step|view|dashboard)\b",
    re.IGNORECASE,
)


JOINING = re.compile(r"\s*(?:,|and|or|,\s*and|/|-)\s*")


class Said(msgspec.Struct, frozen=True):
    """A value and the words before it. ``direct``: nothing links them (``a product "Mug"``); ``joined``: to
    the value before by "and"."""

    value: str
    noun: str
    direct: bool
    article: bool
    joined: bool = False


def kind_of(text: str, hint: StepKind | None) -> StepKind:
    """What a step does; ``hint`` where its keyword says (Given, Then)."""
    if hint is StepKind.EXPECT or (hint is None and EXPECT.search(text)):
        return StepKind.EXPECT
    for pattern, kind in (
        (UPLOAD, StepKind.UPLOAD),
        (FILL, StepKind.FILL),
        (CHOOSE, StepKind.CHOOSE),
        (VISIT, StepKind.VISIT),
        (PRESS, StepKind.PRESS),
        (TICK, StepKind.TICK),
    ):
        if pattern.search(QUOTED.sub(" ", text)):
            return StepKind.GIVEN if hint is StepKind.GIVEN and kind is not StepKind.VISIT else kind
    return hint or StepKind.DO


WRONG = re.compile(r"\b(?:in-?valid|incorrect|wrong|malformed|bad|illegal|non-?existent|unregistered)\b", re.IGNORECASE)
"""Words before a value that say that it is wrong on purpose."""


def steps_of(text: str, place: str, about: str, hint: StepKind | None = None, english: bool = True) -> list[Step]:
    """The steps that a sentence says: one per field that it touches, at least one. ``about``: the entity spoken of.
    Of other languages than English only what is quoted is understood."""
    clean = " ".join(text.split())
    wrong = _wrong(clean)
    found = _steps(clean, place, about, hint, english)
    if not wrong:
        return found
    return [
        msgspec.structs.replace(s, invalid=True) if s.kind is not StepKind.EXPECT and wrong & {*s.values} else s
        for s in found
    ]


def _wrong(text: str) -> set[str]:
    """Values before which it is said that they are wrong."""
    at, found = 0, set()
    for m in QUOTED.finditer(text):
        if WRONG.search(text[at : m.start()]):
            found.add(_inner(m))
        at = m.end()
    return found


def _steps(clean: str, place: str, about: str, hint: StepKind | None, english: bool) -> list[Step]:
    kind = kind_of(clean, hint)
    denied = kind is StepKind.EXPECT and bool(DENIED.search(QUOTED.sub(" ", clean)))

    def step(field: str, values: Sequence[str], entity: str = "", invalid: bool = False) -> Step:
        return Step(
            kind,
            clean[:300],
            _target(clean, kind),
            entity or (about if field else ""),
            field,
            tuple(values),
            invalid,
            denied,
            place=place,
        )

    pair = (
        _pair(clean) if english and kind in (StepKind.FILL, StepKind.CHOOSE, StepKind.UPLOAD, StepKind.GIVEN) else None
    )
    if pair is not None:
        return [step(pair[0], [pair[1]] if pair[1] else [])]
    if not english:
        values = [_inner(m) for m in QUOTED.finditer(clean)]
        if len(values) == 2 and FOREIGN_FILL.search(clean) and hint is not StepKind.EXPECT:
            kind = StepKind.FILL
            return [step(snake(values[0]), values[1:])]
        return [step("", values)]
    said = _said(EXAMPLE.sub(" ", clean))
    placed = PLACED.search(clean) if kind in (StepKind.FILL, StepKind.CHOOSE) else None
    if placed is not None and (field := snake(placed["after"] or placed["before"] or "")):
        value = next((_inner(m) for m in QUOTED.finditer(clean)), "")
        return [step(field, [value] if value else [])]
    if kind in (StepKind.VISIT, StepKind.PRESS):
        return [step("", [s.value for s in said])]
    found: list[Step] = []
    if kind is StepKind.TICK:
        names = [s.value for s in said] or []
        return [step(snake(n), ["true"]) for n in names] or [step("", [])]
    here = about
    for s in said:
        if not s.noun:
            continue
        if s.direct and s.article and kind in (StepKind.GIVEN, StepKind.DO):
            here = meant(s.noun) or thing(s.noun) or snake(s.noun)
            found.append(step("email" if "@" in s.value else "name", [s.value], here))
        else:
            found.append(step(snake(s.noun), [s.value], here))
    if not found and kind in (StepKind.FILL, StepKind.DO):
        found = [step(f, [], invalid=bad) for f, bad in _bare(clean)]
        if found and kind is StepKind.DO:
            found = [msgspec.structs.replace(f, kind=StepKind.FILL) for f in found]
    loose = [s.value for s in said if not s.noun]
    return [*found, *([step("", loose)] if loose or not found else [])]


INTRODUCED = (
    re.compile(r"\bfollowing\s+([\w-]+(?:\s+[\w-]+)?)", re.IGNORECASE),
    re.compile(r"\b(?:these|new|an?|the)\s+([\w-]+)\s+(?:exist|with|has|have|are)\b", re.IGNORECASE),
    re.compile(r"\b(?:the|an?|my)\s+([\w-]+)\s+(?:form|details|data)\b", re.IGNORECASE),
)
"""Where a step without values of its own names what its table is about."""
NO_THING = words(
    "exist exists details information data values fields value field has have is are with table attributes for in as"
    " following"
)


def entity_of(text: str) -> str:
    """The thing that a step without values introduces: ``the following users exist`` → users."""
    for pattern in INTRODUCED:
        found = pattern.search(text)
        kept = [w for w in found[1].split() if w.lower() not in NO_THING] if found else []
        if kept:
            return snake(" ".join(kept))
    return ""


def _target(text: str, kind: StepKind) -> str:
    if kind is StepKind.VISIT:
        page = PAGE.search(QUOTED.sub(_inner, text))
        return page[1].strip() if page else next((_inner(m) for m in QUOTED.finditer(text)), "")
    if kind is StepKind.PRESS:
        return next((_inner(m) for m in QUOTED.finditer(text)), "")
    return text[:200] if kind is StepKind.EXPECT else ""


def _inner(match: re.Match[str]) -> str:
    return next((g for g in match.groups() if g is not None), "")


def _pair(text: str) -> tuple[str, str] | None:
    """``"Field" with "value"``, ``"value" into the "Field" field``: field and value, both in quotes."""
    found = list(QUOTED.finditer(text))
    if len(found) > 2 and re.match(
        r"\s*(?:within|inside|in the|on the|of the)\b", text[found[1].end() : found[2].start()]
    ):
        text, found = text[: found[1].end()], found[:2]
    if len(found) != 2:
        return None
    first, second = (_inner(m) for m in found)
    between, after = text[found[0].end() : found[1].start()], text[found[1].end() :]
    named = re.fullmatch(
        r"\s*(?:(?:text\s*)?(?:field|input|box|dropdown|select)\s*)?(?:with|to|as|=|:|is|being|of)\s*(?:the\s*)?(?:value\s*)?",
        between,
        re.IGNORECASE,
    )
    before = text[: found[0].start()]
    if (
        named
        and (
            re.search(r"fill", before, re.IGNORECASE)
            or FIELD_WORD.match(between)
            or re.fullmatch(r"\s*(?:with|=|:)\s*", between)
        )
        and not re.search(
            r"\w+ $",
            re.sub(
                rf"\b(?:{'|'.join(('fill', 'fills', 'filled', 'in', 'the', 'set', 'enter', 'i', 'user', 'field'))})\b",
                "",
                before,
                flags=re.IGNORECASE,
            ),
        )
    ):
        return snake(first), second
    if (
        INTO.match(between)
        and re.search(r"\b(?:in|into|from|for|on)\b", between, re.IGNORECASE)
        and (FIELD_WORD.match(after) or not re.search(r"\w", after))
    ):
        return snake(second), first
    return None


def _said(text: str) -> list[Said]:
    found: list[Said] = []
    at = 0
    noun = ""
    for m in QUOTED.finditer(text):
        before = text[at : m.start()]
        told = _noun(before)
        after = FIELD_WORD.match(text[m.end() :])
        at = m.end()
        if told is None and JOINING.fullmatch(before) and found:
            noun = noun or _following(text[m.end() :])
            found.append(Said(_inner(m), noun, False, False, joined=True))
            continue
        if after and told is None:
            continue
        follows = _following(text[m.end() :])
        if (told is None or not (told[1] or told[0] in SAYING.values())) and follows:
            told = (follows, False, False)
        told = told or ("", False, False)
        noun, direct, article = told
        found.append(Said(_inner(m), noun, direct, article))
    for i in range(len(found) - 2, -1, -1):  # "A" and "B" locales: both are
        if not found[i].noun and found[i + 1].joined:
            found[i] = msgspec.structs.replace(found[i], noun=found[i + 1].noun)
    return found


def _noun(before: str) -> tuple[str, bool, bool] | None:
    """The last noun before a value, whether nothing links the two, and whether an article stands before it."""
    tokens = re.findall(r"[\w'-]+|[=:]", before)
    direct = True
    said = next((SAYING[t.lower()] for t in reversed(tokens[-2:]) if t.lower() in SAYING), None)
    if said is not None:
        return said, False, False
    while tokens and (tokens[-1].lower() in LINKS or tokens[-1].lower() in ("the", "a", "an")):
        direct = False
        tokens.pop()
    kept: list[str] = []
    while (
        tokens
        and tokens[-1].lower() not in STOPS
        and tokens[-1].lower() not in LINKS
        and len(kept) < 3
        and not _is_verb(tokens[-1])
    ):
        kept.insert(0, tokens.pop())
    if not kept:
        return None
    if tokens and tokens[-1].lower() == "my" and len(kept) == 1 and direct:
        direct = False
    article = not tokens or tokens[-1].lower() in ARTICLES
    return " ".join(kept), direct, article


def _is_verb(word: str) -> bool:
    """Numbers and participles are nobody's name."""
    return word.isdigit() or (
        len(word) > 4 and word.endswith("ed") and word.lower() not in ("speed", "feed", "breed", "seed")
    )


def _following(after: str) -> str:
    """The noun right after a value: ``"Standard" shipping category``."""
    found = re.match(r"\s+([a-z][\w-]*(?:\s+[a-z][\w-]*)?)", after)
    kept: list[str] = []
    for word in found[1].split() if found else ():
        if word.lower() in STOPS or word.lower() in LINKS or _is_verb(word):
            break
        kept.append(word)
    return " ".join(kept)


def _bare(text: str) -> list[tuple[str, bool]]:
    """Fields that are filled in without saying with what: ``Enter valid username``."""
    found = []
    for m in BARE.finditer(text):
        field = snake(
            " ".join(
                w
                for w in m["field"].split()
                if w.lower() not in STOPS and w.lower() not in ("required", "mandatory", "fields", "details", "data")
            )
        )
        if field:
            how = f"{m['how'] or ''} {m[0]}".lower()
            found.append((field, bool(re.search(r"\b(?:invalid|incorrect|wrong|unregistered|empty|blank)\b", how))))
    return found
