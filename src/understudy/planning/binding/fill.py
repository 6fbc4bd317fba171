"""Values for the columns that no key, parent or formula settles: semantics' recipes within the rules' domains."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec
import pyarrow as pa

from understudy import rules, semantics
from understudy.model.domain import Domain
from understudy.model.expression import Node
from understudy.model.plan import PlannedColumn
from understudy.model.schema import Entity, Field
from understudy.rules import patterns
from understudy.semantics import Coded, Recipe, Want


class Filling(msgspec.Struct):
    """Recipes per column, helper columns and artefacts; grows as variants are added."""

    recipes: dict[str, Recipe]
    hidden: list[PlannedColumn]
    artefacts: dict[str, pa.Array]


class Filler:
    """Asks semantics for one table: once for all columns together, then for single variants."""

    def __init__(self, entity: Entity, *, locale: str, clock: int, rows: int) -> None:
        self.entity, self.locale, self.clock, self.rows = entity, locale, clock, rows
        self.variants = 0

    def fill(self, fields: Sequence[Field], domains: Mapping[str, Domain], unique: Iterable[str]) -> Filling:
        """Recipes for all ``fields`` at once, so that they agree with each other."""
        distinct = set(unique)
        wants = [Want(f, domains.get(f.name, Domain()), f.name in distinct) for f in fields]
        made = semantics.compose(self.entity, wants, locale=self.locale, clock=self.clock, rows=self.rows)
        recipes = {
            f.name: self._patterned(f, domains.get(f.name, Domain()), made.recipes[f.name], f.name in distinct)
            for f in fields
        }
        return Filling(recipes, list(made.hidden), dict(made.artefacts))

    def variant(self, filling: Filling, field: Field, domain: Domain) -> Recipe:
        """A recipe of one column under another domain; its helpers join ``filling`` under names of their own."""
        self.variants += 1
        made = semantics.compose(
            self.entity, [Want(field, domain, False)], locale=self.locale, clock=self.clock, rows=self.rows
        )
        names = {h.name: f"{h.name}~{self.variants}" for h in made.hidden}
        for helper in made.hidden:
            renamed = rules.rename(helper.expression, names)
            filling.hidden.append(msgspec.structs.replace(helper, name=names[helper.name], expression=renamed))
        filling.artefacts.update(made.artefacts)
        recipe = self._patterned(field, domain, made.recipes[field.name], False)
        return msgspec.structs.replace(recipe, expression=rules.rename(recipe.expression, names))

    def _patterned(self, field: Field, domain: Domain, recipe: Recipe, unique: bool) -> Recipe:
        """A recipe that a pattern of the domain overrules, unless the meaning's own values fit it by nature."""
        if not domain.patterns or domain.values is not None:
            return recipe
        language = _language(domain, field)
        if language is None:
            return recipe
        coded = None
        if unique and recipe.coded is not None:
            coded = Coded(language.size, language.expression(recipe_code(field.name), "pattern"))
        return msgspec.structs.replace(
            recipe,
            expression=language.expression(None, "pattern"),
            reason=f"text of the form {domain.patterns[0][0]}",
            coded=coded,
        )


def recipe_code(column: str) -> Node:
    """The hidden code that a unique column's recipe reads."""
    from understudy.model.expression import Column
    from understudy.planning import names

    return Column(names.code(column))


def _language(domain: Domain, field: Field) -> patterns.Language | None:
    """A sampler for all patterns together within the lengths permitted."""
    longest = min((n for n in (domain.longest, field.type.length) if n is not None), default=None)
    found = patterns.intersection(domain.patterns, shortest=domain.shortest or 0, longest=longest)
    return found if found is not None and found.size > 1 else None
