"""One score of quality and one of privacy, each a weighted mean whose parts are shown."""

from __future__ import annotations

from collections.abc import Sequence

from understudy.model.evaluation import Detection, Part, Privacy, Triple, Utility


def quality(
    shapes: float, trends: float, triples: Sequence[Triple], detection: Detection | None, utility: Sequence[Utility]
) -> tuple[Part, ...]:
    """What quality is made of. What could not be measured is left out, and the rest weighs more."""
    parts = [
        Part("column shapes", 0.25, shapes, "mean similarity of the columns"),
        Part("pairs of columns", 0.15, trends, "mean similarity of what two columns have to do with each other"),
    ]
    if triples:
        # chance alone keeps three columns together from being equal: what it leaves counts as all
        kept = [min(1.0, t.similarity / (t.natural or 1.0)) for t in triples]
        parts.append(
            Part("three together", 0.1, sum(kept) / len(kept), "joint shares, as a part of what chance leaves")
        )
    if detection is not None:
        worst = max(detection.auc.value, detection.derived.value)
        parts.append(Part("not told apart", 0.3, hidden(worst), "1 where a classifier guesses (AUC 0.5), 0 at AUC 1"))
    if utility:
        held = sum(kept_use(u) for u in utility) / len(utility)
        parts.append(Part("use kept", 0.2, held, "of what a model trained on real rows tells beyond guessing"))
    return _rounded(parts)


def private(p: Privacy, rows: int) -> tuple[Part, ...]:
    """What privacy is made of; nothing where no rows were held back: then the attacks cannot be judged."""
    if not p.held_back:
        return ()
    near = 1.0 - 2.0 * max(0.0, p.nearer.value - 0.5)
    copied = 1.0 - 20.0 * max(0, p.copies - p.copies_real) / max(rows, 1)
    guessed, singled = 1.0 - 5.0 * max(0.0, p.attribute[1].value), 1.0 - 5.0 * max(0.0, p.singled.value)
    return _rounded(
        [
            Part("no nearer to training", 0.3, near, "1 where as many lie nearer to rows held back, 0 where none does"),
            Part(
                "membership hidden", 0.3, hidden(max(0.5, p.membership.value)), "1 where the attack guesses, 0 at AUC 1"
            ),
            Part("no copies", 0.2, copied, "0 where one row in twenty is a copy beyond those that chance makes"),
            Part("attributes hidden", 0.1, guessed, "0 where the most exposed column is guessed 20 % more often"),
            Part("nobody singled out", 0.1, singled, "0 where 20 % of rare combinations find their training row"),
        ]
    )


def score(parts: Sequence[Part]) -> float | None:
    """The weighted mean, 0..1; None of nothing."""
    return round(sum(p.weight * p.value for p in parts) / sum(p.weight for p in parts), 4) if parts else None


def hidden(auc: float) -> float:
    """1 at an AUC of one half, 0 at 1."""
    return min(1.0, max(0.0, 2.0 - 2.0 * auc))


def kept_use(u: Utility) -> float:
    """What of a model's use is left when it was trained on synthetic rows."""
    floor = 0.5 if u.measure == "AUC" else 0.0
    return 1.0 if u.real <= floor else min(1.0, max(0.0, (u.synthetic - floor) / (u.real - floor)))


def _rounded(parts: Sequence[Part]) -> tuple[Part, ...]:
    return tuple(Part(p.name, p.weight, round(min(1.0, max(0.0, p.value)), 4), p.why) for p in parts)
