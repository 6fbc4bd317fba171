"""What a row's status says about its other columns: only what has happened has a date, a flag, a reason.

    status ∈ labels ─► events that have happened ─► shipped_at is null, is_paid is true, cancellation_reason is null …

Where there is no status, a flag plays its part (``blocked`` beside ``blocked_at``), and ``active`` its contrary.
"""

from __future__ import annotations

from understudy.model.expression import Call, Column, Const, Node
from understudy.semantics import finite
from understudy.semantics.catalogue import semantic_type
from understudy.semantics.loom import Loom
from understudy.semantics.nouns import Want
from understudy.semantics.pools import fold, states
from understudy.types import Kind

EVENTS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    name: (frozenset(words.split()), frozenset(s.strip() for s in statuses.split(",")))
    for name, words, statuses in (
        (
            "paid",
            "paid payment settled",
            "paid, completed, complete, shipped, delivered, refunded, settled, fulfilled, returned, in transit, closed",
        ),
        (
            "shipped",
            "shipped tracking dispatched shipment",
            "shipped, delivered, completed, complete, in transit, returned, out for delivery, dispatched, fulfilled",
        ),
        ("graded", "grade graded mark", "completed, passed, failed, finished, graded, done"),
        ("delivered", "delivered", "delivered, completed, complete, returned, fulfilled"),
        ("received", "received", "received, completed, complete, delivered, returned, closed"),
        ("cancelled", "cancelled canceled cancellation cancel voided", "cancelled, canceled, void, voided, annulled"),
        ("used", "used redeemed redemption consumed", "used, redeemed, consumed"),
        ("refunded", "refunded refund", "refunded, partially refunded"),
        ("returned", "returned return", "returned"),
        ("rejected", "rejected rejection declined denied denial", "rejected, declined, denied, refused"),
        ("approved", "approved approval", "approved, active, completed, complete, paid, disbursed, published, closed"),
        ("accepted", "accepted acceptance", "accepted, completed, complete, active, done, closed"),
        (
            "confirmed",
            "confirmed confirmation",
            "confirmed, completed, complete, checked in, shipped, delivered, paid, active",
        ),
        (
            "completed",
            "completed completion finished done",
            "completed, complete, finished, done, succeeded, success, closed, paid off",
        ),
        ("resolved", "resolved resolution solved fixed", "resolved, closed, done, fixed, solved, completed"),
        ("closed", "closed closing closure", "closed, resolved, done, settled, terminated"),
        ("failed", "failed failure error", "failed, error, errored, failure, bounced, declined"),
        (
            "started",
            "started",
            "started, running, in progress, active, completed, complete, failed, done, finished, stopped, ended, "
            "succeeded, success",
        ),
        (
            "ended",
            "ended terminated termination left",
            "ended, terminated, closed, completed, inactive, left, expired, cancelled, canceled",
        ),
        ("published", "published publication publish", "published, archived, live"),
        ("archived", "archived", "archived"),
        ("deleted", "deleted deletion removed trashed", "deleted, removed, trashed"),
        ("blocked", "blocked block", "blocked"),
        ("suspended", "suspended suspension", "suspended"),
        ("locked", "locked", "locked"),
        ("banned", "banned ban", "banned"),
        ("deactivated", "deactivated disabled inactivated", "inactive, disabled, deactivated, closed"),
        ("discharged", "discharged discharge", "discharged, transferred, deceased, released"),
        ("deceased", "deceased death died", "deceased, dead"),
        ("reversed", "reversed reversal chargeback", "reversed, charged back"),
        ("departed", "departed", "departed, arrived, landed, in air, in flight, en route, completed"),
        ("arrived", "arrived landed", "arrived, landed, completed"),
        ("expired", "expired", "expired"),
        ("sent", "sent", "sent, delivered, opened, read, clicked, answered, replied, bounced"),
        ("opened", "opened read seen viewed", "opened, read, clicked, seen, viewed, answered, replied"),
        ("verified", "verified verification", "verified, active, approved"),
        ("graded", "graded", "graded, passed, completed"),
        (
            "submitted",
            "submitted submission",
            "submitted, graded, approved, rejected, accepted, in review, under review, completed",
        ),
        ("dormant", "dormant", "dormant"),
        ("defaulted", "defaulted default", "defaulted"),
        ("transferred", "transferred transfer", "transferred"),
        ("retired", "retired discontinued", "retired, discontinued"),
    )
}
"""Per event: the words of columns that speak of it, and the statuses in which it has happened."""

