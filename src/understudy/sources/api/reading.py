"""One API description to evidence, whatever its kind."""

from __future__ import annotations

from pathlib import Path

from understudy.errors import SourceError
from understudy.model.evidence import Claim, Evidence, FacetKind
from understudy.model.origin import Origin, SourceKind
from understudy.model.schema import Remark
from understudy.sources.api.described import read_described
from understudy.sources.api.faces import ordered
from understudy.sources.api.library import Library, Place
from understudy.sources.api.schemas import read_schema


def read(location: str) -> Evidence:
    """What a description at a path says. SourceError where it cannot be read at all; what is wrong inside is told in
    remarks, with its place, and the rest is read."""
    path = Path(location)
    library = Library.of_file(path)
    told: dict[tuple[str, str], None] = {}

    def warn(place: Place, text: str) -> None:
        told.setdefault((library.shown(place), text))

    document = library.document(library.root.address)
    source = path.name
    if isinstance(document, dict) and ("openapi" in document or "swagger" in document):
        _, faces, _, _ = read_described(library, source, warn)
    elif isinstance(document, dict | bool):
        _, faces = read_schema(library, source, warn)
    else:
        raise SourceError("this is JSON, but no description of an API", where=source, mend="Name the description.")
    claims = tuple(
        Claim(FacetKind.REMARK, "", Remark(f"{source} {place}", text), Origin(SourceKind.API, source, place))
        for place, text in told
    )
    return Evidence(source, claims, faces=tuple(ordered(faces.found.values())))
