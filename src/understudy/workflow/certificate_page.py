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
"""


def page(certificate: Certificate) -> str:
    """The whole page as HTML."""
    m = certificate.manifest
    title = f"Load certificate: {m.target}"
    body = "\n".join(
        (
            f"<h1>{escape(title)}</h1>",
            _verdict(m),
            _facts(m, certificate.digest),
            *_section("Tables", _tables(m)),
            *_section("Constraints", _constraints(m.constraints)),
            *_section("Learned in rehearsal", _list(said(x) for x in m.learned)),
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
        rows.append(f"<tr><td>{escape(t.name)}</td>{numbers}<td><code>{escape(t.checksum)}</code></td></tr>")
    return _table(head, rows, numeric=range(1, 6))


def _number(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def _constraints(found: Sequence[Certified]) -> str:
    if not found:
        return ""
    rows = []
    for c in sorted(found, key=lambda c: (not c.violations, c.violations is not None, c.table, c.kind, c.name)):
        word, kind = ("not verifiable", "open") if c.violations is None else (f"{c.violations:,}", "")
        kind = kind or ("bad" if c.violations else "ok")
        text = f"<code>{escape(' '.join(c.text.split()))}</code>" + (f"<br>{escape(c.reason)}" if c.reason else "")
        cells = (
            escape(c.table),
            escape(f"{c.kind.replace('_', ' ')} {c.name}"),
            text,
            escape(c.met),
            escape(c.verified),
        )
        rows.append("<tr>" + "".join(f"<td>{x}</td>" for x in cells) + f'<td class="n {kind}">{word}</td></tr>')
    return _table(("table", "constraint", "text", "met", "verified by", "violations"), rows, numeric=(5,))


def _table(head: Sequence[str], rows: Iterable[str], numeric: Iterable[int] = ()) -> str:
    right = set(numeric)
    cells = "".join(f'<th class="n">{h}</th>' if i in right else f"<th>{h}</th>" for i, h in enumerate(head))
    return f"<table><thead><tr>{cells}</tr></thead><tbody>\n" + "\n".join(rows) + "\n</tbody></table>"


def _list(lines: Iterable[str]) -> str:
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f"<ul>{items}</ul>" if items else ""
