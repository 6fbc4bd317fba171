"""Accounts and cards of a row: numbers with right check digits, of the row's country, bank and network; loans that
add up."""

from __future__ import annotations

from functools import cache

from understudy.model.expression import Call, Case, Choice, Column, Const, Digits, Join, Node, Take, Uniform, When
from understudy.semantics import codes, gazetteer, numbers, places, textual
from understudy.semantics.loom import Loom, limits
from understudy.semantics.making import PREPARERS, Made, label, maker, number, option
from understudy.semantics.nouns import Coded, SemanticType, Want
from understudy.semantics.records import Record
from understudy.types import Kind

IBANS = {
    "DE": ("50010517", 10), "NL": ("INGB", 10), "GB": ("MIDL400515", 8), "AT": ("19043", 11), "CH": ("00762", 12),
    "TR": ("000610", 16), "SA": ("80", 18), "IE": ("AIBK931152", 8), "LU": ("001", 13), "SE": ("500", 17),
    "DK": ("0040", 10), "PL": ("10901014", 16), "GR": ("0110125", 16), "RO": ("AAAA", 16), "CY": ("00200128", 16),
    "LT": ("10000", 11), "LV": ("BANK", 13), "MT": ("MALT011000", 18), "AE": ("033", 16), "IL": ("010800", 13),
}  # fmt: skip
"""Countries whose account numbers carry no check of their own: bank (from the examples in the IBAN registry of
SWIFT) and
how many digits follow."""
MAIN = ("DE", "NL", "GB", "AT", "CH", "IE", "LU", "SE", "DK", "PL")
"""Where accounts are when the row's country has no such numbers."""


@cache
def _homes() -> tuple[int, ...]:
    """Per country the position of its accounts, that of another where it has none."""
    order = list(IBANS)
    return tuple(
        order.index(c) if c in IBANS else order.index(MAIN[i % len(MAIN)]) for i, c in enumerate(gazetteer.countries())
    )


@maker("iban")
def make_iban(loom: Loom, want: Want, t: SemanticType, use: str) -> Made | None:
    """An IBAN of the row's country (or of the locale's), where it has any; its check digits are right."""
    longest = limits(want)[1]
    shared = use == "v" and places.group_for(loom, ()) is not None and places.Place(loom, "").world
    fits = [c for c in IBANS if 4 + len(IBANS[c][0]) + IBANS[c][1] <= longest]
    if not fits:
        return None
    if shared and len(fits) == len(IBANS):
        nation = places.Place(loom, "").country_index()
        index: Node = Take(loom.keep_numbers("pool:iban_of_country", _homes()), nation)
        chosen = list(IBANS)
    else:
        home = loom.locale[-2:] if loom.locale[-2:] in fits else "DE" if "DE" in fits else fits[0]
        chosen, index = [home], Const(0)
    drawn = Uniform(use, Const(0), Const(10**8 - 1))
    node = _iban(chosen, index, drawn)
    coded = _iban(chosen, index, codes.code_of(want))
    return Made(node, label(t), Coded(10**8, coded))


def _iban(chosen: list[str], index: Node, digits: Node) -> Node:
    """Country, check digits, bank and account; the last eight digits tell accounts apart."""
    parts = []
    for country in chosen:
        bank, width = IBANS[country]
        account = Join((Const(bank + "0" * (width - 8)), Digits(digits, 8)))
        check = Call("mod97", (Join((account, Const(country))),))
        parts.append(Join((Const(country), check, account)))
    if len(parts) == 1:
        return parts[0]
    return Case(tuple(When(Call("=", (index, Const(i))), p) for i, p in enumerate(parts[:-1])), parts[-1])


@maker("bic")
def make_bic(loom: Loom, want: Want, t: SemanticType, use: str) -> Made | None:
    """Bank, country and place; eight characters, or eleven with a branch."""
    shortest, longest = limits(want)
    bank = Digits(Uniform(use, Const(0), Const(26**4 - 1)), 4, codes.LETTERS)
    country: Node = Const(loom.locale[-2:])
    if "world of " in loom.shared and use == "v":
        found = places.Place(loom, "").nation(1, "nation1", 2, 2)
        country = found if found is not None else country
    place = Digits(Uniform(use + ".place", Const(10 * 36), Const(36**2 - 1)), 2, codes.BASE36)
    long = longest >= 11 and (want.field.type.fixed or shortest > 8)
    branch = Const("XXX") if long else Const("")
    if longest < 8 or (want.field.type.fixed and longest not in (8, 11)):
        return None
    coded = Join((Digits(codes.code_of(want), 4, codes.LETTERS), country, Const("22"), branch))
    return Made(Join((bank, country, place, branch)), label(t), textual.coded(loom, want, [Coded(26**4, coded)]))