MOMENTS = ("date", "at", "on", "time", "timestamp", "day", "dt")
SAYING = frozenset(
    {*MOMENTS, "is", "has", "was", "by", "reason", "comment", "note", "code", "number", "id", "flag", "message"}
)
"""Words that say what of the event a column holds."""
STANDING = ("status", "state", "stage", "phase")
ENDINGS = frozenset(
    {
        "deleted",
        "discontinued",
        "deactivated",
        "ended",
        "left",
        "terminated",
        "closed",
        "removed",
        "retired",
        "archived",
        "disabled",
    }
)
"""Events after which a thing is no longer active."""
COMPANIES = frozenset(
    {"company", "business", "organization", "organisation", "corporate", "legal", "firm", "b2b", "commercial"}
)
PERSONAL = frozenset(
    {
        "first_name",
        "last_name",
        "middle_name",
        "birth_date",
        "gender",
        "person_title",
        "marital_status",
        "initials",
        "name_suffix",
        "age",
        "nationality",
    }
)


def labels(loom: Loom, name: str) -> tuple[str, ...]:
    """The texts that a column of the row may hold, where they are few and known."""
    want = loom.wants.get(name)
    if want is None:
        return ()
    values = finite.allowed(want)
    if values is not None:
        return tuple(v for v in values if isinstance(v, str))
    t = semantic_type(loom.meanings.get(name, ""))
    words = t.options.get("words", ()) if t is not None and t.maker == "words" else ()
    return tuple(str(w) for w in words) if isinstance(words, tuple | list) else ()


def status_of(loom: Loom, but: str) -> tuple[str, tuple[str, ...]] | None:
    """The row's status column with its labels."""
    for word in STANDING:
        for name, words in loom.tokens.items():
            if words[-1] == word and name != but and name in loom.wants and (found := labels(loom, name)):
                return name, found
    return None


def plain(label: str) -> str:
    """A label as the lexicon writes it, in English."""
    said = label.strip().lower().replace("_", " ").replace("-", " ")
    return states().get(fold(said), said)


def events_of(loom: Loom, name: str) -> list[str]:
    """Events that a column's name speaks of."""
    words = set(loom.tokens[name])
    found = [e for e, (said, _) in EVENTS.items() if said & words]
    meaning = loom.meanings.get(name, "")
    if "actual" in words and meaning in ("departed_at", "arrived_at"):
        found = ["departed" if meaning == "departed_at" else "arrived"]
    if words & {
        "due",
        "expected",
        "planned",
        "scheduled",
        "estimated",
        "required",
        "requested",
        "method",
        "type",
        "count",
        "amount",
        "total",
        "status",
        "state",
        "rate",
        "fee",
        "cost",
        "term",
        "terms",
    }:
        return []
    return found


def happened(loom: Loom, name: str, events: list[str] | None = None) -> Node | None:
    """True in rows in which what the column speaks of has happened; None where nothing tells."""
    events = events_of(loom, name) if events is None else events
    status = status_of(loom, name)
    if status is not None and events:
        column, known = status
        done = [v for v in known if any(plain(v) in EVENTS[e][1] for e in events)]
        if done and len(done) < len(known):
            node: Node = Call("in", (Column(column), *(Const(v) for v in done)))
            return Call("is_true", (node,)) if loom.wants[column].field.nullable else node
    return _by_flag(loom, name)


def _by_flag(loom: Loom, name: str) -> Node | None:
    """A flag about the same event (``blocked`` beside ``blocked_at``), or ``active`` about its contrary."""
    want = loom.wants[name]
    if want.field.type.kind is Kind.BOOLEAN or loom.meanings.get(name) == "flag":
        return None
    core = _core(loom.tokens[name])
    for other, words in loom.tokens.items():
        if other == name or other not in loom.wants or loom.wants[other].field.type.kind is not Kind.BOOLEAN:
            continue
        about = _core(words)
        truth: Node = Column(other)
        if core and (about == core or _same_event(core, about)):
            return Call("is_true", (truth,))
        if about in (("active",), ("enabled",), ("current",)) and len(core) == 1 and core[0] in ENDINGS:
            return Call("not", (Call("coalesce", (truth, Const(True))),))
    return None


