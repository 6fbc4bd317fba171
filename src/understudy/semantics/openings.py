"""A text about a thing begins with the thing: the description of a course, a project, an article names it.

    title ─┬─ slug
           └─ opening: "Twelve Questions About Baking" grew out of a talk … + sentences of the topic

Openings are data (``[about.course]``: ``{}`` stands for the title), in the language of the text; a language without
some begins at once.
"""

from __future__ import annotations

import msgspec

from understudy.model.expression import Call, Case, Column, Const, Join, Node, Pool, Prose, Uniform, When
from understudy.semantics import pools
from understudy.semantics.loom import UNLIMITED, UNSPACED, Loom, limits
from understudy.semantics.nouns import Want
from understudy.types import Kind

TOPICS = frozenset(
    {
        "text.article",
        "general.sentence",
        "commerce.description",
        "text.category_note",
        "text.bug",
        "education.course_text",
    }
)
"""Topics of texts that are about the row itself."""
TITLES = {
    "course": "course", "project_name": "project", "campaign": "campaign", "event_title": "event",
    "group_name": "group", "hotel": "hotel", "school": "school", "company": "company", "product_name": "product",
    "book": "book", "album": "album", "headline": "article", "task_title": "task",
}  # fmt: skip
"""Meanings of titles, and the section of what is said of such things, the surest subject first."""
LEAST_ROOM = 60
"""Characters that the text behind an opening needs."""


def opened(loom: Loom, want: Want, topic: str, use: str, text: Prose) -> Node:
    """The text behind an opening that names what the row is about, where the row says that and there is room."""
    found = _title(loom, want)
    drawn = use.partition(".")[0] == "v" and not want.unique and want.field.name in loom.tokens
    if topic not in TOPICS or found is None or not drawn:
        return text
    title, section = found
    ways = pools.words(f"about.{section}", loom.locale) if loom.speaks(f"about.{section}", loom.locale) else ()
    halves = [way.partition("{}") for way in ways]
    if not halves:
        return text
    gap = "" if loom.locale[:2] in UNSPACED else " "
    tag = f"{loom.locale}:about.{section}"
    which = Uniform(f"{use}.about", Const(0), Const(len(halves) - 1))
    before = Pool(loom.keep(f"pool:{tag}:before", tuple(h[0] for h in halves)), which)
    after = Pool(loom.keep(f"pool:{tag}:after", tuple(h[2] + gap for h in halves)), which)
    head = (before, Column(title), after)
    longest = limits(want)[1]
    if longest < UNLIMITED:
        room = longest - loom.span(Join(head))[1]
        if room < LEAST_ROOM:
            return text
        text = msgspec.structs.replace(text, length=room)
    whole = Join((*head, text))
    if not loom.field(title).nullable:
        return whole
    return Case((When(Call("is_null", (Column(title),)), text),), whole)


def _title(loom: Loom, want: Want) -> tuple[str, str] | None:
    """The column that says what the row is about, and what kind of thing it is."""
    for meaning, section in TITLES.items():
        for name in loom.named(meaning):
            if name != want.field.name and loom.field(name).type.kind is Kind.TEXT:
                return name, section
    return None
