"""Names taken apart: ``CustAddrLine1`` in table ``customers`` is (customer, address, line, 1).

Splits at case changes, underscores, digits; splits names written as one word (``postalcode``) by a
vocabulary; spells out abbreviations; makes singular what is plural.
"""

from __future__ import annotations

import re
from functools import cache

from understudy.semantics.catalogue import catalogue

ABBREVIATIONS = {
    "addr": "address", "adr": "address", "qty": "quantity", "qnty": "quantity", "amt": "amount", "desc": "description",
    "descr": "description", "dob": "birth date", "tel": "phone", "telephone": "phone", "fname": "first name",
    "lname": "last name", "num": "number", "no": "number", "nr": "number", "nbr": "number", "dt": "date",
    "ts": "timestamp", "cd": "code", "usr": "user", "pwd": "password", "passwd": "password", "pass": "password",
    "msg": "message", "img": "image", "lang": "language", "tz": "timezone", "cnt": "count", "pct": "percent",
    "percentage": "percent", "perc": "percent", "cat": "category", "ctry": "country", "curr": "currency",
    "cust": "customer", "emp": "employee", "dept": "department", "org": "organization", "organisation": "organization",
    "prod": "product", "inv": "invoice", "ord": "order", "acct": "account", "acc": "account", "bal": "balance",
    "colour": "color", "lat": "latitude", "lon": "longitude", "lng": "longitude", "zip": "postcode",
    "zipcode": "postcode", "postal": "postcode", "pos": "position", "seq": "sequence", "mgr": "manager",
    "min": "minimum", "max": "maximum", "avg": "average", "pic": "picture", "photo": "picture", "src": "source",
    "dest": "destination", "dst": "destination", "ref": "reference", "upd": "updated", "crt": "created",
    "mod": "modified", "del": "deleted", "exp": "expires", "sts": "status", "stat": "status", "typ": "type",
    "cfg": "config", "info": "information", "attr": "attribute", "attrs": "attributes", "props": "properties",
    "ext": "extension", "len": "length", "wt": "weight", "ht": "height", "nm": "name", "forename": "first name",
    "surname": "last name", "firstname": "first name", "lastname": "last name", "middlename": "middle name",
    "username": "user name", "fullname": "full name", "nickname": "nick name", "login": "login",
    "timezone": "timezone", "mobile": "mobile", "cell": "mobile", "uri": "url", "href": "url", "homepage": "website",
    "txt": "text", "val": "value", "yr": "year", "mon": "month", "dur": "duration", "freq": "frequency",
    "temp": "temperature", "spec": "specification", "sz": "size", "fk": "", "pk": "", "gln": "gln", "mfr": "manufacturer",
    "mfg": "manufacturer", "vat": "tax", "nb": "number", "ccy": "currency", "cty": "city", "st": "st", "flg": "flag",
    "ind": "indicator", "dttm": "timestamp", "datetime": "timestamp", "prio": "priority", "ver": "version",
    "hometown": "city", "municipality": "city", "town": "city", "province": "state", "county": "county",
    "givenname": "first name", "familyname": "last name", "mail": "email", "avail": "available", "exec": "execution",
    "cookie": "cookie", "screenname": "screen name", "displayname": "display name", "filename": "file name",
    "filesize": "file size", "filetype": "file type", "lastmodified": "last modified", "startdate": "start date",
    "enddate": "end date", "msrp": "list price", "concat": "concat", "postcode": "postcode", "geom": "geometry",
    "catalogue": "catalog", "licence": "license", "cents": "cents", "isbn10": "isbn", "isbn13": "isbn",
}  # fmt: skip
"""What databases commonly shorten; an empty word is dropped."""

