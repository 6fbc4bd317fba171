"""Feature files: the official parser's tree as fragments; what it refuses is told, and the rest is read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from understudy.model.evidence import Claim
from understudy.model.flow import Fragment, Step, StepKind
from understudy.model.origin import Origin, SourceKind
from understudy.sources.about import meant, snake, thing
from understudy.sources.cases.prose import entity_of, steps_of
from understudy.sources.cases.telling import NEGATIVE, SUITE, refused, refuses, related
from understudy.sources.sayings import sayings

HINTS = {"Context": StepKind.GIVEN, "Outcome": StepKind.EXPECT}
SAID = 0.75
"""Certainty of a rule that is said in words and understood to the last of them."""
MOST_FAULTS = 20
"""Lines that are left out before a file is given up."""
VERTICAL = re.compile(
    r"fill|enter|details|information|with the following|as follows|following (?:values|data|fields|attributes)"
    r"|should have|should see",
    re.IGNORECASE,
)
Remarks = list[tuple[str, str]]


def read_feature(text: str, name: str) -> tuple[list[Fragment], Remarks, list[Claim]]:
    """The fragments of a feature; what could not be read: place and words; the rules that it says in words."""
    document, remarks = _parsed(text, name)
    feature = document.get("feature") if document else None
    if not feature:
        return [], remarks or [(name, "there is no feature in it")], []
    fragments: list[Fragment] = []
    about = meant(feature["name"]) or thing(feature["name"])
    tags = tuple(t["name"] for t in feature["tags"])
    _children(feature["children"], name, (), about, tags, [], fragments, feature.get("language", "en").startswith("en"))
    claims, left = _rules(feature, name, about)
    return fragments, [*remarks, *left], claims


def _rules(feature: Any, name: str, about: str) -> tuple[list[Claim], Remarks]:
    """Rules said in words: in the feature's description, in the names of its rules and theirs."""
    texts = [(feature, feature.get("description", ""))]
    texts += [(r, f"{r['name']}. {r.get('description', '')}") for c in feature["children"] if (r := c.get("rule"))]
    claims: list[Claim] = []
    left: Remarks = []
    for node, text in texts:
        place = f"line {node['location']['line']}"
        found, unread = sayings(text)
        origin = Origin(SourceKind.CASE, name, place)
        claims += [Claim(s.facet, s.entity or about, s.value, origin, s.field, SAID, s.text) for s in found]
        left += [(f"{name} {place}", f"a rule in words that is not followed: {u}") for u in unread]
    return claims, left


def _parsed(text: str, name: str) -> tuple[Any, Remarks]:
    from gherkin.errors import CompositeParserException, ParserException
    from gherkin.parser import Parser
    from gherkin.token_matcher import TokenMatcher
    from gherkin.token_matcher_markdown import GherkinInMarkdownTokenMatcher
    from gherkin.token_scanner import TokenScanner

    class Text(TokenScanner):  # type: ignore[misc]
        """Of a text, never of a file that is called like it."""

        def __init__(self, source: str) -> None:
            import io

            self.io = io.StringIO(source)
            self.line_number = 0

    lines = text.splitlines()
    remarks: Remarks = []
    markdown = name.lower().endswith(".md")
    for _ in range(MOST_FAULTS):
        matcher = GherkinInMarkdownTokenMatcher() if markdown else TokenMatcher()
        try:
            return Parser().parse(Text("\n".join(lines) + "\n"), matcher), remarks
        except CompositeParserException as error:
            faults = list(error.errors)
        except ParserException as error:
            faults = [error]
        changed = False
        for fault in faults:
            line = int((fault.location or {}).get("line", 0))
            said = re.sub(r"^\(\d+:\d+\):\s*", "", str(fault)).split("\n")[0]
            remarks.append((f"{name} line {line}", said))
            if 1 <= line <= len(lines) and lines[line - 1].strip():
                lines[line - 1] = ""
                changed = True
        if not changed:
            break
    return None, remarks


def _children(
    children: Sequence[Any],
    name: str,
    titles: tuple[str, ...],
    about: str,
    tags: tuple[str, ...],
    background: list[Step],
    out: list[Fragment],
    english: bool,
) -> None:
    before = list(background)
    for child in children:
        if "background" in child:
            before += _steps(child["background"]["steps"], about, english)
        elif "rule" in child:
            rule = child["rule"]
            inner = (*tags, *(t["name"] for t in rule["tags"]))
            _children(rule["children"], name, (*titles, rule["name"]), about, inner, before, out, english)
        elif "scenario" in child:
            out += _scenario(child["scenario"], name, titles, about, tags, before, english)


def _scenario(
    node: Any,
    name: str,
    titles: tuple[str, ...],
    about: str,
    tags: tuple[str, ...],
    before: Sequence[Step],
    english: bool,
) -> list[Fragment]:
    """A scenario as a fragment; an outline some of whose rows are refused as two: what passes, and what does not."""
    steps = [*before, *_steps(node["steps"], about, english)]
    title = " › ".join(t for t in (*titles, node["name"]) if t)
    every = bool(NEGATIVE.search(title))
    header, rows = _examples(node["examples"])
    bad = [r for r, negative in rows if negative or _refused(steps, header, r)]
    good = [r for r, _ in rows if r not in bad]
    place, all_tags = f"line {node['location']['line']}", (*tags, *(t["name"] for t in node["tags"]))
    found = []
    for part, negative in ((good, every), (bad, True)) if good or bad else (((), every),):
        if not part and (good or bad):
            continue
        examples = (header, *part) if header else ()
        told = related(refused(_bound(steps, examples), negative))
        found.append(Fragment(title, name, tuple(told), place, all_tags, negative, examples))
    return found


