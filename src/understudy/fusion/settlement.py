"""One field, many claims: what holds, which rules follow, and the account of it.

The storage is the database's own where one speaks; what the others ask of values is met within it: all at once where
that is possible, else without the claims of least weight, which are named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import msgspec

from understudy.fusion.claims_text import said as words_of
from understudy.fusion.claims_text import shown_type
from understudy.fusion.demands import Context, Demands, Outcome, asked
from understudy.fusion.rulings import Speaker
from understudy.fusion.saying import Said, account, sources_of
from understudy.model.distribution import Distribution
from understudy.model.evidence import FacetKind
from understudy.model.origin import SourceKind
from understudy.model.rule import Rule
from understudy.model.schema import Facet, Field
from understudy.types import Kind, Type, supports

AGREES = 0.5
"""Types that support each other this far say the same of a field."""

MEANT = 0.35
"""Least weight of claims that give a field its meaning."""
SHOWN_BY_VALUES = 0.8
"""Certainty from which on a file's values show a meaning; what only a name says is found again from the name."""


def settle_field(field: Field, said: Mapping[FacetKind, Sequence[Said]], around: Context) -> Outcome:
    """Settle every facet of a field. ``field``: as a database declares it, or as it looks before the vote."""
    return _Settler(field, said, around).outcome()


