"""A file's own manner: rows of a table that was read from delimited text go back into such a text as it was written.

``Entity.options`` hold it: ``delimiter``, and per column ``form:NAME``, a form of dates (``%d.%m.%Y``) or
``decimal comma``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pyarrow as pa
import pyarrow.compute as pc

FORM = "form:"
COMMA = "decimal comma"


def delimiter(options: Mapping[str, str]) -> str:
    """What stands between cells."""
    return options.get("delimiter", ",")


def mannered(batches: Iterator[pa.RecordBatch], options: Mapping[str, str]) -> Iterator[pa.RecordBatch]:
    """The batches, dates and decimals as texts of their columns' forms."""
    forms = {k.removeprefix(FORM): v for k, v in options.items() if k.startswith(FORM)}
    for batch in batches:
        columns = [_written(c, forms.get(n, "")) for n, c in zip(batch.schema.names, batch.columns, strict=True)]
        yield pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _written(column: pa.Array, form: str) -> pa.Array:
    t = column.type
    if form == COMMA and (pa.types.is_decimal(t) or pa.types.is_floating(t)):
        return pc.replace_substring(column.cast(pa.string()), ".", ",")
    if form.startswith("%") and pa.types.is_timestamp(t):
        return pc.strftime(pc.floor_temporal(column, unit="second").cast(pa.timestamp("s", tz=t.tz)), form)
    if form.startswith("%") and pa.types.is_date(t):
        return pc.strftime(column, form)
    return column
