"""Parts of files: generated and written in one place, with progress told batch by batch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from understudy.generation.streams import stream
from understudy.kernels import Runtime
from understudy.model.batch import Batch
from understudy.model.event import Listener, RowsDelivered, TableFinished, TableStarted
from understudy.model.plan import Plan
from understudy.model.receipt import Receipt
from understudy.ports.sink import Part, PartSink


def write_part(runtime: Runtime, sink: PartSink, part: Part, tell: Callable[[str, int], None]) -> Receipt:
    """Generate and write one part; ``tell`` hears (table, rows) as batches are taken. Columns that a database
    would compute are there too: no database stands behind a file."""
    made = stream(runtime, part.table, part.start, part.stop, omitted=True, lean=sink.capability.lean)
    return sink.write(part, _told(made, tell))


def _told(batches: Iterator[Batch], tell: Callable[[str, int], None]) -> Iterator[Batch]:
    for batch in batches:
        yield batch
        tell(batch.table, batch.stop - batch.start)


def longest_first(plan: Plan, parts: Sequence[Part]) -> list[Part]:
    """Parts by their cells, most first: started in this order, several workers end at about the same time."""
    width = {t.name: len(t.columns) for t in plan.everything}
    return sorted(parts, key=lambda p: (p.start - p.stop) * width[p.table])


class Progress:
    """Turns rows and receipts into events: a table starts with its first rows and ends with its last part."""

    def __init__(self, parts: Iterable[Part], listen: Listener) -> None:
        self.listen = listen
        self.rows: Counter[str] = Counter()
        self.open: Counter[str] = Counter()
        self.started: set[str] = set()
        for part in parts:
            self.rows[part.table] += part.stop - part.start
            self.open[part.table] += 1

    def start(self, table: str) -> None:
        """A part of the table begins."""
        if table not in self.started:
            self.started.add(table)
            self.listen(TableStarted(table, self.rows[table]))

    def told(self, table: str, rows: int) -> None:
        """Rows were written."""
        self.listen(RowsDelivered(table, rows))

    def finish(self, table: str) -> None:
        """A part of the table is complete."""
        self.open[table] -= 1
        if not self.open[table]:
            self.listen(TableFinished(table, self.rows[table]))