class _Settler:
    def __init__(self, field: Field, said: Mapping[FacetKind, Sequence[Said]], around: Context) -> None:
        self.field, self.around = field, around
        self.said = {facet: _heard(claims) for facet, claims in said.items()}
        self.unheard = {facet: [s for s in claims if s not in self.said[facet]] for facet, claims in said.items()}
        self.subject = f"{around.table}.{field.name}"
        self.speak = Speaker(around.dialect)
        self.facets: list[Facet] = []
        self.rules: list[Rule] = []

    def outcome(self) -> Outcome:
        self._type()
        self._nullability()
        self._meaning()
        self._spread()
        self._formula()
        asked_for = Demands(self.field, self.said, self.unheard, self.around).outcome()
        return Outcome(asked_for.field, (*self.rules, *asked_for.rules), (*self.facets, *asked_for.facets))

    # ---- type ---------------------------------------------------------------------------------------
    def _type(self) -> None:
        claims = list(self.said.get(FacetKind.TYPE, ()))
        if not claims:
            return
        winner = self._decided(claims) or self._elected(claims)
        kind = cast(Type, winner.value)
        support = [s for s in claims if supports(cast(Type, s.value), kind) >= AGREES]
        against = [s for s in [*claims, *self.unheard.get(FacetKind.TYPE, ())] if s not in support]
        self.field = msgspec.structs.replace(self.field, type=kind)
        reason = ""
        if against:
            others = ", ".join(dict.fromkeys(f"{s.claim.origin.source} says {words_of(s.value)}" for s in against))
            stored = self.around.stored and not winner.person
            how = "is how it is stored" if stored else f"has the most weight ({sum(s.weight for s in support):.2f})"
            reason = f"{shown_type(kind)} {how}; {others}"
        elif len({words_of(s.value) for s in support}) > 1:
            reason = "the others' values fit into it"
        self.facets.append(account(self.subject, "type", shown_type(kind), support, (), against, reason))

    @staticmethod
    def _decided(claims: Sequence[Said]) -> Said | None:
        return next((s for s in claims if s.person), None)

    def _elected(self, claims: Sequence[Said]) -> Said:
        """The storage, where a database says one; else the type that most weight supports, the weightiest first."""
        if self.around.stored:
            return claims[0]

        def worth(candidate: Said) -> tuple[float, float]:
            kind = cast(Type, candidate.value)
            total = sum(s.weight * supports(cast(Type, s.value), kind) for s in claims)
            narrow = sum(supports(kind, cast(Type, s.value)) for s in claims) if kind.kind is not Kind.TEXT else 0.0
            return round(total + 0.05 * narrow, 6), candidate.weight

        specific = [s for s in claims if cast(Type, s.value).kind is not Kind.TEXT]
        best = max(claims, key=worth)
        if cast(Type, best.value).kind is Kind.TEXT and specific:
            narrow = max(specific, key=worth)  # "string" is said of dates and numbers as well
            plain = [s for s in claims if cast(Type, s.value).kind is Kind.TEXT]
            loose = all(supports(cast(Type, s.value), cast(Type, narrow.value)) >= AGREES for s in plain)
            if loose and sum(s.weight for s in specific) >= 0.5 * sum(s.weight for s in plain):
                return narrow
        return best

    # ---- null ---------------------------------------------------------------------------------------
    def _nullability(self) -> None:
        claims = [s for s in self.said.get(FacetKind.NULLABILITY, ()) if isinstance(s.value, bool)]
        if not claims:
            return
        decided = self._decided(claims)
        seen = [s for s in claims if s.claim.origin.kind is SourceKind.FILE and not s.value]
        if seen and any(s.value for s in claims):  # that no row was empty is no rule where another says rows may be
            claims = [s for s in claims if s not in seen]
        demanding = [s for s in claims if not s.value]
        lenient = [s for s in claims if s.value]
        required = not decided.value if decided else bool(demanding)
        reason = ""
        if required and not decided and lenient:
            reason = (
                f"{sources_of(demanding)} demands a value; {sources_of(lenient)} would permit none, and is met by one"
            )
        if required and self.around.optional and not decided and self.around.stored and lenient:
            reason = "it leads back to its own table: the first row has nothing to refer to"
            self._null_account("may be null", lenient, (), demanding, reason)
            return
        if not self.around.stored:
            self.field = msgspec.structs.replace(self.field, nullable=not required)
        elif required and self.field.nullable and not self.around.key and not self.around.made:
            self.rules += asked(self.around, self.field.name, "required", self.speak.required(self.field.name))
        elif decided and not required and not self.field.nullable:
            self.field = msgspec.structs.replace(self.field, nullable=True)
        if required:
            self._null_account(
                "required", demanding, lenient if not decided else (), lenient if decided else (), reason
            )
        else:
            self._null_account("may be null", lenient, (), demanding, reason)

    def _null_account(
        self, value: str, support: Sequence[Said], looser: Sequence[Said], against: Sequence[Said], reason: str
    ) -> None:
        unheard = self.unheard.get(FacetKind.NULLABILITY, ())
        said = "required" if value == "required" else "may be null"
        agreeing = [s for s in unheard if words_of(s.value, "nullability") == said]
        against = [*against, *(s for s in unheard if s not in agreeing)]
        self.facets.append(account(self.subject, "nullability", value, [*support, *agreeing], looser, against, reason))

    # ---- meaning ------------------------------------------------------------------------------------
    def _meaning(self) -> None:
        from understudy.semantics.catalogue import semantic_type
        from understudy.semantics.recognition import GROUPS

        claims = [s for s in self.said.get(FacetKind.MEANING, ()) if isinstance(s.value, str)]
        groups = GROUPS.get(self.field.type.kind, ())
        described = {str(s.value): semantic_type(str(s.value)) for s in claims}
        fitting = {n for n, t in described.items() if t is not None and any(k in groups for k in t.kinds)}
        known = [s for s in claims if s.value in fitting]
        named = [s for s in known if s.claim.origin.kind is SourceKind.FILE and s.claim.certainty < SHOWN_BY_VALUES]
        known = [s for s in known if s not in named]
        if not known:
            return
        totals: dict[str, float] = {}
        for s in known:
            totals[str(s.value)] = totals.get(str(s.value), 0.0) + s.weight
        decided = self._decided(known)
        best = str(decided.value) if decided else max(totals, key=lambda m: (totals[m], m))
        support = [s for s in known if s.value == best]
        against = [s for s in [*known, *self.unheard.get(FacetKind.MEANING, ())] if s.value != best]
        if decided or totals[best] >= MEANT:
            self.field = msgspec.structs.replace(self.field, meaning=best)
        reason = f"{best} weighs {totals[best]:.2f}" if against else ""
        self.facets.append(account(self.subject, "meaning", best, support, (), against, reason))

    def _spread(self) -> None:
        """How values are spread, as the best witness saw it; no rule, and none of a reference's."""
        seen = [s for s in self.said.get(FacetKind.DISTRIBUTION, ()) if isinstance(s.value, Distribution)]
        if seen and not self.around.refers and not self.around.key:
            best = max(seen, key=lambda s: (s.person, s.weight))
            self.field = msgspec.structs.replace(self.field, distribution=cast(Distribution, best.value))
            rows = cast(Distribution, best.value).rows
            words = f"as seen in {rows:,} rows" if rows else "as described"
            others = [s for s in seen if s is not best]
            self.facets.append(account(self.subject, "distribution", words, [best], others))

    def _formula(self) -> None:
        """How the value follows from others: of a field that a database describes, a proposal only."""
        said = [s for s in self.said.get(FacetKind.FORMULA, ()) if isinstance(s.value, str)]
        if not said:
            return
        best = max(said, key=lambda s: s.rank)
        if self.around.stored and not best.person:
            reason = "the names in it are not the database's: it is not followed"
            self.facets.append(account(self.subject, "formula", "not followed", (), (), said, reason))
            return
        self.field = msgspec.structs.replace(self.field, derive=str(best.value))
        others = [s for s in said if s.value != best.value]
        self.facets.append(account(self.subject, "formula", str(best.value), [best], (), others))


def _heard(claims: Sequence[Said]) -> list[Said]:
    """The claims that count: a language model's only where no other source speaks."""
    others = [s for s in claims if s.claim.origin.kind is not SourceKind.LLM]
    return others or list(claims)
