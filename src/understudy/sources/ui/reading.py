"""Files and folders of pages to evidence."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from understudy.errors import SourceError
from understudy.model.evidence import Evidence
from understudy.model.face import Face
from understudy.sources.ui.claims import Reading, claims_of, sequence
from understudy.sources.ui.markup import page_of
from understudy.sources.ui.navigation import navigation
from understudy.sources.ui.nouns import Page
from understudy.sources.ui.wording import messages_below
from understudy.sources.vocabulary import words

ENDINGS = words(
    ".html .htm .xhtml .vue .jsx .tsx .svelte .hbs .handlebars .mustache .ejs .erb .php .jsp .cshtml .razor .twig "
    ".j2 .jinja .jinja2 .njk .liquid .tmpl .gohtml .ftl .vm"
)
"""Endings of pages and templates of pages."""
LARGEST_BYTES = 32 << 20
"""Of one page: larger ones are no pages that a person fills in."""
SKIPPED = frozenset({"node_modules", ".git", "dist", "build", "target", "__pycache__", ".venv", "vendor"})


def read(path: Path) -> Evidence:
    """The evidence of one page, or of all pages and templates in a folder. SourceError where there is none."""
    pages = pages_of(path)
    return evidence_of(pages, str(path))


def pages_of(path: Path) -> list[Page]:
    """The pages of a file or folder; messages of translation files nearby resolve the words of templates."""
    if path.is_file():
        return [page_of(_text(path), str(path), messages=messages_below(path.parent))]
    files = page_files(path)
    if not files:
        raise SourceError("there is no page in this folder", where=str(path), mend="Name a folder with *.html files.")
    messages = messages_below(path)
    return [
        page_of(_text(f), str(f.relative_to(path)), address=f.relative_to(path).as_posix(), messages=messages)
        for f in files
    ]


def page_files(folder: Path) -> list[Path]:
    """All pages and templates below a folder, in the order of their names."""
    found = [p for p in folder.rglob("*") if p.suffix.lower() in ENDINGS and p.is_file()]
    return sorted(p for p in found if not SKIPPED.intersection(p.relative_to(folder).parts))


def evidence_of(pages: Sequence[Page], source: str) -> Evidence:
    """The evidence of pages of one source."""
    whole = sequence([claims_of(page) for page in pages])
    flow = navigation(pages, source)
    return Evidence(source, whole.claims, faces=_distinct(whole), flows=(flow,) if flow is not None else ())


def _distinct(reading: Reading) -> tuple[Face, ...]:
    """Faces with names unique within the source."""
    import msgspec

    counts: dict[str, int] = {}
    out = []
    for face in reading.faces:
        n = counts[face.name] = counts.get(face.name, 0) + 1
        out.append(face if n == 1 else msgspec.structs.replace(face, name=f"{face.name} ({n})"))
    return tuple(out)


def _text(path: Path) -> str:
    try:
        size = path.stat().st_size
        if size > LARGEST_BYTES:
            raise SourceError(
                f"the page has {size:,} bytes, the limit is {LARGEST_BYTES:,}",
                where=str(path),
                mend="Save the form alone.",
            )
        return decoded(path.read_bytes())
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror or error}", where=str(path)) from error


def decoded(data: bytes) -> str:
    """The text of a page: by its mark, by what it says of itself, as UTF-8, else as Windows-1252 (HTML's default)."""
    import re

    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        said = re.search(rb"charset\s*=\s*[\"']?\s*([\w-]+)", data[:4096], re.IGNORECASE)
        name = said[1].decode("ascii") if said else "windows-1252"
        try:
            return data.decode("windows-1252" if name.lower() in ("utf-8", "iso-8859-1", "latin1") else name, "replace")
        except LookupError:
            return data.decode("windows-1252", "replace")
