"""Small pictures in SVG: two sides of a column, a grid of pairs, a dial. No script, no font, no file beside them."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from understudy.model.evaluation import ColumnShape, PairTrend

WIDE, HIGH, GAP = 300, 120, 18


def bars(shape: ColumnShape) -> str:
    """Shares of both sides: bars side by side for categories, outlines for numbers and times."""
    spread = shape.spread
    top = max([*spread.real, *spread.synthetic, 1e-9])
    n = max(len(spread.labels), 1)
    step = WIDE / n
    marks = []
    for i, (label, real, synthetic) in enumerate(zip(spread.labels, spread.real, spread.synthetic, strict=True)):
        said = escape(f"{label}: real {real:.1%}, synthetic {synthetic:.1%}", quote=True)
        inner = []
        for side, share, shift in (("r", real, 0.08), ("s", synthetic, 0.5)):
            tall = (HIGH - GAP) * share / top
            inner.append(
                f'<rect class="{side}" x="{i * step + step * shift:.1f}" y="{HIGH - GAP - tall:.1f}" '
                f'width="{step * 0.42:.1f}" height="{tall:.1f}"/>'
            )
        marks.append(f"<g><title>{said}</title>{''.join(inner)}</g>")
    ends = [spread.labels[0], spread.labels[-1]] if spread.labels else ["", ""]
    words = (
        f'<text x="0" y="{HIGH - 4}">{escape(_short(ends[0]))}</text>'
        f'<text x="{WIDE}" y="{HIGH - 4}" text-anchor="end">{escape(_short(ends[1]))}</text>'
    )
    return f'<svg viewBox="0 0 {WIDE} {HIGH}" role="img">{"".join(marks)}{words}</svg>'


def grid(pairs: Sequence[PairTrend], names: Sequence[str]) -> str:
    """A square of pairs, the darker the less alike; names along both sides."""
    shown = list(names)[:40]
    place = {n: i for i, n in enumerate(shown)}
    size, left = 16, 130
    cells = []
    for pair in pairs:
        if pair.first in place and pair.second in place:
            i, j = sorted((place[pair.first], place[pair.second]))
            bad = min(1.0, (1.0 - pair.similarity) / 0.2)
            said = escape(f"{pair.first} × {pair.second}: {pair.similarity:.3f}", quote=True)
            cells.append(
                f'<rect x="{left + i * size}" y="{j * size}" width="{size - 1}" height="{size - 1}" '
                f'style="fill:color-mix(in oklab, var(--bad) {bad:.0%}, var(--good))"><title>{said}</title></rect>'
            )
    words = [
        f'<text x="{left - 6}" y="{i * size + 12}" text-anchor="end">{escape(_short(n))}</text>'
        for i, n in enumerate(shown)
    ]
    side = len(shown) * size
    return (
        f'<svg class="grid" viewBox="0 0 {left + side} {side}" style="max-width:{left + side}px" role="img">'
        f"{''.join(cells)}{''.join(words)}</svg>"
    )


def meter(value: float, low: float, high: float, good: float, bad: float) -> str:
    """A figure with its bounds on a line from good to bad."""

    def at(x: float) -> float:
        return min(100.0, max(0.0, 100.0 * (x - good) / (bad - good)))

    return (
        '<svg class="meter" viewBox="0 0 100 10" preserveAspectRatio="none" role="img">'
        '<rect class="rail" x="0" y="4" width="100" height="2"/>'
        f'<rect class="span" x="{at(low):.1f}" y="2.5" width="{max(0.6, at(high) - at(low)):.1f}" height="5"/>'
        f'<rect class="mark" x="{at(value) - 0.5:.1f}" y="0" width="1" height="10"/></svg>'
    )


def level(value: float) -> str:
    """A bar from 0 to 1."""
    return (
        '<svg class="level" viewBox="0 0 100 8" preserveAspectRatio="none" role="img">'
        '<rect class="rail" x="0" y="1" width="100" height="6"/>'
        f'<rect class="s" x="0" y="1" width="{100 * min(1.0, max(0.0, value)):.1f}" height="6"/></svg>'
    )


def _short(text: str) -> str:
    return text if len(text) <= 20 else text[:19] + "…"
