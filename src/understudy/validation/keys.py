"""Questions about sets of rows: keys, uniques, foreign keys, exclusions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from understudy.model.schema import Entity, Exclusion, ForeignKey, KeyPart, Unique
from understudy.validation.questions import PLACE, CannotSayError, Question, Tongue, labelled
from understudy.validation.rows import same_tongue

GROUPED = "groups counted by query"
ANTI_JOIN = "rows without parent counted by query"
SELF_JOIN = "table joined with itself by the constraint's operators"


PLACES = "list_aggregate(list(k_at)[1:8], 'string_agg', ' and ')"
"""Where the first rows of a group stand (only files, which DuckDB judges, say so)."""


def set_questions(entity: Entity, entities: Mapping[str, Entity], tongue: Tongue) -> Iterator[Question]:
    """Everything that rows can break only together."""
    for unique in entity.uniques:
        yield _unique(entity, unique, tongue)
    for key in entity.foreign_keys:
        yield _foreign_key(entity, key, entities, tongue)
    for exclusion in entity.exclusions:
        yield _exclusion(entity, exclusion, tongue)


# ---- keys and uniques --------------------------------------------------------------------------------
def _unique(entity: Entity, unique: Unique, tongue: Tongue) -> Question:
    words = ", ".join(_part_words(p) for p in unique.parts)
    text = f"{'PRIMARY KEY' if unique.primary else 'UNIQUE'} ({words})"
    text += "" if unique.nulls_distinct else " NULLS NOT DISTINCT"
    text += f" WHERE {unique.predicate}" if unique.predicate else ""
    scalar = offenders = reason = ""
    absent = tongue.absent(entity.name, unique.columns)
    try:
        if absent:
            raise CannotSayError(f"the data have no column {', '.join(absent)}")
        groups = _groups(entity, unique, tongue)
        scalar = f"SELECT coalesce(sum(g.n - 1), 0) FROM (SELECT count(*) AS n {groups}) g"
        offenders = groups
    except CannotSayError as e:
        reason = str(e)
    shown = tuple((_part_words(p), f"k{i}") for i, p in enumerate(unique.parts))
    placed = (("at", PLACES),) if entity.name in tongue.placed else ()
    return Question(
        table=entity.name,
        kind="unique",
        rule=unique.name or words,
        text=text,
        method=GROUPED,
        column=unique.columns[0] if len(unique.parts) == len(unique.columns) == 1 else "",
        scalar=scalar,
        shown=(*placed, *shown, ("rows", "count(*)")),
        offenders=offenders,
        reason=reason,
    )


def _groups(entity: Entity, unique: Unique, tongue: Tongue) -> str:
    """``FROM … GROUP BY … HAVING`` of the values that stand more than once; values get plain names first,
    so that a constant among them is no position."""
    parts = ", ".join(f"{_part(entity, p, tongue)} AS k{i}" for i, p in enumerate(unique.parts))
    parts += f", {tongue.quote(PLACE)} AS k_at" if entity.name in tongue.placed else ""
    names = [f"k{i}" for i in range(len(unique.parts))]
    where = f" WHERE {tongue.say(entity, unique.predicate)}" if unique.predicate else ""
    known = f" WHERE {' AND '.join(f'{n} IS NOT NULL' for n in names)}" if unique.nulls_distinct else ""
    inner = f"(SELECT {parts} FROM {tongue.own(entity.name)}{where}) s"
    return f"FROM {inner}{known} GROUP BY {', '.join(names)} HAVING count(*) > 1"


def _part(entity: Entity, part: KeyPart, tongue: Tongue) -> str:
    if not part.column:
        return f"({tongue.say(entity, part.text)})"
    column = tongue.quote(part.column)
    return f"left({column}, {part.prefix})" if part.prefix else column


def _part_words(part: KeyPart) -> str:
    name = part.column or part.text
    return f"{name}({part.prefix})" if part.prefix else name


# ---- foreign keys ------------------------------------------------------------------------------------
def _foreign_key(entity: Entity, key: ForeignKey, entities: Mapping[str, Entity], tongue: Tongue) -> Question:
    target = entities.get(key.target)
    columns = key.target_columns or (target.primary_key.columns if target and target.primary_key else ())
    full = key.match == "full" and len(key.columns) > 1
    text = f"({', '.join(key.columns)}) → {key.target} ({', '.join(columns)}){' MATCH FULL' if full else ''}"
    reason = _no_parents(entity, key, columns, tongue)
    bad = "" if reason else _orphan(key, columns, tongue, full=full)
    return Question(
        table=entity.name,
        kind="foreign_key",
        rule=key.name or text,
        text=text,
        method=ANTI_JOIN,
        column=key.columns[0] if len(key.columns) == 1 else "",
        scalar="" if reason else f"SELECT count(*) FROM {tongue.own(entity.name)} c WHERE {bad}",
        shown=tuple((label, f"c.{said}") for label, said in labelled(tongue, entity, key.columns)),
        offenders=f"FROM {tongue.tables.get(entity.name, '')} c WHERE {bad}",
        reason=reason,
        declared=key.enforced,
    )


def _no_parents(entity: Entity, key: ForeignKey, columns: tuple[str, ...], tongue: Tongue) -> str:
    """Why a foreign key cannot be judged, or ''."""
    if key.target not in tongue.tables:
        return f"there is no data of {key.target}"
    if len(columns) != len(key.columns):
        return f"the columns of {key.target} that it refers to are not known"
    absent = tongue.absent(entity.name, key.columns) or tongue.absent(key.target, columns)
    return f"the data have no column {', '.join(absent)}" if absent else ""


def _orphan(key: ForeignKey, columns: tuple[str, ...], tongue: Tongue, *, full: bool) -> str:
    """A condition on child ``c``: its reference is whole and leads nowhere (or, MATCH FULL, is half null)."""
    mine = [f"c.{tongue.quote(c)}" for c in key.columns]
    theirs = [tongue.quote(c) for c in columns]
    whole = " AND ".join(f"{m} IS NOT NULL" for m in mine)
    parents = tongue.own(key.target)
    if tongue.dialect in ("sqlite", "mysql"):  # both look a list up by hash where no index helps
        known = " AND ".join(f"{t} IS NOT NULL" for t in theirs)
        left = mine[0] if len(mine) == 1 else f"({', '.join(mine)})"
        nowhere = f"{left} NOT IN (SELECT {', '.join(theirs)} FROM {parents} WHERE {known})"
    else:
        same = " AND ".join(f"p.{t} = {m}" for t, m in zip(theirs, mine, strict=True))
        nowhere = f"NOT EXISTS (SELECT 1 FROM {parents} p WHERE {same})"
    found = f"{whole} AND {nowhere}"
    if not full:
        return found
    none = " AND ".join(f"{m} IS NULL" for m in mine)
    return f"(({found}) OR (NOT ({whole}) AND NOT ({none})))"


# ---- exclusions --------------------------------------------------------------------------------------
def _exclusion(entity: Entity, exclusion: Exclusion, tongue: Tongue) -> Question:
    words = ", ".join(f"{element} WITH {operator}" for element, operator in exclusion.elements)
    reason = "" if tongue.dialect == "postgresql" and same_tongue(tongue) else "only PostgreSQL knows its operators"
    scalar, offenders = "", ""
    if not reason:
        offenders = _conflicts(entity, exclusion, tongue)
        scalar = f"SELECT count(*) {offenders}"
    return Question(
        table=entity.name,
        kind="exclusion",
        rule=exclusion.name or words,
        text=exclusion.text or f"EXCLUDE ({words})",
        method=SELF_JOIN,
        scalar=scalar,
        shown=tuple((element, f"a.k{i}::text") for i, (element, _) in enumerate(exclusion.elements)),
        offenders=offenders,
        reason=reason,
    )


def _conflicts(entity: Entity, exclusion: Exclusion, tongue: Tongue) -> str:
    """``FROM … WHERE`` of the rows that conflict with another one. Written as EXISTS over the table itself, so
    that the server may use the constraint's own index, or hash what is compared by equality."""
    names = {f.name for f in entity.fields}
    parts = ", ".join(
        f"({tongue.quote(e) if e in names else e}) AS k{i}" for i, (e, _) in enumerate(exclusion.elements)
    )
    where = f" WHERE {exclusion.predicate}" if exclusion.predicate else ""
    table = f"(SELECT tableoid AS place, ctid AS spot, {parts} FROM {tongue.own(entity.name)}{where})"
    met = " AND ".join(f"a.k{i} {operator} b.k{i}" for i, (_, operator) in enumerate(exclusion.elements))
    other = "(b.place <> a.place OR b.spot <> a.spot)"
    return f"FROM {table} a WHERE EXISTS (SELECT 1 FROM {table} b WHERE {met} AND {other})"
