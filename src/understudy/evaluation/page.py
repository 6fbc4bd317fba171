"""The report as one page: what is worst, where it differs, whether anybody's record shows through. It reads nothing
from elsewhere and runs no script."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from understudy.evaluation.answers import answers
from understudy.evaluation.plots import bars, grid, level, meter
from understudy.model.evaluation import Detection, Evaluation, Interval, Privacy, TableReport

SHOWN = 12
"""Columns whose plots open at once, the least alike first; the others unfold."""

STYLE = """
:root{--real:#7a8190;--made:#2f6fde;--good:#d7efe0;--bad:#c0392b;--ink:#1b1f27;--dim:#667085;--line:#e4e7ec;--card:#fff;
--back:#f7f8fa;color-scheme:light dark}
@media(prefers-color-scheme:dark){:root{--real:#98a2b3;--made:#6ea0ff;--good:#1f3d2e;--bad:#e0604f;--ink:#eef0f4;
--dim:#98a2b3;--line:#2c3340;--card:#171b22;--back:#0f1217}}
*{box-sizing:border-box}body{margin:0;background:var(--back);color:var(--ink);
font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:1080px;margin:0 auto;padding:40px 20px 80px}h1{font-size:26px;margin:0}h2{font-size:20px;margin:44px 0
8px} h3{font-size:15px;margin:26px 0 8px}p{margin:6px 0}.dim{color:var(--dim)}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(165px,1fr));gap:12px;margin:16px 0}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px 16px}
.card b{display:block;font-size:26px;line-height:1.2}.card span{color:var(--dim);font-size:13px}
.plots{display:grid;grid-template-columns:repeat(auto-fill,minmax(300px,1fr));gap:12px}
.plots .card{padding:10px 12px}.plots h4{margin:0;font-size:14px;display:flex;justify-content:space-between;gap:8px}
svg{width:100%;display:block}svg text{font-size:10px;fill:var(--dim)}.r{fill:var(--real)}.s{fill:var(--made)}
.meter{height:10px;width:160px;display:inline-block;vertical-align:middle}.rail{fill:var(--line)}.span{fill:var(--real)}
.mark{fill:var(--ink)}table{border-collapse:collapse;width:100%;font-size:14px;background:var(--card)}
th,td{text-align:left;padding:6px 10px;border-bottom:1px solid
var(--line)}th{color:var(--dim);font-weight:500}
th+th{text-align:right}
td.n{text-align:right;font-variant-numeric:tabular-nums}.warn{color:var(--bad);font-weight:600}
.key i{display:inline-block;width:11px;height:11px;border-radius:2px;margin:0 5px 0 12px}
.key .real{background:var(--real)}.key .made{background:var(--made)}
.answers{display:grid;grid-template-columns:repeat(auto-fit,minmax(320px,1fr));gap:12px;margin:16px 0}
.qa{background:var(--card);border:1px solid var(--line);border-left:5px solid var(--dim);border-radius:8px;
padding:10px 14px}
.qa.good{border-left-color:#2e9e5b}.qa.fair{border-left-color:#d39a1e}.qa.bad{border-left-color:var(--bad)}
.qa p{font-size:14px;margin:2px 0 0}
summary{cursor:pointer;color:var(--dim);margin:10px 0}.scroll{overflow-x:auto}h4{margin:14px 0 6px;font-size:14px}
h1{overflow-wrap:anywhere}.level{height:8px;width:120px;display:inline-block;vertical-align:middle}
@media(max-width:520px){main{padding:20px 12px 40px}.answers,.plots{grid-template-columns:1fr}th,td{padding:5px 6px}
.cards{grid-template-columns:1fr 1fr}.card{padding:10px 12px}.card b{font-size:21px}}
@media print{body{background:#fff}main{padding:0;max-width:none}h2,h3,h4{break-after:avoid}
.card,.qa,tr,svg{break-inside:avoid}.scroll{overflow:visible}summary{display:none}
details::details-content{content-visibility:visible;display:block}}
"""


def page(found: Evaluation) -> str:
    """The whole page as HTML."""
    several = len(found.tables) > 1
    parts = [
        f"<h1>{escape(found.synthetic)}</h1>",
        f'<p class="dim">compared with {escape(found.real)} · {escape(found.made)}</p>',
        _answers(found),
        *([_relations(found)] if found.relations else []),
        *(_table(t, named=several) for t in found.tables),
        _making(found),
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>Quality and privacy: {escape(found.synthetic)}</title><style>{STYLE}</style></head>"
        f"<body><main>{''.join(parts)}</main></body></html>\n"
    )


def _answers(found: Evaluation) -> str:
    """The questions people come with, answered in a sentence each."""
    tables = found.tables
    worst = min(((c.similarity, t, c.name) for t in tables for c in t.columns), key=lambda x: x[0])
    quality = sum(t.quality for t in tables) / len(tables)
    scored = [t.privacy_score for t in tables if t.privacy_score is not None]
    copies = sum(t.privacy.copies for t in tables if t.privacy is not None)
    natural = sum(t.privacy.copies_real for t in tables if t.privacy is not None)
    cards = [
        _card(f"{quality:.3f}", "quality, of 1"),
        _card(f"{sum(scored) / len(scored):.3f}" if scored else "–", "privacy, of 1" if scored else _UNJUDGED),
        _card(
            f"{worst[0]:.3f}",
            f"least alike: {worst[1].name}.{worst[2]}" if len(tables) > 1 else f"least alike: {worst[2]}",
        ),
        _card(f"{copies:,}", f"rows equal to a training row ({natural:,} of the rows held back are)"),
    ]
    return f'<div class="cards">{"".join(cards)}</div>'


_UNJUDGED = "privacy cannot be scored without rows held back (--holdout)"


def _card(figure: str, words: str) -> str:
    return f'<div class="card"><b>{escape(figure)}</b><span>{escape(words)}</span></div>'


def _relations(found: Evaluation) -> str:
    rows = [
        [
            f"{r.child} → {r.parent}",
            f"{r.cardinality:.3f}",
            f"{r.trends:.3f}",
            *(_auc(x) for x in (r.families.children, r.families.sums, r.families.steps)),
            "–" if r.families.over_time is None else f"{r.families.over_time:.3f}",
            f"{r.orphans:,}",
        ]
        for r in found.relations
    ]
    heads = ["reference", "children per parent", "trends across"]
    heads += ["told by children", "by their sums", "by steps", "steps alike", "orphans"]
    words = (
        "Told: AUC of a classifier that sees children beside their parents, what the children of a parent come to, or "
    )
    words += "the steps from child to child; 0.5 is best. Children of one parent are always judged together."
    return f'<h2>Between tables</h2>{_rows(heads, rows)}<p class="dim">{escape(words)}</p>'


def _auc(found: Interval | None) -> str:
    return "–" if found is None else f"{found.value:.3f}"


def _table(t: TableReport, *, named: bool) -> str:
    head = f"<h2>{escape(t.name)}</h2>" if named else ""
    figures = [
        _card(f"{t.shapes:.3f}", "column shapes"),
        _card(f"{t.trends:.3f}", "pair trends"),
        _card(f"{t.detection.auc.value:.3f}" if t.detection else "–", "detection AUC (0.5 is best)"),
        _card(f"{t.quality:.3f}", "quality"),
    ]
    missing = f'<p class="warn">not in the synthetic table: {escape(", ".join(t.missing))}</p>' if t.missing else ""
    return "".join(
        [
            head,
            f'<p class="dim">{t.rows[0]:,} real rows, {t.rows[1]:,} synthetic</p>',
            missing,
            _questions(t),
            f'<div class="cards">{"".join(figures if named else figures[:3])}</div>',
            _columns(t),
            _pairs(t),
            _triples(t),
            _clocks(t),
            _detection(t.detection),
            _utility(t),
            _rules(t),
            _unusual(t),
            _privacy(t.privacy),
            _scores(t),
        ]
    )


def _questions(t: TableReport) -> str:
    rows = "".join(
        f'<div class="qa {a.verdict.value}"><b>{escape(a.question)}</b><p>{escape(a.text)}</p></div>'
        for a in answers(t)
    )
    return f'<div class="answers">{rows}</div>'


def _unusual(t: TableReport) -> str:
    odd = t.anomalies
    if odd is None:
        return ""
    said = (
        f"<p>{odd.share.value:.2%} of the synthetic rows ({odd.share.low:.2%} to {odd.share.high:.2%}) stand out from "
        f"real ones more than all but {odd.expected:.1%} of those do.</p>"
    )
    rows = [[f"{u.row:,}", ", ".join(f"{n} = {v}" for n, v in u.because), f"{u.score:.3f}"] for u in odd.rows]
    listed = "".join(
        f"<tr><td class='n'>{escape(r)}</td><td>{escape(w)}</td><td class='n'>{escape(s)}</td></tr>" for r, w, s in rows
    )
    head = "<tr><th>row</th><th style='text-align:left'>unusual because of</th><th>score</th></tr>"
    return f"<h3>Rows that no real row is like</h3>{said}" + (_wide(f"<table>{head}{listed}</table>") if rows else "")


def _columns(t: TableReport) -> str:
    plots = [
        f'<div class="card"><h4><span>{escape(c.name)}</span><span>{c.similarity:.3f}</span></h4>'
        f"{bars(c)}{_nulls(c.nulls)}</div>"
        for c in t.columns
    ]
    key = '<p class="key dim"><i class="real"></i>real<i class="made"></i>synthetic</p>'
    rest = plots[SHOWN:]
    more = (
        f'<details><summary>{len(rest)} more columns</summary><div class="plots">{"".join(rest)}</div></details>'
        if rest
        else ""
    )
    return f"<h3>Columns, the least alike first</h3>{key}<div class='plots'>{''.join(plots[:SHOWN])}</div>{more}"


def _nulls(nulls: tuple[float, float]) -> str:
    if nulls == (0.0, 0.0):
        return ""
    return f'<span class="dim">nulls: {nulls[0]:.1%} real, {nulls[1]:.1%} synthetic</span>'


def _pairs(t: TableReport) -> str:
    if not t.pairs:
        return ""
    names = list(
        dict.fromkeys(n for p in sorted(t.pairs, key=lambda p: (p.first, p.second)) for n in (p.first, p.second))
    )
    rows = [[f"{p.first} × {p.second}", f"{p.similarity:.3f}", f"{p.strength:.2f}"] for p in t.pairs[:8]]
    listed = _rows(["least alike", "similarity", "dependence in the real rows"], rows)
    return f'<h3>Pairs of columns</h3><div class="scroll">{grid(t.pairs, names)}</div>{listed}'


def _triples(t: TableReport) -> str:
    if not t.triples:
        return ""
    mean = sum(x.similarity for x in t.triples) / len(t.triples)
    known = [x.natural for x in t.triples if x.natural is not None]
    against = f"; rows held back: {sum(known) / len(known):.3f}, which is what chance leaves" if known else ""
    rows = [
        [" × ".join(x.columns), f"{x.similarity:.3f}", "–" if x.natural is None else f"{x.natural:.3f}"]
        for x in t.triples[:5]
    ]
    said = f"<p class='dim'>mean similarity of {len(t.triples)} threes: {mean:.3f}{against}</p>"
    return f"<h3>Three columns together</h3>{said}" + _rows(["least alike", "similarity", "rows held back"], rows)


def _clocks(t: TableReport) -> str:
    if not t.clocks:
        return ""

    def said(value: float | None) -> str:
        return "–" if value is None else f"{value:.3f}"

    rows = [[c.column, said(c.course), said(c.months), said(c.weekdays), said(c.hours)] for c in t.clocks]
    heads = ["column", "over the years", "over months", "over weekdays", "over hours"]
    return "<h3>Over time: do rows fall on the same times?</h3>" + _rows(heads, rows)


def _scores(t: TableReport) -> str:
    """How the scores are made: every part, its weight, and what it adds."""
    made = [("Quality", t.quality, t.quality_parts), ("Privacy", t.privacy_score, t.privacy_parts)]
    out = []
    for name, total, parts in made:
        if total is None or not parts:
            continue
        weight = sum(p.weight for p in parts)
        rows = "".join(
            f"<tr><td>{escape(p.name)}<br><span class='dim'>{escape(p.why)}</span></td><td class='n'>{p.value:.3f}</td>"
            f"<td class='n'>× {p.weight / weight:.2f}</td><td class='n'>{p.value * p.weight / weight:.3f}</td>"
            f"<td>{level(p.value)}</td></tr>"
            for p in parts
        )
        head = "<tr><th>part</th><th>came to</th><th>weight</th><th>adds</th><th></th></tr>"
        foot = f"<tr><td><b>{name}</b></td><td></td><td></td><td class='n'><b>{total:.3f}</b></td><td></td></tr>"
        table = _wide(f"<table>{head}{rows}{foot}</table>")
        out.append(f"<h4>{name}: {total:.3f} of 1</h4>{table}")
    if t.privacy_score is None:
        out.append(f"<p class='dim'>{_UNJUDGED}</p>")
    return f"<h3>How the scores are made</h3>{''.join(out)}"


def _wide(table: str) -> str:
    """What may be wider than a narrow screen scrolls by itself."""
    return f'<div class="scroll">{table}</div>'


def _detection(d: Detection | None) -> str:
    if d is None:
        return "<h3>Detection</h3><p class='dim'>too few rows to tell</p>"
    rows = [
        ["sees the columns", _bounded(d.auc), meter(d.auc.value, d.auc.low, d.auc.high, 0.5, 1.0)],
        [
            "and their differences and ratios",
            _bounded(d.derived),
            meter(d.derived.value, d.derived.low, d.derived.high, 0.5, 1.0),
        ],
    ]
    by = ", ".join(f"{name} ({share:.0%})" for name, share in d.gives_away[:5])
    body = "".join(f"<tr><td>{escape(a)}</td><td class='n'>{b}</td><td>{c}</td></tr>" for a, b, c in rows)
    return (
        "<h3>Can a classifier tell them apart?</h3>"
        + _wide(f"<table><tr><th>it</th><th>AUC</th><th>0.5 to 1</th></tr>{body}</table>")
        + f"<p class='dim'>it goes by {escape(by)}</p>"
    )


def _bounded(i: Interval) -> str:
    return f"{i.value:.3f} <span class='dim'>({i.low:.3f} to {i.high:.3f})</span>"


def _utility(t: TableReport) -> str:
    if not t.utility:
        return ""
    rows = [
        [u.target, u.measure, f"{u.synthetic:.3f}", f"{u.real:.3f}", f"{u.synthetic - u.real:+.3f}"] for u in t.utility
    ]
    return "<h3>Is it as useful?</h3>" + _rows(
        ["predicts", "measure", "trained on synthetic", "trained on real", "difference"], rows
    )


def _rules(t: TableReport) -> str:
    if not t.rules:
        return ""
    rows = [[rule, f"{share:.2%}"] for rule, share in t.rules[:12]]
    return "<h3>Rules that hold in every real row</h3>" + _rows(["rule", "kept in"], rows)


def _privacy(p: Privacy | None) -> str:
    if p is None:
        return "<h3>Privacy</h3><p class='dim'>too few rows to tell</p>"
    rows = [
        ["distance to the closest training row, median", f"{p.distance:.4f}", f"{p.distance_real:.4f}"],
        ["nearest over second nearest, median", f"{p.ratio:.3f}", f"{p.ratio_real:.3f}"],
    ]
    said = ""
    if p.held_back:
        rows = [
            ["nearer to training than to held-back rows", _bounded(p.nearer), "0.5"],
            ["membership attack, AUC", _bounded(p.membership), "0.5"],
            ["rows equal to a training row", f"{p.copies:,}", f"{p.copies_real:,}"],
            [
                f"gain in guessing {escape(p.attribute[0]) or 'an attribute'}, the worst of {p.tried}",
                _bounded(p.attribute[1]),
                "0",
            ],
            ["combinations that single out a training row, beyond chance", _bounded(p.singled), "0"],
            *rows,
        ]
    else:
        rows.insert(0, ["rows equal to a training row", f"{p.copies:,}", "–"])
        said = f'<p class="dim">{_UNJUDGED}</p>'
    body = "".join(f"<tr><td>{a}</td><td class='n'>{b}</td><td class='n'>{c}</td></tr>" for a, b, c in rows)
    head = "<tr><th></th><th>synthetic</th><th>real rows not trained on</th></tr>"
    return f"<h3>Does anybody's record show through?</h3>{said}{_wide(f'<table>{head}{body}</table>')}"


def _rows(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(h)}</th>" for h in heads)
    body = "".join(
        "<tr>" + "".join(f"<td{' class=n' if i else ''}>{escape(c)}</td>" for i, c in enumerate(r)) + "</tr>"
        for r in rows
    )
    return _wide(f"<table><tr>{head}</tr>{body}</table>")


def _making(found: Evaluation) -> str:
    notes = "".join(f"<p class='dim'>{escape(n)}</p>" for n in found.notes)
    versions = " · ".join(f"{n} {v}" for n, v in found.versions.items())
    words = (
        "Similarities lie between 0 and 1; in brackets are 95 % confidence intervals (bootstrap over rows). What "
        "could not be measured is left out of a score, and the rest weighs more."
    )
    return f"<h2>About these figures</h2><p class='dim'>{words}</p>{notes}<p class='dim'>{escape(versions)}</p>"
