"""Certificates on disk (``certificate.json`` and a page to read), and the same verification again later."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

import msgspec

from understudy.errors import RequestError, SourceError, TargetError
from understudy.model.bundle import Bundle
from understudy.model.certificate import VERSION, Certificate, Recheck
from understudy.model.document import from_json, to_json
from understudy.model.event import Listener, StageFinished, StageStarted, silent
from understudy.model.manifest import Certified, Manifest
from understudy.model.schema import Schema

JSON_FILE, PAGE_FILE = "certificate.json", "certificate.html"


def certificate_of(manifest: Manifest, bundle: Bundle) -> Certificate:
    """The certificate of a load: its manifest with the schema of the tables loaded."""
    loaded = {t.name for t in manifest.tables}
    entities = tuple(e for e in bundle.plan.schema.entities if e.name in loaded or _referred(bundle, e.name, loaded))
    schema = msgspec.structs.replace(bundle.plan.schema, entities=entities, facets=(), remarks=(), faces=())
    return Certificate(manifest, schema, _digest(manifest, schema))


def _referred(bundle: Bundle, name: str, loaded: set[str]) -> bool:
    """Whether a loaded table refers to it: its rows are needed to verify the reference."""
    schema = bundle.plan.schema
    return any(k.target == name for e in schema.entities if e.name in loaded for k in e.foreign_keys)


def save_certificate(manifest: Manifest, bundle: Bundle, folder: str | Path) -> tuple[Path, Path]:
    """Write ``certificate.json`` and ``certificate.html`` into a folder (made where it is missing)."""
    from understudy.workflow.certificate_page import page

    made = certificate_of(manifest, bundle)
    place = Path(folder)
    try:
        place.mkdir(parents=True, exist_ok=True)
        (place / JSON_FILE).write_text(to_json(made) + "\n", encoding="utf-8")
        (place / PAGE_FILE).write_text(page(made), encoding="utf-8")
    except OSError as e:
        raise TargetError(f"cannot be written: {e.strerror or e}", where=str(place), mend="Name another folder.") from e
    return place / JSON_FILE, place / PAGE_FILE


def load_certificate(path: str | Path) -> Certificate:
    """Read a certificate (the file, or the folder it lies in); SourceError where it is none, or was changed."""
    place = Path(path)
    place = place / JSON_FILE if place.is_dir() else place
    try:
        text = place.read_bytes()
    except OSError as e:
        mend = "Make one with `understudy generate … --certificate FOLDER`."
        raise SourceError(f"no certificate: {e.strerror or e}", where=str(place), mend=mend) from e
    found = from_json(text, Certificate, where=str(place))
    if found.version != VERSION:
        raise SourceError(f"a certificate of version {found.version}", where=str(place), mend="Use that version.")
    if _digest(found.manifest, found.schema) != found.digest:
        raise SourceError("the certificate was changed after it was written", where=str(place), mend="Get it anew.")
    return found


def verify_load(path: str | Path, target: str | None = None, listen: Listener = silent) -> Recheck:
    """Verify a certified load again: every constraint by query, structure against the fingerprint, rows counted.

    ``target``: the database's URL where the certificate's does not do (a password never stands in it)."""
    from understudy.delivery import resolved
    from understudy.delivery.databases.standing import standing
    from understudy.validation import validate_database

    found = load_certificate(path)
    manifest = found.manifest
    url = resolved(target or manifest.target)
    if "://" not in url:
        mend = "Check the files with `understudy validate SOURCE --data FOLDER`."
        raise RequestError("the certificate is of files, not of a database", where=manifest.target, mend=mend)
    started = time.monotonic()
    listen(StageStarted("verify", manifest.target))
    tables = [t.name for t in manifest.tables]
    stands = standing(url, found.schema, tables)
    there = [t for t in tables if t not in stands.missing]
    verdicts = validate_database(url, found.schema, there, listen) if there else ()
    met = {(c.table, c.kind, c.name): c.met for c in manifest.constraints}
    constraints = tuple(
        Certified(
            v.table, v.kind, v.rule, v.text, met.get((v.table, v.kind, v.rule), ""), v.method, v.violations, v.reason
        )
        for v in verdicts
    )
    listen(StageFinished("verify", time.monotonic() - started, f"{len(verdicts)} constraints"))
    return Recheck(
        msgspec.structs.replace(manifest, constraints=constraints),
        stands.server,
        {t.name: (t.after, stands.rows[t.name]) for t in manifest.tables if t.name in stands.rows},
        stands.fingerprint == manifest.structure_after,
        stands.missing,
    )


def _digest(manifest: Manifest, schema: Schema) -> str:
    text = msgspec.json.encode(manifest) + b"\n" + msgspec.json.encode(schema)
    return hashlib.blake2b(text, digest_size=16).hexdigest()
