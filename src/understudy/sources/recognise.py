"""What kind of source a string names: by URL scheme, then by content, then by file ending.

A file that is not what its ending says is taken for what it is. Kinds that are known but not read by
this version are refused in one line that names the kind; nothing is ever read as something else.
"""

from __future__ import annotations

import codecs
import difflib
import re
from itertools import islice
from pathlib import Path

import msgspec

from understudy.errors import SourceError
from understudy.sources.signatures import HEAD_BYTES, Signature, is_binary, signature, utf16_without_mark

LOOK_BYTES = 1 << 16
"""How much of a text is looked at: the words that tell a kind stand near the top."""
SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+_.-]*)://")
READABLE = (
    "This version reads databases (by URL or file), SQL dumps, data files, API descriptions, pages, and saved schemas."
)
DATA = frozenset({"csv", "json", "jsonl", "xml", "excel", "xls", "parquet", "avro", "arrow"})
"""Kinds of files that hold rows; one reader takes them all."""
API = frozenset({"openapi", "swagger", "jsonschema", "graphql", "postman", "har"})
"""Kinds of texts that describe what an API takes and gives; one reader takes them all."""
CASES = frozenset({"gherkin", "tests", "steps"})
"""Kinds of files that say how somebody tests a system; one reader takes them all."""


class Recognised(msgspec.Struct, frozen=True):
    """``kind``: database, dump, data, api, html (pages), cases (tests), test (a program), project (both), site, pack,
    schema or plan. ``location``: what its reader is given: a URL for a database, a path, or a pack's name. ``name``:
    the kind as one says it."""

    kind: str
    location: str
    name: str


def recognise(source: str) -> Recognised:
    """The kind of ``source``. SourceError where it names nothing, or a kind that is not read yet."""
    if not source.strip():
        raise SourceError("the source is empty", mend="Name a database URL or a file.")
    scheme = SCHEME.match(source)
    if scheme and scheme[1].lower() == "file":
        return _path(Path(re.sub(r"^file://(?:localhost)?", "", source)), source)
    if scheme:
        return _url(source, scheme[1].lower())
    if source.startswith("pack:"):
        return Recognised("pack", source, "a domain pack")
    return _path(Path(source).expanduser(), source)


def _refused(where: str, name: str, mend: str = READABLE) -> SourceError:
    return SourceError(f"this is {name}, a kind of source that cannot be read yet", where=where, mend=mend)


# ---- URLs -------------------------------------------------------------------------------------------
OTHER_SCHEMES = {
    "s3": "an object store",
    "gs": "an object store",
    "az": "an object store",
    "abfs": "an object store",
    "kafka": "a stream",
    "ftp": "a file on another machine",
    "sftp": "a file on another machine",
    "mongodb": "a document database",
    "mongodb+srv": "a document database",
    "redis": "a key-value store",
}


def _url(source: str, scheme: str) -> Recognised:
    if scheme in ("graphql+http", "graphql+https"):
        return Recognised("api", source, "a GraphQL server")
    if scheme in ("ui+http", "ui+https"):
        return Recognised("site", source, "a user interface to crawl")
    if scheme in OTHER_SCHEMES:
        raise _refused(re.sub(r"//[^/@]*@", "//", source), OTHER_SCHEMES[scheme])
    if scheme in ("http", "https"):
        return Recognised("api", source, "a description of an API on the web")
    return Recognised("database", source, f"a {scheme} database")


# ---- folders and files ------------------------------------------------------------------------------
def _path(path: Path, source: str) -> Recognised:
    try:
        if path.is_dir():
            return _folder(path, source)
        if not path.exists():
            raise SourceError("there is no such file or folder", where=source, mend=_near(path))
        with path.open("rb") as file:
            head = file.read(LOOK_BYTES)
    except PermissionError as error:
        raise SourceError("may not be read by this user", where=source, mend="Change its permissions.") from error
    except (OSError, ValueError) as error:
        raise SourceError(f"cannot be opened: {error}", where=source, mend="Name a database URL or a file.") from error
    return _file(path, source, head)


