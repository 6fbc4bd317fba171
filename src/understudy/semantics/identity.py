"""Numbers by which authorities know persons, companies and things: the row's country's, with right check digits.

National numbers that hold a birth date or a sex take them from the row. Numbers that are never issued are preferred
where a country
keeps any (US 900-…, GB QQ…).
"""

from __future__ import annotations

from collections.abc import Callable

from understudy.model.expression import Call, Case, Cast, Column, Const, Digits, Join, Node, Take, Uniform, When
from understudy.semantics import codes, gazetteer, people, places, textual
from understudy.semantics.loom import Loom, limits
from understudy.semantics.making import Made, label, maker, number, option
from understudy.semantics.nouns import Coded, SemanticType, Want
from understudy.semantics.records import Record
from understudy.types import Kind, Type

TEXT = Type(Kind.TEXT)


MOST = 1 << 56
"""Codes that a number takes apart at most; what is left over is drawn."""


class Body:
    """Digits of a number: drawn, or of the column's code where it must be distinct (the last ones tell rows apart)."""

    def __init__(self, loom: Loom, want: Want, use: str, coded: bool) -> None:
        self.loom, self.want, self.use, self.coded = loom, want, use, coded
        self.room = 1

    def digits(self, width: int, tag: str = "") -> Node:
        """``width`` digits."""
        return Digits(self._number(10**width, tag), width)

    def within(self, low: int, high: int, width: int, tag: str) -> Node:
        """Digits of a number in a range, drawn always."""
        drawn = self._number(high - low + 1, tag)
        return Digits(Call("+", (drawn, Const(low))) if low else drawn, width)

    def letters(self, width: int, tag: str, alphabet: str = "ABCDEFGHJKLMNPRSTUVWXYZ") -> Node:
        """Letters, drawn always."""
        return Digits(self._number(len(alphabet) ** width, tag), width, alphabet)

    def _number(self, size: int, tag: str) -> Node:
        if self.coded and self.room * size <= MOST:
            node = codes.place(codes.code_of(self.want), self.room, size)
            self.room *= size
            return node
        return Uniform(f"{self.use}.{tag or 'n'}", Const(0), Const(size - 1))

    def birth(self, pattern: str) -> Node:
        """The row's birth date written out; of somebody of age where the row has none."""
        return Call("format_time", (Cast(self._born(), Type(Kind.DATE)), Const(pattern)))

    def birth_year(self) -> Node:
        """The year of the row's birth date."""
        return Call("year", (Cast(self._born(), Type(Kind.DATE)),))

    def birth_part(self, which: str) -> Node:
        """Month or day of it."""
        return Call(which, (Cast(self._born(), Type(Kind.DATE)),))

    def _born(self) -> Node:
        loom = self.loom
        today = loom.clock // 86_400_000_000
        own = next((n for n in loom.named("birth_date") if loom.field(n).type.kind is Kind.DATE), None)
        drawn = loom.hide(
            "identity.born",
            Uniform("v", Const(today - 25_000), Const(today - 7_000)),
            Type(Kind.DATE),
            "born, as their number says",
        )
        return drawn if own is None else Call("coalesce", (Column(own), drawn))

    def woman(self) -> Node:
        """True for a woman, as the row's names and gender say."""
        if {"first_name", "gender", "person_name"} & set(self.loom.meanings.values()):
            return people.Person(self.loom, "").woman
        return Call("=", (self.loom.hide("identity.sex", Uniform("v", Const(0), Const(1))), Const(0)))


def _us(b: Body) -> Node:
    return Join((Const("9"), b.digits(2), Const("-"), b.within(10, 69, 2, "group"), Const("-"), b.digits(4, "serial")))


def _gb(b: Body) -> Node:
    digits = b.digits(6)
    return Join((Const("QQ"), digits, b.letters(1, "end", "ABCD")))


def _de(b: Body) -> Node:
    return Call("check", (Join((b.within(1, 9, 1, "first"), b.digits(9))), Const("steuer_id")))


def _fr(b: Body) -> Node:
    sex = Case((When(b.woman(), Const("2")),), Const("1"))
    body = Join((sex, b.birth("%y%m"), b.within(1, 89, 2, "place"), b.digits(6)))
    return Call("check", (body, Const("nir")))


def _es(b: Body) -> Node:
    return Call("check", (b.digits(8), Const("dni")))


