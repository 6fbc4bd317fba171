"""Money and quantities of a row that belong together: price × quantity, subtotal + tax + shipping − discount.

    $money.price, $money.quantity ─► $money.subtotal ─► $money.tax, $money.shipping, $money.discount ─► total

All in hundredths, hidden; each column is a conversion of its own hidden amount.
"""

from __future__ import annotations

from understudy.model.expression import Call, Case, Choice, Column, Const, Node, Take, When
from understudy.semantics import goods, numbers, stages
from understudy.semantics.catalogue import semantic_type
from understudy.semantics.loom import Loom
from understudy.semantics.making import PREPARERS, Made, label, maker, number, option
from understudy.semantics.nouns import SemanticType, Want
from understudy.types import Kind

ENDINGS = (99, 95, 50, 0, 49, 90)
"""Cents that prices end in."""
TAXES: dict[str, tuple[float, ...]] = {
    "en_US": (8, 7.25, 6, 9.5, 0), "en_GB": (20, 5, 0), "en_CA": (13, 5, 0), "en_AU": (10, 0), "de_DE": (19, 7, 0),
    "fr_FR": (20, 10, 5.5, 2.1), "es_ES": (21, 10, 4, 0), "it_IT": (22, 10, 5, 4), "pt_BR": (18, 12, 7, 0),
    "nl_NL": (21, 9, 0), "pl_PL": (23, 8, 5, 0), "tr_TR": (20, 10, 1), "ja_JP": (10, 8), "zh_CN": (13, 9, 6),
    "hi_IN": (18, 12, 5, 28), "ar_SA": (15, 0),
}  # fmt: skip
"""Rates of value added or sales tax in percent, the usual one first; subtotal, tax and total agree by it."""
TAX_WEIGHTS = (9.0, 3.0, 1.5, 1.0, 0.5)
"""How usual the first, second … rate is."""


def tax_rates(loom: Loom) -> tuple[int, ...]:
    """The rates where the rows are, in hundredths of a percent."""
    return tuple(round(100 * r) for r in TAXES.get(loom.locale, TAXES["en_US"]))


HIGHEST_PRICE, HIGHEST_QUANTITY = 999, 24


def prepare(loom: Loom) -> None:
    """Notes which amounts the row has, and whether it has a rate of tax."""
    for name, meaning in loom.meanings.items():
        if meaning == "tax_rate" and loom.wants[name].field.type.kind in (*EXACT, Kind.FLOAT):
            loom.shared["tax rate"] = Column(name)
    for name, meaning in loom.meanings.items():
        t = semantic_type(meaning)
        if t is not None and t.maker == "amount" and loom.wants[name].field.type.kind is not Kind.TEXT:
            loom.shared.setdefault(f"amount {option(t, 'role')}", Column(name))
    for name, (field, meaning) in loom.given.items():
        t = semantic_type(meaning)
        if t is not None and t.maker == "amount" and field.type.kind in EXACT and option(t, "role") not in OPEN_ROLES:
            loom.shared[f"amount {option(t, 'role')}"] = loom.shared[f"given {option(t, 'role')}"] = Column(name)
    _pairs(loom)


EXACT = (Kind.INTEGER, Kind.DECIMAL, Kind.MONEY)
OPEN_ROLES = ("paid", "due")
FROM_NOTHING = ("shipping", "discount", "tax", "fee", "paid", "due")
"""Amounts that may be nothing at all."""


def _given(loom: Loom, role: str) -> Column | None:
    """The amount of that role where another table or formula settles it, in hundredths."""
    column = loom.shared.get(f"given {role}")
    if not isinstance(column, Column):
        return None
    digits = 0 if role == "quantity" else 2
    scale = numbers.scale_of(loom.field(column.name).type)
    units: Node = Call("coalesce", (Call("units", (column,)), Const(0)))
    if digits != scale:
        sign, by = ("*", digits - scale) if digits > scale else ("/", scale - digits)
        units = Call(sign, (units, Const(10**by)))
    return loom.hide(f"money.{role}", units, reason=f"the row's {role}")


def _has(loom: Loom, role: str) -> bool:
    return f"amount {role}" in loom.shared