# ---- cards -----------------------------------------------------------------------------------------
def _card_number(loom: Loom, card: Record, digits: Node, fixed16: bool) -> Node:
    prefix = card.text("prefix")
    assert prefix is not None
    full = Call("luhn", (Join((prefix, Digits(digits, 9))),))
    if fixed16:
        return full
    short = Call("luhn", (Join((prefix, Digits(Call("%", (digits, Const(10**8))), 8))),))
    return Case((When(Call("=", (card.number("digits"), Const(15))), short),), full)


def prepare(loom: Loom) -> None:
    """Notes the column that holds the whole number of the row's card."""
    for name, meaning in loom.meanings.items():
        if (
            meaning == "card_number"
            and loom.wants[name].field.type.kind is Kind.TEXT
            and limits(loom.wants[name])[1] >= 16
        ):
            loom.shared["card number"] = Column(name)
            if limits(loom.wants[name])[0] == 16 or loom.wants[name].field.type.fixed:
                loom.shared["card of 16"] = Const(True)


@maker("card")
def make_card(loom: Loom, want: Want, t: SemanticType, use: str) -> Made | None:
    """A card of a test range: ``aspect`` number, last4, masked; network and number agree."""
    aspect = option(t, "aspect")
    shortest, longest = limits(want)
    if aspect != "number":
        return _part_of_card(loom, want, t, use)
    if longest < 16 or shortest > 16:
        return None
    fixed16 = want.field.type.fixed or shortest == 16
    card = Record(loom, "card", "", "" if use == "v" else use)
    drawn = Uniform(use, Const(0), Const(10**9 - 1))
    node = _card_number(loom, card, drawn, fixed16)
    coded = Coded(10**8, _card_number(loom, card, codes.code_of(want), fixed16))
    return Made(node, f"{label(t)} of the network's test range", coded)


def _part_of_card(loom: Loom, want: Want, t: SemanticType, use: str) -> Made | None:
    longest = limits(want)[1]
    whole = loom.shared.get("card number")
    last: Node = Digits(Uniform(use, Const(0), Const(9999)), 4)
    if isinstance(whole, Column) and use == "v":
        last = Call("right", (whole, Const(4)))
        if loom.wants[whole.name].field.nullable:
            last = Call("coalesce", (last, Digits(Uniform(use, Const(0), Const(9999)), 4)))
    if option(t, "aspect") == "masked" and longest >= 19:
        last = Join((Const("**** **** **** "), last))
    node_fits = longest >= 4
    return Made(last, f"{label(t)} of the row's card") if node_fits else None


# ---- loans -----------------------------------------------------------------------------------------
TERMS = (12, 24, 36, 48, 60, 72, 84, 120, 180, 240, 300, 360)
MONTHS_IN = 12


def loan(loom: Loom, part: str) -> Column:
    """Hidden parts of the row's loan: principal (cents), rate (thousandths of a percent), term (months)."""
    match part:
        case "principal":
            whole = Call("*", (numbers.law("v", 10, 9_000, 180, 1.1), Const(10_000)))
            return loom.hide("loan.principal", whole, reason="what is lent, in cents")
        case "rate":
            return loom.hide(
                "loan.rate", numbers.law("v", 1_250, 14_990, 4_900, 0.5), reason="thousandths of a percent a year"
            )
        case "term":
            terms = loom.keep_numbers("pool:loan_terms", TERMS)
            return loom.hide(
                "loan.term", Take(terms, Choice("v", (2, 3, 4, 3, 6, 2, 2, 3, 2, 3, 1, 4.0))), reason="months"
            )
        case "share":
            return loom.hide("loan.share", Uniform("v", Const(20), Const(980)), reason="thousandths still owed")
        case _:
            rate = Call("/", (Call("*", (loan(loom, "rate"), Const(1.0))), Const(1_200_000.0)))
            grown = Call("power", (Call("+", (rate, Const(1.0))), loan(loom, "term")))
            owed = Call("*", (Call("*", (loan(loom, "principal"), Const(1.0))), rate))
            payment = Call("/", (Call("*", (owed, grown)), Call("-", (grown, Const(1.0)))))
            return loom.hide("loan.payment", Call("round", (payment,)), reason="cents a month, by the annuity formula")