def _near(path: Path) -> str:
    parent = path.parent
    names = [p.name for p in parent.iterdir()] if parent.is_dir() else []
    found = difflib.get_close_matches(path.name, names, n=1, cutoff=0.6)
    if found:
        return f"Did you mean {parent / found[0]}?"
    return f"It was looked for at {path.absolute()}; a database is written scheme://user:password@host/name."


def _folder(path: Path, source: str) -> Recognised:
    ending = path.suffix.lower()
    if ending == ".plan":
        return Recognised("plan", str(path), "a saved plan")
    if ending == ".model":
        raise _refused(source, "a fitted model")
    if (path / "schema.sql").is_file():
        return Recognised("dump", str(path / "schema.sql"), "a folder with schema.sql")
    told = _pages_and_tests(path)
    if told is not None:
        return told
    endings = {p.suffix.lower() for p in path.iterdir() if p.is_file()}
    kinds = sorted({NAMES[BY_ENDING[e]] for e in endings if e in BY_ENDING and BY_ENDING[e] in NAMES})
    if not endings & DATA_ENDINGS and _describes_api(path):
        return Recognised("api", str(path), "a folder of API descriptions")
    if any(_holds_data(p) for p in sorted(path.iterdir()) if p.is_file()):
        return Recognised("data", str(path), "a folder of data files")
    if kinds:
        raise _refused(source, f"a folder with {', '.join(kinds)}")
    raise SourceError("nothing in this folder is a source", where=source, mend="Name the file inside it.")


def _holds_data(path: Path) -> bool:
    try:
        return recognise(str(path)).kind == "data"
    except SourceError:
        return False


def _describes_api(folder: Path) -> bool:
    """Whether a description of an API stands in a folder, at any depth."""
    for place in islice(folder.rglob("*"), LOOKED_AT):
        if place.suffix.lower() in (".json", ".yaml", ".yml", ".graphql", ".graphqls", ".gql", ".har"):
            try:
                if recognise(str(place)).kind == "api":
                    return True
            except SourceError:
                continue
    return False


LOOKED_AT = 20_000
"""Files below a folder that are looked at to tell what it holds."""


def _pages_and_tests(folder: Path) -> Recognised | None:
    """A folder of pages, of tests, or of both, at any depth; None where it holds neither, or rows of data beside."""
    kinds: set[str] = set()
    for place in islice(folder.rglob("*"), LOOKED_AT):
        ending = place.suffix.lower()
        name = place.relative_to(folder).as_posix()
        if ending in DATA_ENDINGS and place.parent == folder:
            return None
        if TESTS.search(name) or ending == ".feature":
            kinds.add("cases")
        elif BY_ENDING.get(ending) == "html":
            kinds.add("html")
    match sorted(kinds):
        case ["cases", "html"]:
            return Recognised("project", str(folder), "a folder of pages and tests")
        case [kind]:
            return Recognised(kind, str(folder), "a folder of pages" if kind == "html" else "a folder of tests")
        case _:
            return None


def _file(path: Path, source: str, head: bytes) -> Recognised:
    if not head:
        raise SourceError("the file is empty", where=source, mend="Name a file with something in it.")
    known = signature(head[:HEAD_BYTES])
    if known is not None:
        return _signed(path, source, known)
    if is_binary(head[:HEAD_BYTES]):
        words = "this is binary data of no known kind"
        raise SourceError(words + _despite(path, "text"), where=source, mend=READABLE)
    text = _decoded(head)
    if not text.strip():
        raise SourceError("the file holds nothing but blanks", where=source, mend="Name a file with something in it.")
    kind = kind_of_text(path.name, text)
    match kind:
        case "dump":
            return Recognised("dump", str(path), "SQL statements")
        case "schema":
            return Recognised("schema", str(path), "a saved schema")
        case "html":
            return Recognised("html", str(path), NAMES[kind])
        case "pack":
            return Recognised("pack", str(path), NAMES[kind])
        case described if described in API:
            return Recognised("api", str(path), NAMES[described])
        case cases if cases in CASES:
            return Recognised("test" if cases == "tests" else "cases", str(path), NAMES[cases])
        case data if data in DATA:
            return Recognised("data", str(path), NAMES[data])
        case "plan":
            raise SourceError(
                "this is a part of a saved plan", where=source, mend="Name the folder that ends in .plan."
            )
        case "":
            raise SourceError("what this text is cannot be told", where=source, mend=READABLE)
        case _:
            raise _refused(source, NAMES[kind] + _despite(path, kind))


