"""Models on disk: one file that holds no code.

x.model  (a zip file, uncompressed inside, deterministic)
  model.json                 readable: schema, expressions, the model's card
  artefacts/0000.arrow …     Arrow IPC files, named in artefacts.json with their digests
"""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import msgspec
import pyarrow as pa

from understudy.errors import SourceError, TargetError
from understudy.model.artefact import Artefact, ArtefactKind
from understudy.model.document import from_json, to_json
from understudy.model.learned import FORMAT, Fitted, Model
from understudy.storage.plans import COLUMN, describe, digest_of, serialised

MODEL_FILE, INDEX_FILE = "model.json", "artefacts.json"
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The one time that every member carries: equal models are equal files."""

MOST_BYTES = 4 << 30
"""A model that says it is larger is refused before a byte of it is unpacked."""


def save_model(fitted: Fitted, path: str | Path) -> None:
    """Write a model under a temporary name, then rename it. TargetError where that is not possible."""
    place = Path(path)
    fresh = place.with_name(f".{place.name}.{os.getpid()}.new")
    known = describe(fitted.artefacts)
    try:
        with zipfile.ZipFile(fresh, "w", zipfile.ZIP_DEFLATED) as archive:
            _add(archive, MODEL_FILE, to_json(fitted.model).encode())
            _add(archive, INDEX_FILE, msgspec.json.format(msgspec.json.encode(known)))
            for number, artefact in enumerate(known):
                _add(archive, _member(number), serialised(fitted.artefacts[artefact.name]).to_pybytes())
        fresh.replace(place)
    except OSError as error:
        raise TargetError(f"cannot be written: {error.strerror or error}", where=str(place)) from error
    finally:
        fresh.unlink(missing_ok=True)


def load_model(path: str | Path) -> Fitted:
    """Read a model, every artefact checked against its digest; SourceError where it is none, or was changed."""
    place = Path(path)
    try:
        with zipfile.ZipFile(place) as archive:
            if sum(i.file_size for i in archive.infolist()) > MOST_BYTES:
                raise SourceError("this model unpacks to more than 4 GB", where=str(place), mend="Fit it anew.")
            model = from_json(archive.read(MODEL_FILE), Model, where=f"{place}, {MODEL_FILE}")
            index = from_json(archive.read(INDEX_FILE), tuple[Artefact, ...], where=f"{place}, {INDEX_FILE}")
            if model.format != FORMAT:
                raise SourceError(f"a model of format {model.format}; this version reads {FORMAT}", where=str(place))
            return Fitted(model, {a.name: _read(archive, n, a, place) for n, a in enumerate(index)})
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise SourceError(
            f"no fitted model: {error}", where=str(place), mend="Make one with `understudy fit SOURCE --save x.model`."
        ) from error


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    archive.writestr(zipfile.ZipInfo(name, EPOCH), data, zipfile.ZIP_DEFLATED)


def _member(number: int) -> str:
    return f"artefacts/{number:04}.arrow"


def _read(archive: zipfile.ZipFile, number: int, artefact: Artefact, place: Path) -> pa.Array | pa.Table:
    data = pa.py_buffer(archive.read(_member(number)))
    if digest_of(data) != artefact.digest:
        raise SourceError(f"artefact {artefact.name!r} was changed", where=str(place), mend="Fit the model anew.")
    table = pa.ipc.open_file(data).read_all()
    if artefact.kind is ArtefactKind.TABLE:
        return table
    return table.column(COLUMN).combine_chunks() if table.num_rows else pa.array([], table.schema.field(COLUMN).type)
