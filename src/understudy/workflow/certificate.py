"""The load certificate in words a person reads: what was loaded, how each constraint was met, what was found.

The JSON form is the manifest itself (``model.document.to_json``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from understudy.model.lesson import said
from understudy.model.manifest import Certified, Manifest, TableManifest

LISTED = 20
"""Constraints of one outcome that are listed by name; the rest is counted (the JSON has all)."""

WIDTH = 110


def certificate(manifest: Manifest) -> str:
    """The manifest as text, verdict first and last."""
    return (
        "\n".join([*_head(manifest), "", *_tables(manifest.tables), "", *_constraints(manifest), *_foot(manifest)])
        + "\n"
    )


def _head(m: Manifest) -> Iterator[str]:
    yield "LOAD CERTIFICATE"
    yield f"target     {m.target}" + (f" ({m.server})" if m.server else "")
    yield f"plan       {m.plan_hash} · seed {m.seed} · clock {_moment(m.clock)} · era {m.era}"
    yield f"time       {m.started} to {m.finished}"
    if m.versions:
        yield "versions   " + " · ".join(f"{n} {v}" for n, v in sorted(m.versions.items()))


def _moment(microseconds: int) -> str:
    return datetime.fromtimestamp(microseconds / 1e6, UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def _tables(tables: Sequence[TableManifest]) -> Iterator[str]:
    name = max([len(t.name) for t in tables] + [5])
    yield f"{'table':<{name}}  {'sent':>12}  {'accepted':>12}  {'rejected':>8}  {'before':>12}  {'after':>12}"
    for t in tables:
        before, after = (f"{n:,}" if n is not None else "" for n in (t.before, t.after))
        row = f"{t.name:<{name}}  {t.sent:>12,}  {t.accepted:>12,}  {t.rejected:>8,}  {before:>12}  {after:>12}"
        yield row.rstrip()
    if len(tables) > 1:
        sums = [sum(getattr(t, n) for t in tables) for n in ("sent", "accepted", "rejected")]
        yield f"{'all':<{name}}  {sums[0]:>12,}  {sums[1]:>12,}  {sums[2]:>8,}"


def _constraints(m: Manifest) -> Iterator[str]:
    held = [c for c in m.constraints if c.violations == 0]
    broken = [c for c in m.constraints if c.violations]
    open_ = [c for c in m.constraints if c.violations is None]
    if not m.constraints:
        yield "constraints: none were verified"
        return
    yield f"constraints: {len(held)} verified and kept, {len(broken)} broken, {len(open_)} not verifiable here"
    kinds = Counter(c.kind for c in held)
    if kinds:
        yield "  kept: " + ", ".join(f"{n} {k.replace('_', ' ')}" for k, n in sorted(kinds.items()))
    met = Counter(c.met for c in m.constraints if c.met)
    if met:
        yield "  met: " + ", ".join(f"{n} {how}" for how, n in met.most_common())
    yield from _listed("BROKEN", broken)
    yield from _listed("not verifiable here", open_)


def _listed(title: str, found: Sequence[Certified]) -> Iterator[str]:
    for c in found[:LISTED]:
        count = f" {c.violations:,} rows" if c.violations else ""
        reason = c.reason.removeprefix("not verifiable here: ")
        line = f"  {title}{count}: {c.table}: {c.kind.replace('_', ' ')} {c.name}: {' '.join(c.text.split())}"
        yield (line if len(line) <= WIDTH else line[: WIDTH - 1] + "…") + (f"\n    {reason}" if reason else "")
    if len(found) > LISTED:
        yield f"  {title}: {len(found) - LISTED} more (--json lists all)"


def _foot(m: Manifest) -> Iterator[str]:
    if m.structure_before:
        same = m.structure_before == m.structure_after
        yield f"structure: {'unchanged' if same else 'CHANGED DURING THE LOAD'} (fingerprint {m.structure_after})"
    if m.rehearsed:
        yield f"rehearsed: {m.rehearsed:,} rows were tried before and rolled back"
    yield from (f"  learned: {said(x)}" for x in m.learned)
    yield from (f"real: {n:,} rows of {t} are real ones" for t, n in m.real.items())
    yield from (f"model: {line}" for line in m.used)
    yield from (f"warning: {w}" for w in m.warnings)
    yield from (f"cannot be met: {u}" for u in m.unmet)
    yield ""
    rejected = sum(t.rejected for t in m.tables)
    unverified = any(c.violations is None for c in m.constraints) or not m.constraints
    if m.holds and not rejected:
        yield "HOLDS: no row rejected, no constraint found broken" + (
            ", not all could be verified" if unverified else ""
        )
    else:
        yield "DOES NOT HOLD: see above"
