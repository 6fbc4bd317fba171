"""One score of quality and one of privacy, each a weighted mean whose parts are shown."""

from __future__ import annotations

from collections.abc import Sequence

from understudy.model.evaluation import Detection, Privacy, Utility

MAKING = (
    "Quality: shapes 0.25, pair trends 0.25, indistinguishability (2 - 2 AUC, from 0.5 on) 0.3, utility kept 0.2; what "
    "could not be measured is left out and the rest weighs more. Privacy: rows no nearer to training than to held-back "
    "ones 0.35, membership hidden 0.35, no more copies than real rows show 0.2, attributes no easier to guess 0.1."
)


def quality(shapes: float, trends: float, detection: Detection | None, utility: Sequence[Utility]) -> float:
    """0..1."""
    parts = [(0.25, shapes), (0.25, trends)]
    if detection is not None:
        parts.append((0.3, hidden(max(detection.auc.value, detection.derived.value))))
    if utility:
        parts.append((0.2, sum(kept(u) for u in utility) / len(utility)))
    return round(sum(w * v for w, v in parts) / sum(w for w, _ in parts), 4)


def hidden(auc: float) -> float:
    """1 at an AUC of one half, 0 at 1."""
    return min(1.0, max(0.0, 2.0 - 2.0 * auc))


def kept(u: Utility) -> float:
    """What of a model's use is left when it was trained on synthetic rows."""
    floor = 0.5 if u.measure == "AUC" else 0.0
    return 1.0 if u.real <= floor else min(1.0, max(0.0, (u.synthetic - floor) / (u.real - floor)))


def private(p: Privacy, rows: int) -> float | None:
    """0..1; None where no rows were held back: then the attacks cannot be judged."""
    if not p.held_back:
        return None
    near = min(1.0, max(0.0, 1.0 - 2.0 * max(0.0, p.nearer.value - 0.5)))
    copied = min(1.0, max(0.0, 1.0 - 20.0 * max(0, p.copies - p.copies_real) / max(rows, 1)))
    guessed = min(1.0, max(0.0, 1.0 - 5.0 * p.attribute[1]))
    return round(0.35 * near + 0.35 * hidden(max(0.5, p.membership.value)) + 0.2 * copied + 0.1 * guessed, 4)
