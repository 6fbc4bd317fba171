"""The certificate as one page: no script, nothing loaded from anywhere, readable on paper."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from html import escape

from understudy.model.certificate import Certificate
from understudy.model.lesson import said
from understudy.model.manifest import Certified, Manifest

STYLE = """
:root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2rem}table{border-collapse:collapse;width:100%;font-size:.9rem}
th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #8884;vertical-align:top}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}code{font:.85em ui-monospace,monospace;
overflow-wrap:anywhere}.ok{color:#15803d}.bad{color:#b91c1c}.open{color:#a16207}.verdict{font-size:1.2rem;
font-weight:600;padding:.6rem 1rem;border-left:.4rem solid currentColor;background:#8881}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}dt{font-weight:600}dd{margin:0}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));gap:.6rem;margin:1rem 0}
.figures div{border:1px solid #8884;border-radius:.4rem;padding:.5rem .8rem}.figures b{display:block;font-size:1.4rem;
font-variant-numeric:tabular-nums}.figures span{font-size:.8rem;opacity:.75}
details{border-bottom:1px solid #8884;padding:.2rem 0}summary{cursor:pointer;padding:.3rem .6rem}
summary b{margin-right:.6rem}details table{margin:.2rem 0 1rem}details tr:last-child td,tfoot td{border-bottom:0}
tfoot td{font-weight:600}td.met{white-space:nowrap}a{color:inherit}
"""

UNFOLDED = 40
"""Tables up to which the constraints of each stand open; of more, those with something to say."""


def page(certificate: Certificate) -> str:
    """The whole page as HTML."""
    m = certificate.manifest
    title = f"Load certificate: {m.target}"
    body = "\n".join(
        (
            f"<h1>{escape(title)}</h1>",
            _verdict(m),
            _figures(m),
            _facts(m, certificate.digest),
            *_section("Tables", _tables(m)),
            *_section("Constraints", _constraints(m)),
            *_section("Learned in rehearsal", _list(said(x) for x in m.learned)),
            *_section("Real rows", _list((*(f"{n:,} rows of {t} are real ones" for t, n in m.real.items()), *m.used))),
            *_section("Warnings", _list(m.warnings)),
            *_section("Cannot be met", _list(m.unmet)),
        )
    )
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
    return (
        f'<!doctype html>\n<html lang="en"><head>{head}<style>{STYLE}</style></head>\n<body>\n{body}\n</body></html>\n'
    )


def _verdict(m: Manifest) -> str:
    rejected = sum(t.rejected for t in m.tables)
    open_ = sum(c.violations is None for c in m.constraints)
    if not m.holds or rejected:
        return '<p class="verdict bad">Does not hold: rows were rejected, constraints broken or structure changed.</p>'
    more = f" {open_} constraints could not be verified by query." if open_ else ""
    return f'<p class="verdict ok">Holds: no row rejected, no constraint found broken.{more}</p>'


def _figures(m: Manifest) -> str:
    """What a reader wants to know first, as a row of numbers."""
    verified = sum(c.violations is not None for c in m.constraints)
    broken = sum(bool(c.violations) for c in m.constraints)
    rejected = sum(t.rejected for t in m.tables)
    figures = [
        (f"{len(m.tables):,}", "tables", ""),
        (f"{sum(t.accepted for t in m.tables):,}", "rows accepted", ""),
        (f"{rejected:,}", "rows rejected", "bad" if rejected else "ok"),
        (f"{verified:,}", "constraints verified by query", ""),
        (f"{broken:,}", "constraints broken", "bad" if broken else "ok"),
    ]
    if len(m.constraints) > verified:
        figures.append((f"{len(m.constraints) - verified:,}", "constraints not verifiable", "open"))
    cells = "".join(f'<div class="{kind}"><b>{number}</b><span>{word}</span></div>' for number, word, kind in figures)
    return f'<div class="figures">{cells}</div>'


def _facts(m: Manifest, digest: str) -> str:
    clock = datetime.fromtimestamp(m.clock / 1e6, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    facts = {
        "Server": m.server or "unknown",
        "Plan": f"{m.plan_hash} (seed {m.seed}, clock {clock}, era {m.era})",
        "Time": f"{m.started} to {m.finished}",
        "Structure before": m.structure_before,
        "Structure after": m.structure_after
        + (" (unchanged)" if m.structure_before == m.structure_after else " (CHANGED)"),
        "Rehearsed": f"{m.rehearsed:,} rows tried before and rolled back" if m.rehearsed else "no",
        "Versions": ", ".join(f"{n} {v}" for n, v in sorted(m.versions.items())),
        "Certificate": digest,
    }
    return "<dl>" + "".join(f"<dt>{escape(k)}</dt><dd>{escape(v)}</dd>" for k, v in facts.items() if v) + "</dl>"


def _section(title: str, body: str) -> Iterator[str]:
    if body:
        yield f"<h2>{escape(title)}</h2>"
        yield body


def _tables(m: Manifest) -> str:
    head = ("table", "sent", "accepted", "rejected", "before", "after", "checksum")
    rows = []
    for t in m.tables:
        numbers = "".join(
            f'<td class="n{" bad" if n == "rejected" and t.rejected else ""}">{_number(getattr(t, n))}</td>'
            for n in ("sent", "accepted", "rejected", "before", "after")
        )
        name = f'<a href="#{escape(t.name)}">{escape(t.name)}</a>'
        rows.append(f"<tr><td>{name}</td>{numbers}<td><code>{escape(t.checksum)}</code></td></tr>")
    sums = (sum(getattr(t, n) or 0 for t in m.tables) for n in ("sent", "accepted", "rejected", "before", "after"))
    foot = "<tr><td>all</td>" + "".join(f'<td class="n">{n:,}</td>' for n in sums) + "<td></td></tr>"
    return _table(head, rows, numeric=range(1, 6), foot=foot)


def _number(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def _constraints(m: Manifest) -> str:
    """Table by table in a fold each, those with something broken or open first."""
    tables: dict[str, list[Certified]] = {}
    for c in sorted(m.constraints, key=_gravity):
        tables.setdefault(c.table, []).append(c)
    return "\n".join(_fold(name, found, m.server, len(tables) <= UNFOLDED) for name, found in tables.items())


def _gravity(c: Certified) -> tuple[bool, bool, str, str, str]:
    return not c.violations, c.violations is not None, c.table, c.kind, c.name


def _fold(table: str, found: Sequence[Certified], server: str, unfolded: bool) -> str:
    broken, open_ = sum(bool(c.violations) for c in found), sum(c.violations is None for c in found)
    told = [f"{len(found)} constraints", f'<span class="{"bad" if broken else "ok"}">{broken} broken</span>']
    told += [f'<span class="open">{open_} not verifiable</span>'] if open_ else []
    rows = [_row(c, server) for c in found]
    state = " open" if unfolded or broken or open_ else ""
    inside = _table(("constraint", "text", "met", "verified by", "violations"), rows, numeric=(4,))
    head = f"<summary><b>{escape(table)}</b>{', '.join(told)}</summary>"
    return f'<details id="{escape(table)}"{state}>{head}{inside}</details>'


def _row(c: Certified, server: str) -> str:
    word, kind = ("not verifiable", "open") if c.violations is None else (f"{c.violations:,}", "")
    kind = kind or ("bad" if c.violations else "ok")
    text = f"<code>{escape(' '.join(c.text.split()))}</code>" + (f"<br>{escape(c.reason)}" if c.reason else "")
    verified = c.verified.removesuffix(f" ({server.split(' (', maxsplit=1)[0]})")  # the server stands at the top
    name = f"{c.kind.replace('_', ' ')} {c.name}"
    cells = f"<td>{escape(name)}</td><td>{text}</td>"
    cells += f'<td class="met">{escape(c.met)}</td><td>{escape(verified)}</td>'
    return f'<tr>{cells}<td class="n {kind}">{word}</td></tr>'


def _table(head: Sequence[str], rows: Iterable[str], numeric: Iterable[int] = (), foot: str = "") -> str:
    right = set(numeric)
    cells = "".join(f'<th class="n">{h}</th>' if i in right else f"<th>{h}</th>" for i, h in enumerate(head))
    return (
        f"<table><thead><tr>{cells}</tr></thead><tbody>\n"
        + "\n".join(rows)
        + f"\n</tbody>{f'<tfoot>{foot}</tfoot>' if foot else ''}</table>"
    )


def _list(lines: Iterable[str]) -> str:
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f"<ul>{items}</ul>" if items else ""