def _it(b: Body) -> Node:
    day = Call("+", (b.birth_part("day"), Case((When(b.woman(), Const(40)),), Const(0))))
    month = Call("substring", (Const("ABCDEHLMPRST"), b.birth_part("month"), Const(1)))
    names = b.letters(6, "names", "BCDFGLMNPRST")
    place = Join((b.letters(1, "town", "ABCDEFGHIL"), b.digits(3, "town2")))
    year = Digits(Call("%", (b.birth_year(), Const(100))), 2)
    return Call("check", (Join((names, year, month, Digits(day, 2), place)), Const("codice_fiscale")))


def _br(b: Body) -> Node:
    return Call("check", (b.digits(9), Const("cpf")))


def _nl(b: Body) -> Node:
    return Call("check", (Join((b.within(1, 9, 1, "first"), b.digits(6), Const("0"))), Const("bsn")))


def _pl(b: Body) -> Node:
    century = Case((When(Call(">=", (b.birth_year(), Const(2000))), Const(20)),), Const(0))
    month = Digits(Call("+", (b.birth_part("month"), century)), 2)
    sex = Digits(
        Call(
            "+",
            (
                Call("*", (Uniform(f"{b.use}.sex", Const(0), Const(4)), Const(2))),
                Case((When(b.woman(), Const(0)),), Const(1)),
            ),
        ),
        1,
    )
    body = Join((b.birth("%y"), month, b.birth("%d"), b.digits(3), sex))
    return Call("check", (body, Const("pesel")))


def _tr(b: Body) -> Node:
    return Call("check", (Join((b.within(1, 9, 1, "first"), b.digits(8))), Const("tckn")))


def _jp(b: Body) -> Node:
    return Call("check", (b.digits(11), Const("my_number")))


def _cn(b: Body) -> Node:
    regions = b.loom.keep(
        "pool:china_regions",
        ("110101", "310101", "440103", "440304", "510104", "330106", "420106", "320102", "120101", "210202"),
    )
    from understudy.model.expression import Pool

    region = Pool(regions, Uniform(f"{b.use}.region", Const(0), Const(9)))
    sex = Digits(
        Call(
            "+",
            (
                Call("*", (Uniform(f"{b.use}.sex", Const(0), Const(4)), Const(2))),
                Case((When(b.woman(), Const(0)),), Const(1)),
            ),
        ),
        1,
    )
    return Call("check", (Join((region, b.birth("%Y%m%d"), b.digits(2), sex)), Const("iso7064-11-2")))


def _in(b: Body) -> Node:
    return Call("check", (Join((b.within(2, 9, 1, "first"), b.digits(10))), Const("verhoeff")))


def _sa(b: Body) -> Node:
    return Call("luhn", (Join((Const("1"), b.digits(8))),))


def _ca(b: Body) -> Node:
    return Call("luhn", (Join((Const("9"), b.digits(7))),))


NATIONAL: dict[str, tuple[Callable[[Body], Node], int]] = {
    "US": (_us, 11), "GB": (_gb, 9), "DE": (_de, 11), "FR": (_fr, 15), "ES": (_es, 9), "IT": (_it, 16), "BR": (_br, 11),
    "NL": (_nl, 9), "PL": (_pl, 11), "TR": (_tr, 11), "JP": (_jp, 12), "CN": (_cn, 18), "IN": (_in, 12),
    "SA": (_sa, 10), "CA": (_ca, 9),
}  # fmt: skip
"""Per country its number for persons, and how long it is."""


@maker("national_id")
def make_national_id(loom: Loom, want: Want, t: SemanticType, use: str) -> Made | None:
    """The number of the row's country for persons; eight digits and a letter where we know of none."""
    longest = limits(want)[1]
    if longest < 9 or want.field.type.kind is not Kind.TEXT:
        return None
    asked = option(t, "country")
    home = asked or (loom.locale[-2:] if loom.locale[-2:] in NATIONAL else "")
    if use == "v" and not asked and "world of " in loom.shared and longest >= 18 and not want.unique:
        return Made(_by_country(loom, want, use), f"{label(t)} of the row's country")
    make, width = NATIONAL.get(home, (_other, 9))
    if width > longest or (want.field.type.fixed and width != longest):
        plain = Digits(Uniform(use, Const(0), Const(10 ** min(longest, 9) - 1)), min(longest, 9))
        ways = [Coded(10 ** min(longest, 15), Digits(codes.code_of(want), min(longest, 15)))]
        return Made(plain, label(t), textual.coded(loom, want, ways))
    node = make(Body(loom, want, use, False))
    if not want.unique:
        return Made(node, label(t))
    body = Body(loom, want, use, True)
    coded = make(body)
    if body.room < 2 * loom.rows:
        body = Body(loom, want, use, True)
        coded = _other(body)
    return Made(node, label(t), Coded(body.room, coded))


