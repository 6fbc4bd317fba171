"""Values for the columns that no key, parent or formula settles: semantics' recipes within the rules' domains."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec
import pyarrow as pa

from understudy import rules, semantics
from understudy.errors import UnderstudyError
from understudy.model.domain import Domain
from understudy.model.expression import Column, Const, Node, Permute, Row
from understudy.model.plan import PlannedColumn, PlannedTable
from understudy.model.schema import Entity, Field
from understudy.planning import names
from understudy.planning.trees import marked
from understudy.rules import patterns
from understudy.semantics import Coded, Recipe, Up, Want
from understudy.types import Kind, Type

Assemble = Callable[["Filler", "Filling", Field, Domain, Recipe], Recipe | None]
"""The recipe of a structured column that is made of its parts; None for all others."""

PROBED = 64
FITTING = 0.75
"""Share of a meaning's own values that must match a pattern for the meaning to be kept."""


class Filling(msgspec.Struct):
    """Recipes per column, helper columns and artefacts; grows as variants are added."""

    recipes: dict[str, Recipe]
    hidden: list[PlannedColumn]
    artefacts: dict[str, pa.Array]
    notes: tuple[str, ...] = ()


class Filler:
    """Asks semantics for one table: once for all columns together, then for single variants."""

    def __init__(
        self,
        entity: Entity,
        *,
        locale: str,
        clock: int,
        rows: int,
        sample: Callable[[PlannedTable, str, Mapping[str, pa.Array]], list[str]],
        mark: str = "",
        assemble: Assemble | None = None,
        given: Sequence[Field] = (),
        ups: Sequence[Up] = (),
    ) -> None:
        """``mark`` stands before every stream's name: rows added to others must not draw what those drew. ``given``:
        columns settled elsewhere that recipes may read; ``ups``: parents that they may read."""
        self.given, self.ups = given, ups
        self.mark, self.assemble = mark, assemble
        self.entity, self.locale, self.clock, self.rows, self.sample = entity, locale, clock, rows, sample
        self.variants = 0

    def fill(self, fields: Sequence[Field], domains: Mapping[str, Domain], unique: Iterable[str]) -> Filling:
        """Recipes for all ``fields`` at once, so that they agree with each other."""
        distinct = set(unique)
        wants = [Want(f, _measured(domains.get(f.name, Domain())), f.name in distinct) for f in fields]
        made = semantics.compose(
            self.entity, wants, locale=self.locale, clock=self.clock, rows=self.rows, given=self.given, ups=self.ups
        )
        recipes = {
            f.name: self._patterned(f, domains.get(f.name, Domain()), made.recipes[f.name], f.name in distinct, made)
            for f in fields
        }
        hidden = list(made.hidden)
        if self.mark:
            recipes = {n: self._marked(r) for n, r in recipes.items()}
            hidden = [msgspec.structs.replace(h, expression=marked(h.expression, self.mark)) for h in hidden]
        filling = Filling(recipes, hidden, dict(made.artefacts), made.notes)
        for field in fields if self.assemble is not None else ():
            filling.recipes[field.name] = self._assembled(filling, field, domains.get(field.name, Domain()))
        return filling

    def _assembled(self, filling: Filling, field: Field, domain: Domain) -> Recipe:
        recipe = filling.recipes[field.name]
        made = self.assemble(self, filling, field, domain, recipe) if self.assemble is not None else None
        return recipe if made is None else made

    def _marked(self, recipe: Recipe) -> Recipe:
        coded = recipe.coded and Coded(recipe.coded.capacity, marked(recipe.coded.expression, self.mark))
        null_when = None if recipe.null_when is None else marked(recipe.null_when, self.mark)
        expression = marked(recipe.expression, self.mark)
        return msgspec.structs.replace(recipe, expression=expression, coded=coded, null_when=null_when)

    def variant(self, filling: Filling, field: Field, domain: Domain) -> Recipe:
        """A recipe of one column under another domain; its helpers join ``filling`` under names of their own."""
        if self.assemble is not None and field.name in filling.recipes:
            assembled = self.assemble(self, filling, field, domain, filling.recipes[field.name])
            if assembled is not None:
                return assembled
        return self.fresh(filling, field, domain)

    def fresh(self, filling: Filling, field: Field, domain: Domain) -> Recipe:
        """A recipe of a column (or of something like one) that is made anew."""
        self.variants += 1
        made = semantics.compose(
            self.entity,
            [Want(field, domain, False)],
            locale=self.locale,
            clock=self.clock,
            rows=self.rows,
            given=self.given,
            ups=self.ups,
        )
        names = {h.name: f"{h.name}~{self.variants}" for h in made.hidden}
        mark = f"{self.mark}{self.variants}~"
        for helper in made.hidden:
            renamed = rules.rename(helper.expression, names)
            filling.hidden.append(msgspec.structs.replace(helper, name=names[helper.name], expression=renamed))
        filling.artefacts.update(made.artefacts)
        recipe = self._patterned(field, domain, made.recipes[field.name], False, made)
        return msgspec.structs.replace(recipe, expression=marked(rules.rename(recipe.expression, names), mark))

    def _patterned(
        self, field: Field, domain: Domain, recipe: Recipe, unique: bool, made: semantics.Composition
    ) -> Recipe:
        """A recipe that a pattern of the domain overrules, unless its meaning's or the seen values fit it by nature;
        plain words of no meaning stay where they all fit it (a text that must not be blank)."""
        if not domain.patterns or domain.values is not None:
            return recipe
        language = _language(domain, field)
        known = recipe.meaning or (field.distribution is not None and field.distribution.values)
        share = 1.0 if unique or not known else FITTING
        if language is None or ((known or not unique) and self._fits(field, recipe, made, language, unique, share)):
            return recipe
        coded = Coded(language.size, language.expression(recipe_code(field.name), "pattern"))
        return msgspec.structs.replace(
            recipe,
            expression=language.expression(None, "pattern"),
            reason=f"text of the form {domain.patterns[0][0]}",
            coded=coded if unique or recipe.coded is not None else None,
        )

    def _fits(
        self,
        field: Field,
        recipe: Recipe,
        made: semantics.Composition,
        language: patterns.Language,
        unique: bool,
        share: float,
    ) -> bool:
        """Whether so many values of a recipe match anyhow; the few that do not are redrawn later. Distinct values
        cannot be redrawn: all of them must match."""
        if unique and recipe.coded is None:
            return False
        given = recipe.coded if unique else None
        size = PROBED if given is None else given.capacity
        probes: Node = Row() if given is None else Permute("probe", Row(), Const(size))
        code = PlannedColumn(names.code(field.name), Type(Kind.INTEGER), probes, hidden=True)
        column = PlannedColumn(field.name, field.type, recipe.expression if given is None else given.expression)
        trial = PlannedTable(self.entity.name, min(PROBED, size), (column, code, *made.hidden))
        try:
            values = self.sample(trial, field.name, made.artefacts)
        except UnderstudyError:  # its helpers read codes of other columns, which are not planned yet
            return False
        return bool(values) and sum(language.matches(v) for v in values) >= share * len(values)


def _measured(domain: Domain) -> Domain:
    """A domain with the lengths that its patterns leave: what has no room is not proposed in the first place."""
    if not domain.patterns or domain.values is not None:
        return domain
    least, most = patterns.lengths(domain.patterns)
    shortest = max(domain.shortest or 0, least)
    longest = min((n for n in (domain.longest, most) if n is not None), default=None)
    return msgspec.structs.replace(domain, shortest=shortest or domain.shortest, longest=longest)


def recipe_code(column: str) -> Node:
    """The hidden code that a unique column's recipe reads."""
    return Column(names.code(column))


def _language(domain: Domain, field: Field) -> patterns.Language | None:
    """A sampler for all patterns together within the lengths permitted."""
    longest = min((n for n in (domain.longest, field.type.length) if n is not None), default=None)
    found = patterns.intersection(domain.patterns, shortest=domain.shortest or 0, longest=longest)
    return found if found is not None and found.size > 1 else None
