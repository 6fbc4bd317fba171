"""One line about a semantic type, and what constraints it can honour: from its data, so that no text goes stale."""

from __future__ import annotations

from understudy.semantics.nouns import SemanticType

HOW = {
    "person": "{an} {name} of the row's person: name, sex, address and user name belong together",
    "place": "{an} {name} of the row's place: city, region, postcode, country, phone and coordinates belong together",
    "moment": "when something happened: in order with the row's other times, not before the row's parents began",
    "amount": "an amount of money or a quantity that adds up with the row's others",
    "flag": "true or false, as often as the name suggests; as the row's status says",
    "document": "a small JSON document",
    "hash": "a digest in hexadecimal digits",
    "uuid": "a UUID of version 4",
    "slug": "the row's title as it stands in a URL",
    "review": "what somebody says of a thing, as good as the row's rating",
    "card": "of a payment card in a test range of its network",
    "iban": "an IBAN of the row's country with right check digits",
    "bic": "a bank's identifier with the row's country in it",
    "national_id": "a person's number as the row's country issues them, with right check digits",
    "vin": "a vehicle's number, beginning as its make's, with its check digit",
    "product": "the name of a thing that is sold, as its category, brand and price say",
    "brand": "the brand in the product's name",
    "file": "of a file: name, extension and media type belong together",
    "year": "a year, later ones more often",
    "lab_value": "what a laboratory test measured, mostly within its range of reference",
}
CAN = {
    "person": ("length", "uniqueness"), "place": ("length", "uniqueness"), "moment": ("range", "order"),
    "amount": ("range", "uniqueness", "sums"), "number": ("range", "step", "uniqueness"), "flag": ("enum",),
    "pool": ("length", "uniqueness"), "words": ("length",), "title": ("length", "uniqueness"), "prose": ("length",),
    "template": ("length", "uniqueness"), "pattern": ("length", "uniqueness", "check digit"),
    "record": ("length", "uniqueness"), "hash": ("length", "uniqueness"), "uuid": ("uniqueness",),
    "card": ("length", "uniqueness", "check digit"), "iban": ("length", "uniqueness", "check digit"),
    "national_id": ("length", "uniqueness", "check digit"), "checked": ("length", "uniqueness", "check digit"),
    "year": ("range", "uniqueness"), "loan": ("range",), "slug": ("length", "uniqueness"),
}  # fmt: skip
ALWAYS = ("enum", "pattern", "null share")
"""Constraints that planning meets whatever the type: listed values, patterns (values that fit, else text of the
form)."""


def about(t: SemanticType) -> str:
    """What values of the type are."""
    if t.about:
        return t.about
    name = t.name.replace("_", " ")
    an = "an" if name[0] in "aeio" else "a"
    if t.maker in HOW:
        return HOW[t.maker].format(an=an, name=name)
    options = t.options
    match t.maker:
        case "words" | "pick" | "pick_price" | "rate":
            listed = options.get("words", options.get("values", ()))
            words = [str(w) for w in listed] if isinstance(listed, tuple | list) else []
            return f"{an} {name}: {', '.join(words[:4])}{' …' if len(words) > 4 else ''}"
        case "number":
            low, median, high = (_shown(options.get(k, d)) for k, d in (("low", 0), ("median", 10), ("high", 1000)))
            return f"{an} {name} about {median}, {low} to {high}"
        case "record":
            of = str(options.get("of", "")).replace("_", " ")
            return f"the {options.get('aspect', '')!s} of the row's {of}, in step with the row's other columns about it"
        case "pattern":
            forms = options.get("pattern", "")
            form = str(forms[0]) if isinstance(forms, tuple | list) and forms else str(forms)
            form = form.replace("{", "").replace("}", "")
            return f"{an} {name} of the form {form}{' with its check digit' if t.check or options.get('check') else ''}"
        case "loan":
            return f"{an} {name} of the row's loan: principal, rate, term and payment agree"
        case "prose":
            return f"{an} {name}: sentences of its kind, as many as fit"
        case _:
            return f"{an} {name}"


def _shown(value: object) -> str:
    return f"{value:,}" if isinstance(value, int | float) else str(value)


def can(t: SemanticType) -> tuple[str, ...]:
    """Constraints that values of the type honour by construction."""
    return (*CAN.get(t.maker, ("length",)), *ALWAYS)
