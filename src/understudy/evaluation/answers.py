"""The questions people come with, each answered in a sentence or two from the figures, with a verdict."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from understudy.evaluation.pairing import FEW
from understudy.model.evaluation import ColumnShape, PairTrend, Privacy, TableReport

ALIKE, FAIR = 0.95, 0.9
"""Similarity from which two samples of a few thousand rows of one law usually are alike, and from which nearly."""

NOTICED = 0.02
"""Gap between shares of rows that is worth a word."""


class Verdict(StrEnum):
    """How an answer is to be taken."""

    GOOD = "good"
    FAIR = "fair"
    BAD = "bad"
    OPEN = "open"


class Answer(msgspec.Struct, frozen=True):
    """A question, its answer and how to take it."""

    question: str
    text: str
    verdict: Verdict


def answers(t: TableReport) -> tuple[Answer, ...]:
    """For one table, the most asked first."""
    found = [_copied(t), _worst(t), _differs(t), _told(t), _useful(t), _impossible(t), _attacked(t)]
    return tuple(a for a in found if a is not None)


def _copied(t: TableReport) -> Answer:
    question, p = "Is anybody's record copied?", t.privacy
    if p is None:
        return Answer(question, "There are too few rows to tell.", Verdict.OPEN)
    share = f"{p.copies:,} of {t.rows[1]:,} synthetic rows equal a training row"
    if not p.copies:
        return Answer(question, "No: no synthetic row equals a training row.", Verdict.GOOD)
    if not p.held_back:
        text = f"{share}. Whether chance explains that, rows held back would tell (--holdout)."
        return Answer(question, text, Verdict.OPEN)
    if p.copies <= p.copies_real * 1.1 + 5:
        text = f"No more than chance has it: {share}, and {p.copies_real:,} rows held back do as well."
        return Answer(question, text, Verdict.GOOD)
    return Answer(question, f"Yes: {share}, but only {p.copies_real:,} rows held back do.", Verdict.BAD)


def _worst(t: TableReport) -> Answer:
    low = [c for c in t.columns if c.similarity < ALIKE]
    if not low:
        text = f"None stands out: the least alike is {t.columns[0].name} with {t.columns[0].similarity:.3f} of 1."
        return Answer("Which columns are worst?", text, Verdict.GOOD)
    named = ", ".join(f"{c.name} ({c.similarity:.3f})" for c in low[:5])
    more = f" and {len(low) - 5} more" if len(low) > 5 else ""
    return Answer("Which columns are worst?", f"{named}{more}.", _rated(low[0].similarity))


def _differs(t: TableReport) -> Answer | None:
    said = [s for c in t.columns[:4] if (s := _gap(c))]
    pairs = [p for p in t.pairs if p.similarity < FAIR and p.strength >= 0.1][:3]
    said += [_together(p) for p in pairs]
    if not said:
        return Answer("Where does it differ?", "Nowhere by as much as 2 % of the rows.", Verdict.GOOD)
    worst = min([*(c.similarity for c in t.columns[:1]), *(p.similarity for p in pairs)])
    return Answer("Where does it differ?", "; ".join(said) + ".", _rated(worst))


def _gap(c: ColumnShape) -> str:
    """The bar of a column that differs most."""
    gaps = [abs(r - s) for r, s in zip(c.spread.real, c.spread.synthetic, strict=True)]
    if abs(c.nulls[0] - c.nulls[1]) >= NOTICED:
        return f"{c.name} is empty in {c.nulls[1]:.0%} of the rows, really in {c.nulls[0]:.0%}"
    if not gaps or max(gaps) < NOTICED:
        return ""
    k = gaps.index(max(gaps))
    real, made = c.spread.real[k], c.spread.synthetic[k]
    labels = c.spread.labels
    where = f"is {labels[k]}"
    if c.kind != "category" and len(labels) > FEW:
        where = f"lies from {labels[k]} on" if k + 1 == len(labels) else f"lies from {labels[k]} up to {labels[k + 1]}"
    return f"{c.name} {where} in {made:.0%} of the rows, really in {real:.0%}"


def _together(p: PairTrend) -> str:
    return f"{p.first} and {p.second} go together otherwise ({p.similarity:.3f})"


def _told(t: TableReport) -> Answer | None:
    if t.detection is None:
        return None
    found = max((t.detection.auc, t.detection.derived), key=lambda i: i.value)
    right = f"A strong classifier ranks a synthetic row above a real one in {found.value:.0%} of pairs (chance: 50 %)"
    by = ", ".join(n for n, _ in t.detection.gives_away[:3])
    verdict = Verdict.GOOD if found.value <= 0.6 else Verdict.FAIR if found.value <= 0.75 else Verdict.BAD
    return Answer("Can it be told from real rows?", f"{right}; it goes by {by}." if by else f"{right}.", verdict)


def _useful(t: TableReport) -> Answer | None:
    if not t.utility:
        return None
    u = t.utility[0]
    lost = (u.real - u.synthetic) / max(abs(u.real), 1e-9)
    text = f"A model that predicts {u.target} reaches {u.measure} {u.synthetic:.3f} on it, {u.real:.3f} on real rows."
    verdict = Verdict.GOOD if lost <= 0.03 else Verdict.FAIR if lost <= 0.1 else Verdict.BAD
    return Answer("Is it as useful?", text, verdict)


def _impossible(t: TableReport) -> Answer | None:
    broken = [(rule, share) for rule, share in t.rules if share < 0.999]
    odd = t.anomalies
    said = [f"{rule} is broken in {1 - share:.1%} of the rows" for rule, share in broken[:3]]
    if odd is not None:
        said.append(f"{odd.share.value:.1%} of the rows stand out, where {odd.expected:.1%} of real ones do")
    if not said:
        return None
    many = odd is not None and odd.share.low > 2 * odd.expected
    verdict = Verdict.BAD if broken else Verdict.FAIR if many else Verdict.GOOD
    return Answer("Are there rows that cannot be?", "; ".join(said) + ".", verdict)


def _attacked(t: TableReport) -> Answer | None:
    p = t.privacy
    if p is None or not p.held_back:
        return None
    found = [_membership(p)]
    guessed = p.attribute[1]
    if guessed.low > 0:
        found.append(f"{p.attribute[0]} is guessed {guessed.value:.1%} more often for training rows than for others")
    if p.singled.low > 0.005:
        found.append(f"{p.singled.value:.1%} of rare combinations single out a training row beyond chance")
    bad = p.membership.low > 0.55 or guessed.low > 0.05 or p.singled.low > 0.05
    fair = p.membership.low > 0.52 or p.nearer.low > 0.53 or len(found) > 1
    verdict = Verdict.BAD if bad else Verdict.FAIR if fair else Verdict.GOOD
    return Answer("What does an attacker learn of those it was trained on?", "; ".join(found) + ".", verdict)


def _membership(p: Privacy) -> str:
    return (
        f"Who was trained on is guessed right in {p.membership.value:.0%} of pairs (chance: 50 %), and "
        f"{p.nearer.value:.0%} of the synthetic rows lie nearer to a training row than to one held back"
    )


def _rated(similarity: float) -> Verdict:
    return Verdict.GOOD if similarity >= ALIKE else Verdict.FAIR if similarity >= FAIR else Verdict.BAD