COMPOUND = frozenset(
    [
        "account",
        "action",
        "active",
        "actual",
        "address",
        "admin",
        "age",
        "agent",
        "album",
        "amount",
        "answer",
        "artist",
        "author",
        "available",
        "average",
        "balance",
        "bank",
        "begin",
        "billing",
        "birth",
        "body",
        "book",
        "brand",
        "branch",
        "budget",
        "building",
        "business",
        "campaign",
        "capacity",
        "card",
        "cart",
        "category",
        "change",
        "channel",
        "city",
        "class",
        "client",
        "close",
        "closed",
        "code",
        "color",
        "column",
        "comment",
        "company",
        "condition",
        "contact",
        "content",
        "cost",
        "count",
        "country",
        "course",
        "created",
        "creation",
        "credit",
        "currency",
        "customer",
        "daily",
        "data",
        "date",
        "day",
        "deadline",
        "delivery",
        "department",
        "description",
        "detail",
        "device",
        "discount",
        "display",
        "district",
        "document",
        "domain",
        "due",
        "duration",
        "email",
        "employee",
        "end",
        "ended",
        "entry",
        "event",
        "expense",
        "expiration",
        "expires",
        "expiry",
        "extra",
        "factory",
        "fax",
        "fee",
        "field",
        "file",
        "film",
        "first",
        "flight",
        "format",
        "from",
        "full",
        "gender",
        "genre",
        "grade",
        "group",
        "hash",
        "height",
        "hidden",
        "hire",
        "home",
        "hospital",
        "hour",
        "identifier",
        "image",
        "income",
        "index",
        "invoice",
        "issue",
        "item",
        "job",
        "key",
        "kind",
        "label",
        "language",
        "last",
        "latitude",
        "length",
        "level",
        "line",
        "link",
        "list",
        "local",
        "location",
        "lock",
        "login",
        "longitude",
        "manager",
        "maximum",
        "media",
        "member",
        "memo",
        "message",
        "middle",
        "minimum",
        "minute",
        "mobile",
        "model",
        "modified",
        "month",
        "movie",
        "name",
        "nick",
        "notes",
        "number",
        "office",
        "old",
        "open",
        "opened",
        "option",
        "order",
        "ordered",
        "original",
        "owner",
        "paid",
        "parent",
        "password",
        "patient",
        "payment",
        "percent",
        "person",
        "phone",
        "picture",
        "place",
        "plan",
        "position",
        "postal",
        "postcode",
        "price",
        "priority",
        "product",
        "profile",
        "project",
        "public",
        "published",
        "purchase",
        "quantity",
        "question",
        "rank",
        "rate",
        "rating",
        "ratio",
        "reason",
        "received",
        "record",
        "reference",
        "region",
        "register",
        "release",
        "remark",
        "rental",
        "report",
        "required",
        "response",
        "result",
        "return",
        "returned",
        "review",
        "role",
        "room",
        "salary",
        "sales",
        "scale",
        "schedule",
        "school",
        "score",
        "second",
        "secret",
        "seller",
        "sent",
        "sequence",
        "serial",
        "service",
        "session",
        "shipped",
        "shipping",
        "short",
        "size",
        "song",
        "sort",
        "source",
        "staff",
        "start",
        "started",
        "state",
        "status",
        "stock",
        "store",
        "street",
        "student",
        "subject",
        "subtotal",
        "sum",
        "supplier",
        "support",
        "system",
        "tag",
        "target",
        "task",
        "tax",
        "team",
        "term",
        "text",
        "ticket",
        "time",
        "title",
        "token",
        "total",
        "track",
        "transaction",
        "type",
        "unit",
        "updated",
        "url",
        "user",
        "valid",
        "value",
        "vehicle",
        "vendor",
        "version",
        "via",
        "visit",
        "warehouse",
        "weight",
        "width",
        "word",
        "work",
        "year",
        "line1",
        "line2",
        "in",
        "per",
        "to",
        "of",
        "by",
        "each",
        "rep",
        "of",
        "surface",
        "life",
        "expectancy",
        "government",
        "head",
        "indep",
        "independence",
        "form",
    ]
)
"""Words by which names written in one piece are split."""

KEEP = frozenset(["address", "status", "class", "access", "process", "business", "canvas", "basis", "analysis", "series", "species", "news", "gas", "bus", "bonus", "campus", "virus", "census", "lens", "address", "progress", "success", "pass", "loss", "discuss"])  # fmt: skip

_CASE = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\d_]+")


@cache
def singular(word: str) -> str:
    """The singular of an English noun, by its ending."""
    if word in KEEP or len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return {"people": "person", "children": "child", "men": "man", "women": "woman", "media": "media"}.get(
            word, word
        )
    if word.endswith("ies"):
        return word[:-3] + "y" if word not in ("movies", "series", "cookies") else word[:-1]
    if word.endswith(("ches", "shes", "xes", "sses", "zes")):
        return word[:-2]
    return word[:-1]


@cache
def tokens(name: str) -> tuple[str, ...]:
    """Lower-case words of a name, abbreviations spelled out, runs without a separator split."""
    found: list[str] = []
    for raw in _CASE.findall(name):
        for word in _split(raw.lower()):
            found += ABBREVIATIONS.get(word, word).split()
    return tuple(found) or (name.lower(),)


def _split(word: str) -> list[str]:
    """A word written in one piece as its parts, if it is made of known words only."""
    if len(word) < 6 or word in ABBREVIATIONS or word in _vocabulary() or singular(word) in _vocabulary():
        return [word]
    parts = _parts(word)
    return parts if parts is not None else [word]


@cache
def _vocabulary() -> frozenset[str]:
    """The words of all names in the catalogue (three letters at least) and those above."""
    known = {w for t in catalogue().values() for n in t.names for w in n.replace(":", "").lstrip("=").split()}
    return COMPOUND | {w for w in known if len(w) > 2 and w.isalpha()}


@cache
def _parts(word: str) -> list[str] | None:
    known = _vocabulary()
    for cut in range(len(word) - 1, 1, -1):
        head, rest = word[:cut], word[cut:]
        if head in known or (len(head) > 2 and head in ABBREVIATIONS):
            if rest in known or singular(rest) in known or (len(rest) > 2 and rest in ABBREVIATIONS):
                return [head, rest]
            deeper = _parts(rest) if len(rest) >= 4 else None
            if deeper is not None:
                return [head, *deeper]
    return None


@cache
def subject(table: str) -> tuple[str, ...]:
    """Words of a table's name, in the singular."""
    return tuple(singular(t) for t in tokens(table))


@cache
def own_tokens(table: str, column: str) -> tuple[str, ...]:
    """Words of a column's name without the table's own name in front of it (``customer_name`` in customers)."""
    words = tokens(column)
    about = subject(table)
    for k in range(len(about)):
        head = about[k:]
        if len(words) > len(head) and tuple(singular(w) for w in words[: len(head)]) == head:
            return words[len(head) :]
    return words
