"""Parquet, Arrow and Feather: typed columns, streamed."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from understudy.errors import SourceError
from understudy.sources.files.limits import Limits
from understudy.sources.files.nested import Origin, tables
from understudy.sources.files.sheet import Faults, Sheet
from understudy.sources.files.unpack import on_disk

BATCH_ROWS = 1 << 16


def columnar_sheets(path: Path, name: str, limits: Limits, kind: str) -> list[Sheet]:
    """The tables of a ``parquet`` or ``arrow`` file. SourceError where it is damaged."""
    keep = tempfile.TemporaryDirectory(prefix="understudy-")
    with on_disk(path, limits) as plain:
        if plain != path:
            target = Path(keep.name) / plain.name
            plain.replace(target)
            plain = target
    reader = _Parquet(plain, path) if kind == "parquet" else _Arrow(plain, path)
    origin = Origin(str(path), Faults(limits.faults), plain.stat().st_size, kind.capitalize(), False, None, keep)
    return tables(name, reader.schema, reader.rows, origin)


def _damaged(path: Path, error: Exception) -> SourceError:
    said = " ".join(str(error).split())[:160]
    return SourceError(f"damaged or cut off: {said}", where=str(path), mend="Get a whole copy of the file.")


class _Parquet:
    def __init__(self, plain: Path, path: Path) -> None:
        import pyarrow.parquet as pq

        self.plain, self.path = plain, path
        try:
            self.schema: pa.Schema = pq.read_schema(plain)
        except (pa.ArrowException, OSError) as e:
            raise _damaged(path, e) from e

    def rows(self) -> Iterator[pa.RecordBatch]:
        """All rows."""
        import pyarrow.parquet as pq

        try:
            with pq.ParquetFile(self.plain) as file:
                yield from file.iter_batches(BATCH_ROWS)
        except (pa.ArrowException, OSError) as e:
            raise _damaged(self.path, e) from e


class _Arrow:
    """The file form, the stream form, and Feather's old form."""

    def __init__(self, plain: Path, path: Path) -> None:
        self.plain, self.path = plain, path
        try:
            with pa.memory_map(str(plain)) as source:
                self.schema: pa.Schema = self._open(source).schema
        except (pa.ArrowException, OSError) as e:
            raise _damaged(path, e) from e

    def _open(self, source: Any) -> Any:
        head = source.read(6)
        source.seek(0)
        if head == b"ARROW1":
            return pa.ipc.open_file(source)
        if head[:4] == b"FEA1":
            from pyarrow import feather

            return feather.read_table(source)
        return pa.ipc.open_stream(source)

    def rows(self) -> Iterator[pa.RecordBatch]:
        """All rows."""
        try:
            with pa.memory_map(str(self.plain)) as source:
                opened = self._open(source)
                if isinstance(opened, pa.Table):
                    yield from opened.to_batches(BATCH_ROWS)
                elif hasattr(opened, "num_record_batches"):
                    for i in range(opened.num_record_batches):
                        yield opened.get_batch(i)
                else:
                    yield from opened
        except (pa.ArrowException, OSError) as e:
            raise _damaged(self.path, e) from e