def _decimals(want: Want) -> int:
    """Digits after the point that a whole number of the column stands for."""
    if want.field.type.kind is Kind.INTEGER:
        return 2 if any(w in want.field.name.lower() for w in ("cent", "pence", "minor")) else 0
    return numbers.scale_of(want.field.type)


def _share(loom: Loom, use: str, base: Column, low: int, high: int) -> Node:
    del loom
    return Call("/", (Call("*", (base, numbers.law(use, low, high, (low + high) // 2, 0.5))), Const(100)))


def amount(loom: Loom, role: str) -> Column:
    """The hidden amount of that role, with what it depends on."""
    if (settled := _given(loom, role)) is not None:
        return settled
    match role:
        case "price":
            endings = loom.keep_numbers("pool:price_endings", ENDINGS)
            cents = Take(endings, Choice("cents", (5.0, 3.0, 2.0, 2.0, 1.0, 1.0)))
            whole = goods.price(loom) if goods.in_row(loom) else numbers.law("v", 1, HIGHEST_PRICE - 1, 24, 1.1)
            return loom.hide(
                "money.price",
                Call("+", (Call("*", (whole, Const(100))), cents)),
                reason="the row's price, in hundredths",
            )
        case "quantity":
            return loom.hide("money.quantity", numbers.law("v", 1, HIGHEST_QUANTITY, 2, 0.8), reason="how many")
        case "cost":
            return loom.hide("money.cost", _share(loom, "v", amount(loom, "price"), 45, 78))
        case "list_price":
            return loom.hide("money.list_price", _share(loom, "v", amount(loom, "price"), 105, 145))
        case "subtotal" | "line_total":
            if _has(loom, "price") and _has(loom, "quantity"):
                return loom.hide(
                    "money.subtotal",
                    Call("*", (amount(loom, "price"), amount(loom, "quantity"))),
                    reason="price × quantity",
                )
            if _has(loom, "price") and not _has(loom, "quantity") and _has(loom, "total"):
                return loom.hide("money.subtotal", amount(loom, "price"), reason="the price of one")
            if role == "line_total" and _has(loom, "subtotal"):
                return amount(loom, "subtotal")
            return loom.hide(
                "money.subtotal", numbers.law("v", 500, 250_000, 7_900, 1.0), reason="the row's sum before tax"
            )
        case "tax":
            share = Call("*", (amount(loom, "subtotal"), _rate(loom) or Const(tax_rates(loom)[0])))
            return loom.hide("money.tax", Call("/", (share, Const(10_000))), reason="by the row's rate of tax")
        case "fee":
            base = amount(loom, "total" if _has(loom, "total") else "subtotal")
            return loom.hide("money.fee", _share(loom, "v", base, 1, 9), reason="a share of what is paid")
        case "shipping":
            fees = loom.keep_numbers("pool:shipping_fees", (0, 495, 599, 895, 1290))
            return loom.hide("money.shipping", Take(fees, Choice("v", (3.0, 4.0, 3.0, 2.0, 1.0))))
        case "discount":
            steps = loom.keep_numbers("pool:discount_percent", (0, 5, 10, 15, 20))
            rate = Take(steps, Choice("v", (6.0, 2.0, 2.0, 1.0, 1.0)))
            return loom.hide("money.discount", Call("/", (Call("*", (amount(loom, "subtotal"), rate)), Const(100))))
        case "paid":
            return loom.hide("money.paid", _paid(loom), reason="what of it is paid")
        case "due":
            open_ = Call("-", (amount(loom, "total"), amount(loom, "paid")))
            return loom.hide("money.due", open_, reason="what is still to be paid")
        case _:
            return _total(loom)


def _rate(loom: Loom) -> Node | None:
    """The row's rate of tax in hundredths of a percent, where it has one."""
    if "tax rate" not in loom.shared:
        return None
    rates = tax_rates(loom)
    values = loom.keep_numbers(f"pool:{loom.locale}:tax_rates", rates)
    drawn = Take(values, Choice("v", TAX_WEIGHTS[: len(rates)]))
    return loom.hide("money.tax_rate", drawn, reason="the row's rate of tax")


@maker("tax_rate")
def make_tax_rate(loom: Loom, want: Want, t: SemanticType, use: str) -> Made | None:
    """A usual rate of tax: 19, or 0.19 in a column that holds no more than one."""
    kind, scale = want.field.type.kind, numbers.scale_of(want.field.type)
    low, high, _ = numbers.bounds(want)
    unit = numbers.FLOAT_STEP if kind is Kind.FLOAT else 10**scale
    room = (want.field.type.precision or 18) - scale
    share = kind is Kind.DECIMAL and scale >= 2 and (room <= 1 or high <= unit)
    top = 2500 * unit // (10_000 if share else 100)
    if use != "v" or want.unique or low > 0 or high < top or want.domain.multiple or want.domain.refused:
        return None
    loom.shared["tax rate"] = Column(want.field.name)
    hidden = _rate(loom)
    assert hidden is not None
    node = Call("/", (Call("*", (hidden, Const(unit))), Const(10_000 if share else 100)))
    return Made(numbers.as_float(want, node), label(t))


def _paid(loom: Loom) -> Node:
    """All of the total where the row says that it is paid, nothing or a part of it elsewhere."""
    parts = loom.keep_numbers("pool:paid_percent", (0, 25, 50, 75))
    part = Take(parts, Choice("v", (7.0, 1.0, 1.0, 1.0)))
    some = Call("/", (Call("*", (amount(loom, "total"), part)), Const(100)))
    status = stages.status_of(loom, "")
    if status is None:
        return Case((When(Call("=", (Choice("all", (3.0, 7.0)), Const(1))), amount(loom, "total")),), some)
    column, known = status
    done = [v for v in known if stages.plain(v) in stages.EVENTS["paid"][1]]
    none = [v for v in known if stages.plain(v) in ("void", "voided", "cancelled", "canceled", "draft")]
    branches = [When(Call("in", (Column(column), *(Const(v) for v in done))), amount(loom, "total"))] if done else []
    branches += [When(Call("in", (Column(column), *(Const(v) for v in none))), Const(0))] if none else []
    return Case(tuple(branches), some) if branches else some


def _total(loom: Loom) -> Column:
    """Subtotal and what the row adds to it or takes off."""
    total: Node = amount(loom, "line_total" if _has(loom, "line_total") and not _has(loom, "subtotal") else "subtotal")
    for role, sign in (("tax", "+"), ("shipping", "+"), ("discount", "-")):
        if _has(loom, role):
            total = Call(sign, (total, amount(loom, role)))
    return loom.hide("money.total", total, reason="subtotal with tax, shipping and discount")


def _most(role: str, quantity: bool, priced: bool) -> int:
    """The greatest value of a role, in hundredths."""
    highest = {
        "price": HIGHEST_PRICE,
        "cost": HIGHEST_PRICE,
        "list_price": HIGHEST_PRICE * 2,
        "shipping": 13,
        "quantity": HIGHEST_QUANTITY,
    }
    if role in ("subtotal", "total", *FROM_NOTHING) and role != "shipping" and not quantity:
        return HIGHEST_PRICE * 100 if priced else 2_500 * 100
    return highest.get(role, HIGHEST_PRICE * HIGHEST_QUANTITY * 2) * 100


@maker("amount")
def make_amount(loom: Loom, want: Want, t: SemanticType, use: str) -> Made | None:
    """The row's amount of that role; where the column is too narrow for it, an independent one that fits."""
    role = option(t, "role")
    if want.field.type.kind is Kind.TEXT:
        return None
    low, high, _ = numbers.bounds(want)
    unit = 10 ** _decimals(want)
    factor = numbers.FLOAT_STEP if want.field.type.kind is Kind.FLOAT else unit
    coded = numbers.coded(want, loom.rows)
    wide = high >= _most(role, _has(loom, "quantity"), _has(loom, "price")) * factor // 100 and low <= (
        0 if role in FROM_NOTHING else factor // 2
    )
    if role in OPEN_ROLES and not _has(loom, "total"):
        wide = False
    if role == "fee" and not (_has(loom, "total") or _has(loom, "subtotal")):
        wide = False
    if role == "quantity" and _given(loom, "price") is not None:
        wide = False  # its price is another's: nothing hidden depends on how many
    alone = (
        not (_has(loom, "price") or _has(loom, "subtotal") or _has(loom, "total") or _has(loom, "line_total"))
        and role == "quantity"
    )
    if not wide or use != "v" or want.domain.multiple or alone or want.domain.refused:
        median = max(1, round(number(t, "median", 24)))
        node = numbers.within(
            want,
            use,
            0 if role in FROM_NOTHING else 1,
            median * factor,
            40 * median * factor,
            0.9,
        )
        return Made(node, label(t), coded) if node is not None else None
    hidden = amount(loom, role)
    if role == "quantity":
        node = Call("*", (hidden, Const(factor))) if factor != 1 else hidden
        return Made(numbers.as_float(want, node), f"{label(t)}, in step with the row's amounts", coded)
    value: Node = hidden
    if factor > 100:
        value = Call("*", (hidden, Const(factor // 100)))
    elif factor < 100:
        value = Call("/", (hidden, Const(100 // factor)))
    return Made(numbers.as_float(want, value), f"{label(t)}, in step with the row's amounts", coded)


# ---- pairs of bounds -------------------------------------------------------------------------------
ENDS = (
    ("minimum", "maximum"),
    ("first", "last"),
    ("low", "high"),
    ("lower", "upper"),
    ("start", "end"),
    ("from", "to"),
    ("begin", "end"),
)


def _pairs(loom: Loom) -> None:
    """Numbers of which one is the lower bound of the other, by name and kind."""
    kinds = (Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT, Kind.YEAR)
    by_words = {loom.tokens[n]: n for n, w in loom.wants.items() if w.field.type.kind in kinds and not w.unique}
    for words, low in by_words.items():
        for a, b in ENDS:
            if a in words:
                high = by_words.get(tuple(b if w == a else w for w in words))
                if (
                    high is not None
                    and high != low
                    and loom.wants[high].field.type.kind is loom.wants[low].field.type.kind
                ):
                    loom.shared[f"lower of {high}"] = Column(low)
                    loom.shared[f"upper of {low}"] = Column(high)


def bounded(loom: Loom, want: Want, node: Node) -> Node | None:
    """For one of a pair of bounds: its hidden draw, the greater one not below the lesser; None for others."""
    name = want.field.name
    t = semantic_type(loom.meanings.get(name, ""))
    if t is not None and t.maker == "record":
        return None
    partner = loom.shared.get(f"upper of {name}") or loom.shared.get(f"lower of {name}")
    if not isinstance(partner, Column) or want.field.type.kind is Kind.FLOAT:
        return _floating(loom, want, node) if isinstance(partner, Column) else None
    if f"upper of {name}" in loom.shared:
        top = numbers.bounds(loom.wants[partner.name])[1]
        return loom.hide(f"bound.{name}", Call("least", (node, Const(top))), want.field.type)
    lower = loom.shared.get(f"lower of {name}")
    assert isinstance(lower, Column)
    base = loom.hidden.get(f"$bound.{lower.name}")
    if base is None:
        return None
    return _above(want, Column(base.name))


def _above(want: Want, base: Column) -> Node:
    low, high, _ = numbers.bounds(want)
    unit = 10 ** numbers.scale_of(want.field.type)
    gap = numbers.law("gap", 0, 500 * unit, 12 * unit, 1.0)
    return Call("greatest", (Call("least", (Call("+", (base, gap)), Const(high))), Const(low)))


def _floating(loom: Loom, want: Want, node: Node) -> Node | None:
    """The same for floats: a hidden float and a factor above one half."""
    name = want.field.name
    if f"upper of {name}" in loom.shared:
        return loom.hide(f"bound.{name}", node, want.field.type)
    lower = loom.shared.get(f"lower of {name}")
    if not isinstance(lower, Column) or f"$bound.{lower.name}" not in loom.hidden or want.domain.high is not None:
        return None
    gap = Call("/", (numbers.law("gap", 1, 50_000, 900, 1.0), Const(100.0)))
    return Call("+", (Column(f"$bound.{lower.name}"), gap))


PREPARERS.append(prepare)