VERDICT = re.compile(
    r"(?:is[_ ]?)?(?:valid|ok|allowed|accepted|success\w*|passes|pass|should pass)|result|outcome|status"
    r"|expected(?: \w+)?",
    re.IGNORECASE,
)
"""Heads of columns that say whether a row's values are any good."""
REFUSED = re.compile(
    r"no|false|n|0|fail\w*|error|invalid|rejected?|refused?|denied|not (?:valid|ok|allowed|accepted)|unsuccessful",
    re.IGNORECASE,
)


def _refused(steps: Sequence[Step], header: tuple[str, ...], row: tuple[str, ...]) -> bool:
    """Whether a row's values are wrong on purpose: a column says so, or what is expected of it."""
    if any(VERDICT.fullmatch(h.strip()) and REFUSED.fullmatch(v.strip()) for h, v in zip(header, row, strict=True)):
        return True
    bound = [s for s in _bound(steps, (header, row)) if s.kind is StepKind.EXPECT]
    plain = [s for s in steps if s.kind is StepKind.EXPECT]
    return any(refuses(b) and not refuses(p) for b, p in zip(bound, plain, strict=True))


def _examples(listed: Sequence[Any]) -> tuple[tuple[str, ...], list[tuple[tuple[str, ...], bool]]]:
    """The first header, and the rows of all examples in its order, each with whether its table is of what
    is refused."""
    header: tuple[str, ...] = ()
    found: list[tuple[tuple[str, ...], bool]] = []
    for table in listed:
        if not table.get("tableHeader"):
            continue
        cells = _cells(table["tableHeader"])
        header = header or cells
        order = [cells.index(h) if h in cells else -1 for h in header]
        words = " ".join([table.get("name", ""), *(t["name"].lstrip("@") for t in table.get("tags", ()))])
        negative = bool(SUITE.search(words) or NEGATIVE.search(words))
        found += [(tuple(_cells(r)[i] if i >= 0 else "" for i in order), negative) for r in table["tableBody"]]
    return header, found


def _cells(row: Any) -> tuple[str, ...]:
    return tuple(c["value"] for c in row["cells"])


def _steps(nodes: Sequence[Any], about: str, english: bool) -> list[Step]:
    found: list[Step] = []
    hint: StepKind | None = None
    here = about
    for node in nodes:
        kind = node.get("keywordType", "Unknown")
        if kind in ("Context", "Outcome", "Action"):
            hint = HINTS.get(kind)
        place = f"line {node['location']['line']}"
        text = node["text"]
        spoken = here if hint is StepKind.GIVEN else about
        told = steps_of(text, place, spoken, hint, english)
        if told[0].entity and told[0].kind is StepKind.GIVEN:
            here = told[-1].entity
        table = node.get("dataTable")
        if table:
            told = _table([_cells(r) for r in table["rows"]], text, told[0], spoken)
        if node.get("docString"):
            told = [
                msgspec.structs.replace(told[0], values=(*told[0].values, node["docString"]["content"][:500])),
                *told[1:],
            ]
        found += told
    return found


def _table(rows: Sequence[tuple[str, ...]], text: str, step: Step, about: str) -> list[Step]:
    """A step per column (or per row, where the fields stand one below the other)."""
    entity = entity_of(text) or about

    def column(name: str, values: Sequence[str]) -> Step:
        return msgspec.structs.replace(step, entity=entity, field=snake(name), values=tuple(values))

    if not rows:
        return [step]
    upright = (
        len(rows[0]) == 2
        and (VERTICAL.search(text) or len(rows) == 1)
        and len({r[0] for r in rows}) == len(rows)
        and not re.fullmatch(r"(?i)field|key|name|attribute|property", rows[0][0])
    )
    if len(rows[0]) == 2 and re.fullmatch(r"(?i)fields?|keys?|attributes?|property", rows[0][0]):
        return [column(r[0], [r[1]]) for r in rows[1:]]
    if upright:
        return [column(r[0], [r[1]]) for r in rows]
    if len(rows) == 1 or len(rows[0]) == 1:
        return [msgspec.structs.replace(step, values=(*step.values, *(c for r in rows for c in r)))]
    return [column(name, [r[i] for r in rows[1:]]) for i, name in enumerate(rows[0]) if snake(name)]


def _bound(steps: Sequence[Step], examples: Sequence[tuple[str, ...]]) -> list[Step]:
    """Parameters of an outline replaced by the values that its examples give them."""
    if len(examples) < 2:
        return list(steps)
    known = {f"<{h}>": [r[i] for r in examples[1:]] for i, h in enumerate(examples[0])}
    out = []
    for step in steps:
        values: list[str] = []
        for value in step.values:
            values += known.get(value, [value])
        field = step.field
        if (
            not field
            and len(step.values) == 1
            and step.values[0] in known
            and step.kind in (StepKind.FILL, StepKind.CHOOSE)
        ):
            field = snake(step.values[0])
        out.append(msgspec.structs.replace(step, values=tuple(values), field=field))
    return out
