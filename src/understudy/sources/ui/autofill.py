"""Autocomplete tokens as meanings: the one place where authors say in a fixed vocabulary what a field is.

Source: HTML Living Standard, 4.10.18.7.1 (autofill field names).
"""

from __future__ import annotations

TOKENS = {
    "name": "person_name",
    "honorific-prefix": "person_title",
    "given-name": "first_name",
    "additional-name": "middle_name",
    "family-name": "last_name",
    "honorific-suffix": "name_suffix",
    "nickname": "user_name",
    "username": "user_name",
    "organization": "company",
    "organization-title": "job_title",
    "street-address": "street_address",
    "address-line1": "street_address",
    "address-line2": "address_extra",
    "address-line3": "address_extra",
    "address-level1": "region",
    "address-level2": "city",
    "address-level3": "district",
    "country": "country_code",
    "country-name": "country",
    "postal-code": "postcode",
    "cc-name": "person_name",
    "cc-given-name": "first_name",
    "cc-additional-name": "middle_name",
    "cc-family-name": "last_name",
    "cc-number": "card_number",
    "cc-type": "card_type",
    "transaction-currency": "currency",
    "transaction-amount": "total",
    "language": "language_code",
    "bday": "birth_date",
    "sex": "gender",
    "url": "url",
    "photo": "image_url",
    "tel": "phone",
    "tel-national": "phone",
    "tel-country-code": "calling_code",
    "tel-extension": "phone_extension",
    "email": "email",
}
"""Tokens → semantic types."""
TYPES = {"email": "email", "url": "url", "tel": "phone", "color": "hex_color"}
"""Input types that say what the value means."""


def meaning_of(autocomplete: str) -> str:
    """The semantic type of an ``autocomplete`` attribute ("" for on, off and what has none).

    >>> meaning_of("section-1 shipping postal-code"), meaning_of("off")
    ('postcode', '')
    """
    words = autocomplete.split()
    if words and words[-1] == "webauthn":
        words = words[:-1]
    return TOKENS.get(words[-1], "") if words else ""
