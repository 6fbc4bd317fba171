"""The recipe of a structured column: its parts are columns, and elements of lists are drawn within their domain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from understudy.model.domain import Domain
from understudy.model.expression import Call, Column, Const, Node
from understudy.model.schema import Field
from understudy.planning.binding.assembly import assembled
from understudy.planning.binding.fill import Filler, Filling
from understudy.planning.solving.parts import Parts, Whole, wanted_elements
from understudy.planning.solving.rulebook import Understood
from understudy.rules.trees import walk
from understudy.semantics import Recipe


class Assembler(msgspec.Struct, frozen=True):
    """Makes the recipe of a structured column out of its parts."""

    parts: Parts
    domains: Mapping[str, Domain]
    understood: Sequence[Understood]

    def __call__(self, filler: Filler, filling: Filling, field: Field, domain: Domain, recipe: Recipe) -> Recipe | None:
        """None for a column that is not made of parts."""
        whole = self.parts.wholes.get(field.name)
        if whole is None:
            return None

        def element(name: str) -> Node:
            return self._element(filler, filling, whole, name)

        node = assembled(
            whole,
            domain,
            self._domain,
            element,
            lambda: recipe.expression,
            wanted_elements((u.predicate for u in self.understood), field.name),
        )
        return msgspec.structs.replace(
            recipe, expression=node, reason="made of the parts that its checks speak of", meaning="", coded=None
        )

    def _domain(self, name: str) -> Domain:
        """What a part may be; where rules leave it open in some rows, what they name in the others."""
        domain = self.domains.get(name, Domain())
        if domain.values is not None:
            return domain
        named = [
            v.value
            for u in self.understood
            for n in walk(u.predicate)
            if isinstance(n, Call) and n.function in ("=", "in") and n.args[0] == Column(name)
            for v in n.args[1:]
            if isinstance(v, Const) and v.value is not None
        ]
        return domain.intersect(Domain(values=tuple(named))) if named else domain

    def _element(self, filler: Filler, filling: Filling, whole: Whole, name: str) -> Node:
        kind = whole.field.type.element
        assert kind is not None
        bare = msgspec.structs.replace(kind, checks=())
        field = Field(name or whole.field.name, bare, nullable=False)
        return filler.fresh(filling, field, self.domains.get(name, Domain())).expression