def _other(b: Body) -> Node:
    return Join((b.letters(1, "letter"), b.digits(8)))


def _by_country(loom: Loom, want: Want, use: str) -> Node:
    nation = places.Place(loom, "").country_index()
    order = {c: i + 1 for i, c in enumerate(NATIONAL)}
    which = Take(
        loom.keep_numbers("pool:national_of_country", [order.get(c, 0) for c in gazetteer.countries()]), nation
    )
    branches = tuple(
        When(Call("=", (which, Const(i))), NATIONAL[c][0](Body(loom, want, f"{use}.{c}", False)))
        for c, i in order.items()
    )
    return Case(branches, _other(Body(loom, want, use, False)))


# ---- companies and things --------------------------------------------------------------------------
def _spelled(pattern: str, b: Body) -> Node:
    """A pattern: ``#`` digit, ``A`` letter, ``N`` digit from 1, ``X`` letter or digit, ``{…}`` literal."""
    parts: list[Node] = []
    at = 0
    while at < len(pattern):
        c, size = pattern[at], 1
        if c == "{":
            end = pattern.index("}", at)
            parts.append(Const(pattern[at + 1 : end]))
            at = end + 1
            continue
        while c in "#ANX" and at + size < len(pattern) and pattern[at + size] == c:
            size += 1
        match c:
            case "#":
                parts.append(b.digits(size, f"d{at}"))
            case "A":
                parts.append(b.letters(size, f"a{at}", codes.LETTERS))
            case "X":
                parts.append(b.letters(size, f"x{at}", "0123456789ABCDEFGHJKLMNPRSTUVWXYZ"))
            case "N":
                parts.append(b.within(10 ** (size - 1), 10**size - 1, size, f"n{at}"))
            case _:
                parts.append(Const(c))
        at += size
    return parts[0] if len(parts) == 1 else Join(tuple(parts))


@maker("pattern")
def make_pattern(loom: Loom, want: Want, t: SemanticType, use: str) -> Made | None:
    """Codes by ``pattern`` with the ``check`` digit of a scheme (or luhn, ean, mod97); ``before`` is checked and
    left out."""
    for pattern in _patterns(t):
        node = _finished(pattern, t, Body(loom, want, use, False))
        if not loom.fits(want, node):
            continue
        body = Body(loom, want, use, True)
        way = Coded(1, _finished(pattern, t, body))
        way = Coded(body.room, way.expression)
        return Made(node, label(t), way if way.capacity >= 2 * loom.rows else textual.coded(loom, want, [way]))
    return None


def _patterns(t: SemanticType) -> tuple[str, ...]:
    value = t.options.get("pattern", "")
    return tuple(str(v) for v in value) if isinstance(value, tuple | list) else (str(value),)


def _finished(pattern: str, t: SemanticType, b: Body) -> Node:
    body = _spelled(pattern, b)
    check, before = option(t, "check"), option(t, "before")
    match check:
        case "":
            node = body
        case "luhn" | "ean":
            node = Call(check, (Join((Const(before), body)) if before else body,))
            node = Call("substring", (node, Const(len(before) + 1))) if before else node
        case "mod97":
            node = Join((body, Call("mod97", (body,))))
        case _:
            node = Call("check", (body, Const(check)))
    width = round(number(t, "split", 0))
    if width:
        node = Join((Call("left", (node, Const(width))), Const("-"), Call("substring", (node, Const(width + 1)))))
    return node


@maker("vin")
def make_vin(loom: Loom, want: Want, t: SemanticType, use: str) -> Made | None:
    """A vehicle identification number: the maker's own beginning where the row names the make; check digit in ninth
    place."""
    b = Body(loom, want, use, False)
    vehicle = Record(loom, "vehicle", "", "" if use == "v" and "record vehicle." in loom.shared else use + ".vehicle")
    maker_ = vehicle.text("wmi")
    assert maker_ is not None

    def whole(serial: Node) -> Node:
        body = Join(
            (
                maker_,
                b.letters(5, "vds", "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"),
                b.letters(1, "year", "FGHJKLMNPRST"),
                b.letters(1, "plant"),
                serial,
            )
        )
        return Call("check", (body, Const("vin")))

    node = whole(Digits(Uniform(use, Const(0), Const(999_999)), 6))
    if not loom.fits(want, node):
        return None
    return Made(node, label(t), Coded(10**6, whole(Digits(codes.code_of(want), 6))))