def ends(loom: Loom, want: Want) -> Made | None:
    """The day on which the row's loan is paid off: its term after its start."""
    start = next(
        (
            n
            for n, w in loom.tokens.items()
            if w in (("start", "date"), ("start",), ("begin", "date"), ("disbursed", "at"), ("opened", "on"))
        ),
        None,
    )
    if "loan_term" not in loom.meanings.values() or start is None or start not in loom.wants:
        return None
    kinds = {loom.wants[start].field.type.kind, want.field.type.kind}
    if kinds != {Kind.DATE} or not {"end", "maturity", "ends", "final"} & set(loom.tokens[want.field.name]):
        return None
    term = next(n for n, m in loom.meanings.items() if m == "loan_term")
    if (
        loom.wants[start].field.nullable
        or loom.wants[term].field.nullable
        or want.domain.low is not None
        or want.domain.high is not None
    ):
        return None
    return Made(Call("add_months", (Column(start), Column(term))), f"'{start}' and the months of '{term}'")


@maker("loan")
def make_loan(loom: Loom, want: Want, t: SemanticType, use: str) -> Made | None:
    """A part of the row's loan: principal, rate, term, payment, owed."""
    part, kind = option(t, "part"), want.field.type.kind
    if kind is Kind.TEXT:
        return None
    low, high, _ = numbers.bounds(want)
    if part == "term":
        if low > TERMS[0] or high < TERMS[-1] or kind is not Kind.INTEGER or use != "v":
            node = numbers.within(want, use, 6, 36, 360, 0.8)
            return Made(node, label(t)) if node is not None else None
        return Made(loan(loom, "term"), label(t))
    scale = numbers.scale_of(want.field.type)
    most = {"rate": 15 * 10**scale, "principal": 900_000 * 10**scale, "owed": 900_000 * 10**scale}.get(
        part, 40_000 * 10**scale
    )
    if use != "v" or high < most or low > 0 or want.domain.refused:
        node = numbers.within(want, use, 0, round(number(t, "median", 5) * 10**scale), most, 0.7)
        return Made(node, label(t)) if node is not None else None
    if part == "rate":
        value: Node = _rescaled(loan(loom, "rate"), 3, 2 if kind is Kind.FLOAT else scale)
    elif part == "owed":
        value = _rescaled(_owed(loom), 2, scale)
    elif part == "payment":
        if kind is Kind.FLOAT:
            return Made(Call("/", (loan(loom, "payment"), Const(100.0))), label(t))
        shown = Cents(loan(loom, "payment"))
        value = _rescaled(shown.node, 2, scale)
    else:
        value = _rescaled(loan(loom, "principal"), 2, scale)
    return Made(numbers.as_float(want, value), f"{label(t)} of the row's loan", numbers.coded(want, loom.rows))


class Cents:
    """A rounded float as a whole number that counts in a column's own units."""

    def __init__(self, column: Node) -> None:
        self.node: Node = Call("units", (column,))


def _owed(loom: Loom) -> Node:
    """What is left of the principal: nothing where the status says so."""
    from understudy.semantics import stages

    part = Call(
        "*", (Call("/", (Call("*", (loan(loom, "principal"), loan(loom, "share"))), Const(100_000))), Const(100))
    )
    status = stages.status_of(loom, "")
    if status is None:
        return part
    column, known = status
    done = [v for v in known if stages.plain(v) in ("paid off", "closed", "repaid", "settled", "paid", "completed")]
    return Case((When(Call("in", (Column(column), *(Const(v) for v in done))), Const(0)),), part) if done else part


def _rescaled(node: Node, has: int, wants: int) -> Node:
    if has == wants:
        return node
    return (
        Call("*", (node, Const(10 ** (wants - has)))) if wants > has else Call("/", (node, Const(10 ** (has - wants))))
    )


PREPARERS.append(prepare)
