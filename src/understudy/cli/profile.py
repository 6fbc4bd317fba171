"""``understudy inspect --profile``: what the rows look like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from understudy.cli.screen import Screen, short
from understudy.errors import RequestError

if TYPE_CHECKING:
    from understudy.model.distribution import Scalar
    from understudy.model.profile import ColumnProfile, Inclusion, Profile, TableProfile

MOST_PAIRS = 12


def show(sources: tuple[str, ...], table: str | None, save: str | None, out: Screen) -> int:
    """Measure the sources and tell; the exit code."""
    from understudy.workflow.profiling import profile

    if save:
        raise RequestError("--save writes what was understood, not what was measured", mend="Use --json > FILE.")
    with out.progress() as listen:
        found = profile(sources, listen)
    if table is not None and not any(t.name == table for p in found for t in p.tables):
        names = ", ".join(t.name for p in found for t in p.tables)
        raise RequestError(f"no table {table!r} with rows", mend=f"There are: {names[:200]}.")
    if table is None:
        out.data(found if len(found) > 1 else found[0])
    else:
        out.data(next(t for p in found for t in p.tables if t.name == table))
    for each in found:
        _source(each, table, out)
    return 0


def _source(found: Profile, table: str | None, out: Screen) -> None:
    for each in found.tables:
        if table in (None, each.name):
            _table(each, out)
    told = [i for i in found.inclusions if table in (None, i.child, i.parent)]
    if told:
        out.title("References")
        for inclusion in told:
            out.say(f"  {_reference(inclusion)}")


def _reference(i: Inclusion) -> str:
    ends = f"{i.child}({', '.join(i.columns)}) → {i.parent}({', '.join(i.target)})"
    none = f", {i.fanout[0]:.0%} of {i.parent} without" if i.fanout and i.fanout[0] else ""
    return f"{ends}: {i.share:.1%} found, {i.cardinality}, {i.mean:.3g} for each, at most {i.most}{none}"


def _table(found: TableProfile, out: Screen) -> None:
    sampled = f", measured on {found.sampled:,}" if found.sampled else ""
    out.title(f"{found.name}, {found.rows:,} rows{sampled}")
    heads = ("column", "type", "empty", "different", "least", "middle", "greatest", "most frequent", "remarks")
    out.table(heads, [_column(c) for c in found.columns])
    for line in _between(found):
        out.say(f"  {line}")
    for flaw in found.flaws:
        out.say(f"  look at: {flaw.what} ({flaw.share:.1%})")
    out.say()


def _column(c: ColumnProfile) -> tuple[str, ...]:
    different = f"{'' if c.exact else 'about '}{c.distinct:,}{' (unique)' if c.unique else ''}"
    middle = c.points[len(c.points) // 2] if c.points else ""
    texts = bool(c.lengths) and not c.points
    low, high = (c.low, c.high) if not texts else ("", "")
    frequent = ", ".join(f"{_said(v)} {s:.0%}" for v, s in c.frequent[:3] if s >= 0.02)
    return (
        c.name,
        c.kind,
        f"{c.null_share:.1%}" if c.nulls else "",
        different,
        _said(low),
        _said(middle),
        _said(high),
        frequent,
        "; ".join(_remarks(c)),
    )


def _said(value: Scalar | None) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    return "" if value is None else short(str(value))[:24]


def _remarks(c: ColumnProfile) -> list[str]:
    said = []
    if c.lengths and not c.whole:
        low, high = c.lengths.low, c.lengths.high
        said.append(f"{low} characters" if low == high else f"{low} to {high} characters")
    if c.shapes and c.shapes[0].share > 0.6 and not c.whole:
        said.append(f"{c.shapes[0].share:.0%} like {c.shapes[0].pattern}")
    if c.temporal:
        said.append(f"whole {c.temporal.step}s" if not c.temporal.step.startswith("fraction") else "")
        if c.temporal.regular > 0.9:
            said.append("evenly spaced")
        if c.temporal.weekdays and sum(c.temporal.weekdays[5:]) < 0.02:
            said.append("no weekends")
    if c.digits and c.digits.round:
        step, share = c.digits.round[0]
        said.append(f"{share:.0%} round to {step:g}")
    if c.outliers and c.outliers.share >= 0.0005:
        said.append(f"{c.outliers.share:.1%} far out ({', '.join(_said(v) for v in c.outliers.examples[:2])})")
    said += [f"{f.what} ({f.share:.1%})" for f in c.flaws]
    return [s for s in said if s]


def _between(found: TableProfile) -> list[str]:
    """What holds between columns, in lines."""
    lines = [f"key: {', '.join(k)}" for k in found.keys[:3]]
    lines += [f"{a.one} ~ {a.other}: {a.strength:.2f}{_rank(a.correlation)}" for a in found.associations[:MOST_PAIRS]]
    lines += [
        f"{', '.join(d.given)} tells {d.column}{'' if d.share == 1 else f' in {d.share:.1%}'}"
        for d in found.dependencies[:MOST_PAIRS]
    ]
    lines += [f"{o.lesser} {'<' if o.strict else '<='} {o.greater}" for o in found.orderings[:MOST_PAIRS]]
    lines += [f"{s.total} = {s.left} {s.sign} {s.right}" for s in found.sums[:MOST_PAIRS]]
    together = [m for m in found.missing if len(m.columns) > 1]
    lines += [f"empty together: {', '.join(m.columns[:6])} ({m.share:.1%})" for m in together[:5]]
    return lines


def _rank(correlation: float | None) -> str:
    return "" if correlation is None else f" (rank correlation {correlation:+.2f})"