def _signed(path: Path, source: str, known: Signature) -> Recognised:
    if known.kind in ("sqlite", "duckdb"):
        return Recognised("database", f"{known.kind}:///{path.absolute()}", known.name)
    if known.kind in DATA:
        return Recognised("data", str(path), known.name)
    if known.kind == "zip" and _workbook(path):
        return Recognised("data", str(path), NAMES["excel"])
    inside = _inside(path) if known.kind in ("gzip", "zstd", "bzip2", "xz") else ""
    if inside in DATA:
        return Recognised("data", str(path), f"{NAMES[inside]}, packed")
    raise _refused(source, known.name + _despite(path, known.kind), known.mend or READABLE)


def _workbook(path: Path) -> bool:
    """Whether a ZIP archive is a workbook."""
    import zipfile

    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError):
        return path.suffix.lower() in (".xlsx", ".xlsm", ".xlsb", ".ods")
    return "xl/workbook.xml" in names or "xl/workbook.bin" in names or {"content.xml", "mimetype"} <= names


def _inside(path: Path) -> str:
    """What kind a packed file holds; "" where it cannot be told."""
    from understudy.sources.files.limits import Limits
    from understudy.sources.files.unpack import head_of, plain_name

    try:
        head = head_of(path, Limits(), LOOK_BYTES)
    except SourceError:
        return ""
    known = signature(head[:HEAD_BYTES])
    if known is not None:
        return known.kind
    return "" if is_binary(head[:HEAD_BYTES]) else kind_of_text(plain_name(path), _decoded(head))


CONTAINERS = frozenset({"json", "yaml", "xml", "steps", "har", "html"})
"""Kinds of files that may well hold another kind."""


def _despite(path: Path, kind: str) -> str:
    """`` (although its name ends in .sql)`` where the ending says something else."""
    ending = path.suffix.lower()
    said = BY_ENDING.get(ending)
    return f" (although its name ends in {ending})" if said and said != kind and said not in CONTAINERS else ""


def _decoded(head: bytes) -> str:
    for mark, encoding in (
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF8, "utf-8"),
    ):
        if head.startswith(mark):
            return head[len(mark) :].decode(encoding, "replace")
    return head.decode(utf16_without_mark(head[:HEAD_BYTES]) or "utf-8", "replace")


