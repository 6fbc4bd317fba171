"""Who holds the locks that a statement waited for in vain (PostgreSQL)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

HOLDERS = """
SELECT a.pid, a.usename, a.application_name, a.state, extract(epoch FROM now() - a.xact_start),
       string_agg(DISTINCT c.relname, ', ' ORDER BY c.relname), a.query
FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid JOIN pg_class c ON c.oid = l.relation
WHERE l.granted AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
AND c.relkind IN ('r', 'p') AND c.relnamespace <> 'pg_catalog'::regnamespace AND l.mode <> 'AccessShareLock'
AND l.pid NOT IN (%s, pg_backend_pid()) GROUP BY 1, 2, 3, 4, 5, 7 ORDER BY 5 DESC LIMIT 3
"""
"""Sessions with more than reading locks on tables, the oldest first; its one value is a process to leave out."""


def held_by(rows: Iterable[tuple[Any, ...]]) -> str:
    """The rows of :data:`HOLDERS` as the end of a sentence; empty where there are none."""
    told = "; ".join(
        f"process {pid} ({user}{f', {program}' if program else ''}, {state} for {seconds:.0f} s, on {tables}"
        + (f": {' '.join(query.split())[:80]}" if query else "")
        + ")"
        for pid, user, program, state, seconds, tables, query in rows
    )
    return f"; locks are held by {told}" if told else ""
