"""What a control is called on the page, by every way HTML has and some that it has not.

Order: what the page says about exactly this control first (``aria-labelledby``, ``label for``, a label around it,
``aria-label``, a component's own label), then what stands near (a label without ``for``, the cell to the left, the
column's head, the text before, or after a box), then ``title`` and ``placeholder``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from understudy.sources.ui.nouns import Label
from understudy.sources.ui.walk import Item, Node, words_in

LONGEST_LABEL = 160
"""Characters: what is longer is an explanation."""
NOISE = re.compile(r"^[\s*:†‡•|/,.;()\-–—?!=>]+|[\s*:†‡•|(\-–—=<]+$")
FILLER = re.compile(
    r"^(?:\*|\(?(?:required|optional|pflichtfeld|obligatoire|requerido|show|hide|toggle|edit|change)\)?|or|oder|ou|\$|€|£|#|@|\d+)$",
    re.IGNORECASE,
)


def trimmed(text: str) -> str:
    """Without the stars, colons and dashes around it.

    >>> trimmed("First name: *"), trimmed("— E-mail")
    ('First name', 'E-mail')
    """
    previous = None
    while previous != text:
        previous = text
        text = NOISE.sub("", text).strip()
        text = re.sub(r"\s*\(?\b(?:required|optional)\b\)?\s*$", "", text, flags=re.IGNORECASE).strip()
    return text


class Labels:
    """Finds the labels of a page's controls."""

    def __init__(self, root: Node, items: Sequence[Item], spoken: Callable[[str], str]) -> None:
        self.items, self.spoken = items, spoken
        self.by_id: dict[str, Node] = {}
        self.by_for: dict[str, list[Node]] = {}
        for node in root.css("[id]"):
            self.by_id.setdefault(node.attributes.get("id") or "", node)
        for node in root.css("label[for], us-label[for]"):
            self.by_for.setdefault(node.attributes.get("for") or "", []).append(node)
        for node in root.css("label[data-us-for]"):
            self.by_for.setdefault(node.attributes.get("data-us-for") or "", []).append(node)
        self.places = [i for i, item in enumerate(items) if item.control is not None]
        self.taken = self._taken()

    def _taken(self) -> set[int]:
        """Labels that say by ``for`` which control they are of, and it exists."""
        known = {i.control.attributes.get("id") for i in self.items if i.control is not None}
        return {n.mem_id for target, nodes in self.by_for.items() if target in known for n in nodes}

    def of(self, place: int, kind: str) -> tuple[Label, ...]:
        """All labels of the control at ``items[place]``, surest first, each text once."""
        item = self.items[place]
        node = item.control
        if node is None:
            return ()
        attributes = node.attributes
        found = [Label(self._told(t), w, t) for t, w in self._own(node, attributes, item)]
        if not any(label.text for label in found):
            found += [Label(self._told(t), w, t) for t, w in self._near(place, kind)]
        for name in ("title", "placeholder"):
            said = attributes.get(name) or ""
            found.append(Label(self._told(said), name, said))
        unique = {label.text: label for label in reversed(found) if label.text and len(label.text) <= LONGEST_LABEL}
        return tuple(label for label in reversed(unique.values()))

    def _told(self, text: str) -> str:
        return trimmed(self.spoken(text))

    def _own(self, node: Node, attributes: Mapping[str, str | None], item: Item) -> list[tuple[str, str]]:
        found = []
        for ident in (attributes.get("aria-labelledby") or "").split():
            if ident in self.by_id:
                found.append((words_in(self.by_id[ident]), "aria-labelledby"))
        if len(found) > 1:
            found = [(" ".join(t for t, _ in found), "aria-labelledby")]
        for label in self.by_for.get(attributes.get("id") or "\0", ()):
            found.append((words_in(label), "label for"))
        if item.around.label is not None and not self._speaks_of_another(item.around.label, node):
            found.append((words_in(item.around.label), "label around"))
        found.append((attributes.get("data-us-label") or "", "component"))
        for field in reversed(item.around.fields):
            if field.mem_id != node.mem_id and self._alone(field, node):
                inner = [
                    n for n in field.css("label") if n.mem_id not in self.taken and "data-us-wrap" not in n.attributes
                ]
                said = field.attributes.get("data-us-label") or (words_in(inner[0]) if inner else "")
                found.append((said, "component"))
                break
        found.append((attributes.get("aria-label") or "", "aria-label"))
        return found

    def _speaks_of_another(self, label: Node, node: Node) -> bool:
        """Whether a label around several controls is of the first of them only."""
        controls = label.css("input, select, textarea")
        return (
            bool(controls)
            and controls[0].mem_id != node.mem_id
            and node.attributes.get("type") not in ("radio", "checkbox")
        )

    @staticmethod
    def _alone(field: Node, node: Node) -> bool:
        controls = [c for c in field.css("input, select, textarea") if c.attributes.get("type") != "hidden"]
        names = {c.attributes.get("name") or c.attributes.get("data-us-model") or str(c.mem_id) for c in controls}
        return len(names) <= 1 or controls[0].mem_id == node.mem_id

    # ---- what stands near ---------------------------------------------------------------------------
    def _near(self, place: int, kind: str) -> list[tuple[str, str]]:
        boxed = kind in ("checkbox", "radio")
        found: list[tuple[str, str]] = []
        if boxed:
            found += self._after(place)
        item = self.items[place]
        before = self._before(place)
        labels = [b for b in before if b.around.label is not None and b.around.label.mem_id not in self.taken]
        if labels:
            found.append((words_in(labels[-1].around.label), "label near"))
        if item.around.cell is not None and not boxed:
            found += self._cells(item.around.cell)
        plain = [b for b in before if self._is_wording(b)]
        if plain and not boxed:
            found.append((self._run(plain), "text before"))
        return found

    def _before(self, place: int) -> list[Item]:
        """Texts between the previous control (hidden ones aside) and this one."""
        found: list[Item] = []
        form = self.items[place].around.form
        for i in range(place - 1, max(-1, place - 40), -1):
            item = self.items[i]
            if item.control is not None:
                if item.control.attributes.get("type") in ("hidden", "submit", "button", "image", "reset"):
                    continue
                break
            if (item.around.form is None) != (form is None):
                break
            found.append(item)
        return found[::-1]

    def _after(self, place: int) -> list[tuple[str, str]]:
        texts: list[str] = []
        block = self.items[place].around.block
        for item in self.items[place + 1 : place + 12]:
            if item.control is not None or (texts and item.around.block != block):
                break
            if item.around.label is not None and item.around.label.mem_id in self.taken:
                break
            texts.append(item.text)
            if item.around.label is not None:
                break
        return [(" ".join(texts), "text after")] if texts else []

    @staticmethod
    def _is_wording(item: Item) -> bool:
        around = item.around
        return not (around.button is not None or around.error or around.hint or around.heading) and not FILLER.match(
            item.text
        )

    @staticmethod
    def _run(plain: Sequence[Item]) -> str:
        """The last texts that stand in one block: ``Name <small>of the owner</small>``."""
        last = plain[-1]
        texts = [last.text]
        for item in reversed(plain[:-1]):
            if item.around.block != last.around.block:
                break
            texts.append(item.text)
        whole = " ".join(reversed(texts))
        return whole if len(whole) <= LONGEST_LABEL else last.text

    @staticmethod
    def _cells(cell: Node) -> list[tuple[str, str]]:
        """The cell to the left, else the head of the column."""
        previous, column = cell.prev, 0
        left = ""
        while previous is not None:
            if previous.tag in ("td", "th"):
                column += 1
                left = left or words_in(previous)
            previous = previous.prev
        if trimmed(left):
            return [(left, "cell to the left")]
        table = cell.parent
        while table is not None and table.tag != "table":
            table = table.parent
        first = table.css_first("tr") if table is not None else None
        cells = [c for c in first.iter() if c.tag in ("td", "th")] if first is not None else []
        if column < len(cells) and cells[column].tag == "th":
            return [(words_in(cells[column]), "head of the column")]
        return []