# ---- texts ------------------------------------------------------------------------------------------
NAMES = {
    "openapi": "an OpenAPI description",
    "swagger": "a Swagger description",
    "jsonschema": "a JSON Schema",
    "graphql": "a GraphQL schema",
    "postman": "a Postman collection",
    "har": "a HAR recording",
    "html": "an HTML page",
    "xml": "an XML file",
    "json": "a JSON file",
    "jsonl": "a JSON Lines file",
    "csv": "a CSV file",
    "excel": "an Excel workbook",
    "parquet": "a Parquet file",
    "avro": "an Avro file",
    "gherkin": "a Gherkin feature",
    "tests": "a test program",
    "steps": "manual test steps",
    "pack": "a domain pack",
    "flows": "a file of flows",
    "yaml": "a YAML file",
    "model": "a fitted model",
}
BY_ENDING = {
    ".sql": "dump",
    ".ddl": "dump",
    ".psql": "dump",
    ".dump": "dump",
    ".csv": "csv",
    ".tsv": "csv",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".xml": "xml",
    ".xlsx": "excel",
    ".xls": "excel",
    ".parquet": "parquet",
    ".avro": "avro",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".vue": "html",
    ".svelte": "html",
    ".jsx": "html",
    ".tsx": "html",
    ".hbs": "html",
    ".handlebars": "html",
    ".mustache": "html",
    ".ejs": "html",
    ".erb": "html",
    ".php": "html",
    ".jsp": "html",
    ".cshtml": "html",
    ".twig": "html",
    ".jinja": "html",
    ".jinja2": "html",
    ".j2": "html",
    ".njk": "html",
    ".liquid": "html",
    ".gohtml": "html",
    ".ftl": "html",
    ".feature": "gherkin",
    ".graphql": "graphql",
    ".graphqls": "graphql",
    ".gql": "graphql",
    ".har": "har",
    ".md": "steps",
    ".txt": "steps",
    ".model": "model",
    ".ts": "tests",
    ".js": "tests",
    ".py": "tests",
    ".java": "tests",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".db": "sqlite",
    ".sqlite": "sqlite",
    ".sqlite3": "sqlite",
    ".duckdb": "duckdb",
}
DATA_ENDINGS = frozenset(e for e, k in BY_ENDING.items() if k in ("csv", "jsonl", "excel", "parquet", "avro"))
SQL = re.compile(
    r"^\s*(?:CREATE\s+(?:OR\s+REPLACE\s+|GLOBAL\s+|TEMP(?:ORARY)?\s+|UNLOGGED\s+|UNIQUE\s+)*(?:TABLE|TYPE|VIEW|INDEX|SCHEMA|DATABASE|DOMAIN|SEQUENCE|EXTENSION)\b"
    r"|ALTER\s+TABLE\b|DROP\s+TABLE\b|INSERT\s+INTO\b|PRAGMA\s+\w+|/\*!\d{5}|SET\s+\w+\s*(?:=|TO)|BEGIN\s*(?:TRANSACTION\s*)?;)",
    re.IGNORECASE | re.MULTILINE,
)
STARTS = (
    (
        "html",
        re.compile(r"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|form|div)\b", re.IGNORECASE | re.DOTALL),
    ),
    ("xml", re.compile(r"\s*<(?:\?xml|!DOCTYPE|[A-Za-z_][\w.:-]*[\s/>])")),
    ("gherkin", re.compile(r"(?:\s*#[^\n]*\n|\s*@[^\n]*\n|\s)*(?:Feature|Ability|Business Need)\s*:")),
    ("gherkin", re.compile(r"\s*#\s*language\s*:")),
)
JSON_WORDS = (
    ("openapi", r'"openapi"\s*:\s*"[\d.]+"|\A\s*\{\s*"(?:components|paths)"\s*:\s*\{'),
    ("swagger", r'"swagger"\s*:\s*"?[\d.]+'),
    ("postman", r'"_postman_id"|getpostman\.com/json/collection|"requests"\s*:\s*\[\s*\{\s*"id"'),
    ("har", r'"log"\s*:\s*\{(?:.|\n)*?"(?:entries|creator)"\s*:'),
    ("graphql", r'"__schema"\s*:|"queryType"\s*:'),
    ("plan", r'"seed_era"\s*:'),
    (
        "jsonschema",
        r'"\$schema"\s*:\s*"https?://json-schema\.org|"\$defs"\s*:|"definitions"\s*:\s*\{|\A\s*\{[^{}]*"type"\s*:\s*"object"',
    ),
)
YAML_WORDS = (
    ("openapi", r"^openapi\s*:\s*['\"]?\d"),
    ("swagger", r"^swagger\s*:\s*['\"]?\d"),
    ("pack", r"^(?:pack|domain)\s*:"),
    ("schema", r"^entities\s*:\s*(?:\[\]\s*)?\n?(?:\s*-\s+name\s*:|\s*$)"),
    ("flows", r"^(?:flows|scenarios)\s*:"),
    ("jsonschema", r"^\$(?:schema|defs)\s*:"),
    ("jsonschema", r"\A(?:#[^\n]*\n|---\s*\n|\s)*type\s*:\s*object\s*\n(?:.|\n)*?^properties\s*:"),
)
MARKUP = re.compile(r"</?[A-Za-z][\w:.-]*[\s/>]")
GRAPHQL = re.compile(
    r"^\s*(?:extend\s+)?(?:type|input|interface|enum|union|scalar|directive|schema)\b\s*@?\w*[^;\n]*(?:\{|=|$)",
    re.MULTILINE,
)
CASE_HEADS = (
    re.compile(r"\bsteps?\b", re.IGNORECASE),
    re.compile(r"expected|action|test\s*case", re.IGNORECASE),
)
"""What all stands in the first line of a table of manual test cases."""
TESTS = re.compile(r"(?:\.(?:spec|test|cy|e2e)\.[jt]sx?|(?:^|/)test_\w+\.py|_test\.py|Tests?\.java|IT\.java)$")


