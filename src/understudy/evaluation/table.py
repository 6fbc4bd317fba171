"""One table's evaluation, step by step."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa

from understudy.evaluation import scores
from understudy.evaluation.anomalies import anomalies
from understudy.evaluation.detection import detect
from understudy.evaluation.higher import clocks, triples
from understudy.evaluation.pairing import pair
from understudy.evaluation.privacy import privacy
from understudy.evaluation.rules import kept_rules
from understudy.evaluation.shapes import shape
from understudy.evaluation.trends import trends
from understudy.evaluation.utility import utility
from understudy.model.evaluation import TableReport
from understudy.model.schema import Entity

Tell = Callable[[str], None]


def evaluate_table(
    entity: Entity,
    real: pa.Table,
    synthetic: pa.Table,
    held: pa.Table | None = None,
    *,
    target: str = "",
    seed: int = 0,
    tell: Tell = lambda _: None,
) -> TableReport:
    """Everything about one table. ``held``: real rows that no model has seen. InputError where no column stands on both
    sides, or a side has no row."""
    paired = pair(entity, real, synthetic, held)
    tell("columns")
    shapes = tuple(shape(c) for c in paired.columns)
    tell("pairs")
    pairs = trends(paired.columns)
    tell("three columns together, times")
    threes, times = triples(paired.columns, pairs), clocks(paired.columns)
    tell("detection")
    told = detect(paired.columns, seed)
    tell("utility")
    useful = utility(paired.columns, target, seed)
    tell("anomalies")
    odd = anomalies(paired.columns, seed)
    tell("privacy")
    near = privacy(paired.columns, seed)
    mean = sum(s.similarity for s in shapes) / len(shapes)
    together = sum(p.similarity for p in pairs) / len(pairs) if pairs else 1.0
    good = scores.quality(mean, together, threes, told, useful)
    safe = () if near is None else scores.private(near, synthetic.num_rows)
    return TableReport(
        name=entity.name,
        rows=(real.num_rows, synthetic.num_rows),
        columns=tuple(sorted(shapes, key=lambda s: s.similarity)),
        pairs=pairs,
        shapes=round(mean, 4),
        trends=round(together, 4),
        detection=told,
        utility=useful,
        privacy=near,
        rules=kept_rules(paired.columns),
        quality=scores.score(good) or 0.0,
        privacy_score=scores.score(safe),
        quality_parts=good,
        privacy_parts=safe,
        triples=threes,
        clocks=times,
        missing=paired.missing,
        anomalies=odd,
    )
