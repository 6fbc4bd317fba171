"""Questions about single rows: not null, permitted words, lengths, checks, computed columns."""

from __future__ import annotations

from collections.abc import Iterator

from understudy.model.rule import Rule
from understudy.model.schema import Entity, Field
from understudy.types import Kind
from understudy.validation.questions import CannotSayError, Question, Tongue, labelled

SCAN = "rows counted by query"
ORIGINAL = "rule's own text evaluated by query"
TRANSLATED = "rule's text, translated, evaluated by query"
RECOMPUTED = "recomputed by query and compared"

MYSQL_BYTES = ("tinytext", "text", "mediumtext", "longtext")
"""Types whose limit counts bytes, not characters."""


def row_questions(entity: Entity, tongue: Tongue) -> Iterator[Question]:
    """Everything that one row alone can break."""
    for field in entity.fields:
        yield from _field_questions(entity, field, tongue)
    for rule in entity.checks:
        yield _check(entity, rule, tongue)


def _field_questions(entity: Entity, field: Field, tongue: Tongue) -> Iterator[Question]:
    column = tongue.quote(field.name)
    if _required(entity, field, tongue):
        yield _row(entity, tongue, field, "not_null", f"{field.name} NOT NULL", f"{column} IS NULL")
    if field.type.labels and field.type.kind in (Kind.ENUM, Kind.SET):
        words = ", ".join(tongue.literal(w) for w in field.type.labels)
        bad = _outside_enum(tongue, column, words) if field.type.kind is Kind.ENUM else _outside_set(field, tongue)
        yield _row(entity, tongue, field, "enum", f"{field.name} in ({', '.join(field.type.labels)})", bad)
    if field.type.length and tongue.source != "sqlite":
        bad = _too_long(field, tongue)
        if bad:
            yield _row(entity, tongue, field, "length", f"{field.name} at most {field.type.length}", bad)
    if field.generated:
        yield _generated(entity, field, tongue)


def _row(entity: Entity, tongue: Tongue, field: Field, kind: str, text: str, bad: str) -> Question:
    return Question(
        table=entity.name,
        kind=kind,
        rule=field.name,
        text=text,
        method=SCAN,
        column=field.name,
        bad=bad,
        source=tongue.tables.get(entity.name, ""),
        shown=labelled(tongue, entity, (field.name,)),
        reason=_missing(entity, (field.name,), tongue),
    )


def _missing(entity: Entity, columns: tuple[str, ...], tongue: Tongue) -> str:
    """Why columns cannot be asked about, or ''."""
    absent = tongue.absent(entity.name, columns)
    return f"the data have no column {', '.join(absent)}" if absent else ""


def _required(entity: Entity, field: Field, tongue: Tongue) -> bool:
    if not field.nullable:
        return True
    primary = entity.primary_key
    return primary is not None and field.name in primary.columns and tongue.source != "sqlite"


def _outside_enum(tongue: Tongue, column: str, words: str) -> str:
    text = {"postgresql": f"({column})::text", "duckdb": f"CAST({column} AS VARCHAR)"}.get(tongue.dialect, column)
    return f"{column} IS NOT NULL AND {text} NOT IN ({words})"


def _outside_set(field: Field, tongue: Tongue) -> str:
    """A SET travels as ``a,b``: every member must be a label, and none twice."""
    column = tongue.quote(field.name)
    if tongue.dialect == "mysql":
        hits = " + ".join(f"(FIND_IN_SET({tongue.literal(w)}, {column}) > 0)" for w in field.type.labels)
        members = f"CHAR_LENGTH({column}) - CHAR_LENGTH(REPLACE({column}, ',', '')) + 1"
        return f"{column} <> '' AND {hits} <> {members}"
    framed = f"',' || {column} || ','"
    marks = {"postgresql": "position({} in {}) > 0", "duckdb": "instr({1}, {0}) > 0", "sqlite": "instr({1}, {0}) > 0"}
    mark = marks[tongue.dialect]
    hits = " + ".join(
        f"CASE WHEN {mark.format(tongue.literal(f',{w},'), framed)} THEN 1 ELSE 0 END" for w in field.type.labels
    )
    return f"{column} <> '' AND {hits} <> length({column}) - length(replace({column}, ',', '')) + 1"


