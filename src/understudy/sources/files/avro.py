"""Avro: its own schema says the types; blocks are read one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from understudy.errors import SourceError
from understudy.sources.files.limits import Limits
from understudy.sources.files.nested import Origin, tables
from understudy.sources.files.sheet import Faults, Sheet
from understudy.sources.files.unpack import Metered, opened

BATCH_ROWS = 8192
PRIMITIVE = {
    "null": pa.null(),
    "boolean": pa.bool_(),
    "int": pa.int32(),
    "long": pa.int64(),
    "float": pa.float32(),
    "double": pa.float64(),
    "bytes": pa.binary(),
    "string": pa.string(),
}
LOGICAL = {
    "date": pa.date32(),
    "time-millis": pa.time32("ms"),
    "time-micros": pa.time64("us"),
    "timestamp-millis": pa.timestamp("ms", tz="UTC"),
    "timestamp-micros": pa.timestamp("us", tz="UTC"),
    "local-timestamp-millis": pa.timestamp("ms"),
    "local-timestamp-micros": pa.timestamp("us"),
    "uuid": pa.string(),
}


def avro_sheets(path: Path, name: str, limits: Limits) -> list[Sheet]:
    """The tables of an Avro file. SourceError where it is damaged, or where fastavro is not installed."""
    try:
        import fastavro
    except ImportError as e:
        raise SourceError(
            "Avro files need the package fastavro", where=str(path), mend="pip install 'understudy[files]'"
        ) from e

    def read() -> Iterator[Any]:
        source: Metered = opened(path, limits)
        try:
            yield from fastavro.reader(source)  # type: ignore[arg-type]
        except SourceError:
            raise
        except Exception as e:
            raise SourceError(f"damaged or cut off: {e!r}"[:200], where=str(path), mend="Get a whole copy.") from e
        finally:
            source.close()

    source = opened(path, limits)
    try:
        declared = fastavro.reader(source).writer_schema  # type: ignore[arg-type]
    except Exception as e:
        raise SourceError(f"damaged or cut off: {e!r}"[:200], where=str(path), mend="Get a whole copy.") from e
    finally:
        source.close()
    kind = _Types().of(declared)
    if not pa.types.is_struct(kind):
        kind = pa.struct([("value", kind)])
    schema = pa.schema(list(kind))

    def rows() -> Iterator[pa.RecordBatch]:
        records = read()
        while part := list(islice(records, BATCH_ROWS)):
            whole = [r if isinstance(r, dict) else {"value": r} for r in part]
            yield pa.RecordBatch.from_pylist([_plain(r, schema) for r in whole], schema)

    origin = Origin(str(path), Faults(limits.faults), path.stat().st_size, "Avro", False)
    return tables(name, schema, rows, origin)


def _plain(record: dict[str, Any], schema: pa.Schema) -> dict[str, Any]:
    """Values that Arrow does not take as they are, as text."""
    import uuid

    return {
        f.name: str(record.get(f.name))
        if isinstance(record.get(f.name), uuid.UUID) or (pa.types.is_string(f.type) and _odd(record.get(f.name)))
        else record.get(f.name)
        for f in schema
    }


def _odd(value: object) -> bool:
    return value is not None and not isinstance(value, str)


class _Types:
    """Arrow types of Avro's schemas; named ones are remembered."""

    def __init__(self) -> None:
        self.named: dict[str, pa.DataType] = {}

    def of(self, declared: Any) -> pa.DataType:
        """The Arrow type; unions of several types, and records inside themselves, are texts."""
        match declared:
            case str():
                return PRIMITIVE.get(declared) or self.named.get(declared, pa.string())
            case list():
                others = [d for d in declared if d != "null"]
                return self.of(others[0]) if len(others) == 1 else pa.string() if others else pa.null()
            case {"logicalType": "decimal", "precision": precision}:
                return pa.decimal128(min(int(precision), 38), int(declared.get("scale", 0)))
            case {"logicalType": str(logical)} if logical in LOGICAL:
                return LOGICAL[logical]
            case {"type": "record" | "error", "fields": fields}:
                made = pa.struct([(f["name"], self.of(f["type"])) for f in fields])
                self.named[str(declared.get("name"))] = made
                return made
            case {"type": "array", "items": items}:
                return pa.list_(self.of(items))
            case {"type": "map", "values": values}:
                return pa.map_(pa.string(), self.of(values))
            case {"type": "enum"}:
                self.named[str(declared.get("name"))] = pa.string()
                return pa.string()
            case {"type": "fixed", "size": size}:
                self.named[str(declared.get("name"))] = pa.binary(int(size))
                return pa.binary(int(size))
            case {"type": inner}:
                return self.of(inner)
        return pa.string()