def _same_event(core: tuple[str, ...], about: tuple[str, ...]) -> bool:
    """Whether two columns' words speak of one event in other forms (``refund`` reason, ``refunded``)."""
    return any(said >= {*core, *about} for said, _ in EVENTS.values() if about)


def _core(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(w for w in words if w not in SAYING)


def absent(loom: Loom, want: Want, meaning: str) -> Node | None:
    """Rows in which the column is null because what it speaks of has not happened (or is not of this kind of row)."""
    name = want.field.name
    if not want.field.nullable or want.unique or name not in loom.tokens:
        return None
    t = semantic_type(meaning)
    dated = t is not None and t.maker == "moment"
    told = (
        dated
        or want.field.type.kind in (Kind.DATE, Kind.TIMESTAMP)
        or meaning in ("reason", "tracking_number", "error_message", "note", "comment")
        or loom.tokens[name][-1] in ("reason", "message", "error", "code", "number")
    )
    if meaning == "card_expiry_text" or (dated and "card" in loom.tokens[name]):
        by = _paid_otherwise(loom, "card")
        if by is not None:
            return by
    if told and (done := happened(loom, name)) is not None:
        return Call("not", (done,))
    if meaning in PAID_BY and (by := _paid_otherwise(loom, PAID_BY[meaning])) is not None:
        return by
    if meaning in PERSONAL and (company := is_company(loom)) is not None:
        return company
    return None


PAID_BY = {
    **dict.fromkeys(
        ("card_number", "card_masked", "card_number_masked", "card_type", "card_expiry_text", "cvv"), "card"
    ),
    "iban": "bank",
}
"""What is known of a payment only where it was made that way."""
BY_CARD = ("credit card", "debit card", "card", "credit", "debit", "creditcard", "visa", "mastercard", "stripe")
BY_BANK = ("bank transfer", "transfer", "direct debit", "sepa", "wire", "wire transfer", "ach", "bank", "sepa debit")


def _paid_otherwise(loom: Loom, way: str) -> Node | None:
    """Rows that were paid in another way than by card (or through a bank), where a method says so."""
    for name, words in loom.tokens.items():
        if (
            name not in loom.wants
            or words[-1] not in ("method", "type", "mode")
            or not {"payment", "pay", "method"} & {*words, *loom.subject}
        ):
            continue
        known = labels(loom, name)
        t = semantic_type(loom.meanings.get(name, ""))
        if not known and t is not None and t.maker == "pool":
            known = loom.members(str(t.options.get("pool", "")))
        done = [v for v in known if plain(v) in (BY_CARD if way == "card" else BY_BANK)]
        if done and len(done) < len(known):
            return Call("not", (Call("is_true", (Call("in", (Column(name), *(Const(v) for v in done))),)),))
    return None


def is_company(loom: Loom) -> Node | None:
    """Rows that are companies rather than persons, where a kind tells them apart."""
    for name, words in loom.tokens.items():
        if words[-1] in ("type", "kind", "category", "class") and name in loom.wants:
            known = labels(loom, name)
            found = [v for v in known if COMPANIES & set(plain(v).split())]
            if found and len(found) < len(known):
                return Call("in", (Column(name), *(Const(v) for v in found)))
    return None


def flag(loom: Loom, want: Want) -> Node | None:
    """A flag that the row's status settles: ``is_paid`` is true in paid, shipped and delivered rows."""
    status = status_of(loom, want.field.name)
    if status is None:
        return None
    column, known = status
    words = set(loom.tokens[want.field.name])
    if words & {"active", "enabled"}:
        alive = [v for v in known if plain(v) in ("active", "enabled", "open", "current", "approved", "verified")]
        if alive and len(alive) < len(known):
            return Call("in", (Column(column), *(Const(v) for v in alive)))
    return happened(loom, want.field.name)