def kind_of_text(name: str, text: str) -> str:
    """The kind of a text by its content, then by its file's name; "" where nothing tells."""
    body = text.lstrip("\ufeff")
    lower = name.lower()
    if lower.endswith((".schema.yaml", ".schema.yml")):
        return "schema"
    if BY_ENDING.get(Path(lower).suffix) == "html" and not TESTS.search(name) and MARKUP.search(body):
        return "html"
    for kind, pattern in STARTS:
        if pattern.match(body):
            return kind
    ending = Path(lower).suffix
    if ending in (".csv", ".tsv") and all(word.search(_first_line(body)) for word in CASE_HEADS):
        return "steps"
    if body.lstrip()[:1] in ("{", "["):
        return _json(body, ending)
    if TESTS.search(name):
        return "tests"
    if ending in (".sql", ".ddl", ".psql", ".dump") or (ending not in BY_ENDING and SQL.search(body)):
        return "dump"
    for kind, words in YAML_WORDS:
        if ending in (".yaml", ".yml", "") and re.search(words, body, re.MULTILINE):
            return kind
    return _by_ending(ending, body)


def _first_line(body: str) -> str:
    return body.splitlines()[0] if body.strip() else ""


def _json(body: str, ending: str) -> str:
    for kind, words in JSON_WORDS:
        if re.search(words, body):
            return kind
    if BY_ENDING.get(ending) in ("graphql", "har"):
        return BY_ENDING[ending]
    lines = [line for line in body.splitlines() if line.strip()][:3]
    alone = len(lines) > 1 and all(line.strip().startswith("{") and line.strip().endswith("}") for line in lines[:2])
    return "jsonl" if alone or ending in (".jsonl", ".ndjson") else "json"


def _by_ending(ending: str, body: str) -> str:
    kind = BY_ENDING.get(ending, "")
    if kind in ("sqlite", "duckdb", "excel", "parquet", "avro", "model", "steps", "tests") and SQL.search(body):
        return "dump"
    if kind in ("", "steps", "excel", "parquet", "avro", "json") and ending != ".md" and _tabular(body):
        return "csv"
    if kind in ("", "steps") and GRAPHQL.search(body) and "{" in body:
        return "graphql"
    return "" if kind in ("sqlite", "duckdb", "excel", "parquet", "avro", "json") else kind


def _tabular(body: str) -> bool:
    """Whether the first lines have as many cells each, more than one."""
    lines = [line for line in body.splitlines()[:200] if line.strip() and not line.startswith("#")][:12]
    if len(lines) < 3:
        return False
    for sign in ("\t", ";", "|", ","):
        counts = [line.count(sign) for line in lines]
        if counts[0] > 0 and all(c == counts[0] for c in counts):
            return True
    return False