def _too_long(field: Field, tongue: Tongue) -> str:
    """A condition for values beyond the declared length; '' for kinds without one."""
    column, t = tongue.quote(field.name), field.type
    words = t.raw.lower().split("(")[0].strip()
    match t.kind, tongue.dialect:
        case Kind.TEXT, "mysql" if words in MYSQL_BYTES:
            return f"LENGTH({column}) > {t.length}"
        case Kind.TEXT, "mysql":
            return f"CHAR_LENGTH({column}) > {t.length}"
        case Kind.TEXT, "postgresql":
            return f"char_length({column}::text) > {t.length}"
        case Kind.TEXT, "duckdb" if words in MYSQL_BYTES and tongue.source in ("mysql", "mariadb"):
            return f"strlen({column}) > {t.length}"
        case Kind.TEXT, _:
            return f"length({column}) > {t.length}"
        case Kind.BINARY, "mysql":
            return f"LENGTH({column}) > {t.length}"
        case Kind.BINARY, "sqlite":
            return f"length({column}) > {t.length}"
        case Kind.BINARY, _:
            return f"octet_length({column}) > {t.length}"
        case Kind.BITS, "postgresql" | "duckdb":
            operator = "<>" if t.fixed else ">"
            text = f"{column}::text" if tongue.dialect == "postgresql" else f"CAST({column} AS VARCHAR)"
            return f"length({text}) {operator} {t.length}"
    return ""


def _check(entity: Entity, rule: Rule, tongue: Tongue) -> Question:
    bad, reason, method = "", "", ORIGINAL
    try:
        if not rule.text:
            raise CannotSayError("the rule has no text")
        said = tongue.say(entity, _body(rule.text))
        bad = f"NOT ({said})"
        method = ORIGINAL if same_tongue(tongue) else TRANSLATED
    except CannotSayError as e:
        reason = str(e)
    known = {f.name for f in entity.fields}
    columns = tuple(c for c in rule.columns if c in known)
    return Question(
        table=entity.name,
        kind="domain" if rule.domain else "check",
        rule=rule.name or rule.text,
        text=rule.text,
        method=method,
        column=columns[0] if len(columns) == 1 else "",
        bad=bad,
        source=tongue.tables.get(entity.name, ""),
        shown=labelled(tongue, entity, columns),
        reason=reason or _missing(entity, columns, tongue),
        declared=rule.enforced,
    )


def _body(text: str) -> str:
    """A rule's condition without the word CHECK and what stands around it."""
    stripped = text.strip()
    if stripped[:5].upper() == "CHECK" and stripped[5:].lstrip().startswith("("):
        stripped = stripped[5:].strip()
        return stripped[: stripped.rfind(")") + 1]
    return stripped


def same_tongue(tongue: Tongue) -> bool:
    """Whether the engine speaks the schema's own dialect."""
    mysql = ("mysql", "mariadb")
    return tongue.source == tongue.dialect or (tongue.source in mysql and tongue.dialect in mysql)


def _generated(entity: Entity, field: Field, tongue: Tongue) -> Question:
    bad, reason = "", ""
    try:
        bad = _differs(field, tongue, tongue.say(entity, field.generated))
    except CannotSayError as e:
        reason = str(e)
    return Question(
        table=entity.name,
        kind="generated",
        rule=field.name,
        text=f"{field.name} = {field.generated}",
        method=RECOMPUTED,
        column=field.name,
        bad=bad,
        source=tongue.tables.get(entity.name, ""),
        shown=labelled(tongue, entity, (field.name,)),
        reason=reason or _missing(entity, (field.name,), tongue),
    )


def _differs(field: Field, tongue: Tongue, said: str) -> str:
    """A condition for rows whose stored value is not what the expression gives, in the column's type."""
    column = tongue.quote(field.name)
    match tongue.dialect:
        case "postgresql":
            kind = f"::{field.type.raw}" if field.type.raw and same_tongue(tongue) else ""
            return f"({column})::text IS DISTINCT FROM (({said}){kind})::text"
        case "mysql":
            return f"NOT ({column} <=> {_mysql_cast(field, said)})"
        case "sqlite":
            return f"{column} IS NOT ({said})"
        case _:
            return f"CAST({column} AS VARCHAR) IS DISTINCT FROM CAST({_duckdb_cast(field, said)} AS VARCHAR)"


def _mysql_cast(field: Field, said: str) -> str:
    t = field.type
    match t.kind:
        case Kind.DECIMAL:
            return f"CAST(({said}) AS DECIMAL({t.precision or 10}, {t.scale or 0}))"
        case Kind.TEXT if t.length and t.raw.lower() not in MYSQL_BYTES:
            return f"CAST(({said}) AS CHAR({t.length}))"
        case Kind.INTEGER:
            return f"CAST(({said}) AS {'SIGNED' if t.signed else 'UNSIGNED'})"
        case Kind.DATE:
            return f"CAST(({said}) AS DATE)"
    return f"({said})"


def _duckdb_cast(field: Field, said: str) -> str:
    from understudy.validation.duck_types import duck_type

    return f"CAST(({said}) AS {duck_type(field.type)})"
