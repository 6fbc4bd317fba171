"""What only the words of a CREATE statement say in SQLite: checks, names, deferral, generation.

SQLite keeps the statement as it was written; pragmas give the rest. Nothing is guessed: what is not
recognised is returned as it stands. Grammar: https://sqlite.org/lang_createtable.html.
"""

from __future__ import annotations

import msgspec

from understudy.sources.database.sql_text import Token, TokenKind, closing, split, tokens

COLUMN_WORDS = frozenset(
    {"CONSTRAINT", "PRIMARY", "NOT", "NULL", "UNIQUE", "CHECK", "DEFAULT", "COLLATE", "REFERENCES", "GENERATED", "AS"}
)
TABLE_WORDS = frozenset({"CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"})


class Check(msgspec.Struct, frozen=True):
    """A CHECK: its constraint name (or ""), its expression, the column it stands at (or "")."""

    name: str
    text: str
    column: str


class Reference(msgspec.Struct, frozen=True):
    """A foreign key as written."""

    name: str
    columns: tuple[str, ...]
    target: str
    deferrable: bool
    deferred: bool


class TableText(msgspec.Struct, frozen=True):
    """What a CREATE TABLE says beyond the pragmas. ``generated``, ``collations``, ``conflicts``: by column;
    ``uniques``: constraint name by its columns (lower case); ``primary``: the primary key's name;
    ``faults``: what could not be cut apart."""

    checks: tuple[Check, ...] = ()
    references: tuple[Reference, ...] = ()
    generated: dict[str, str] = {}
    collations: dict[str, str] = {}
    uniques: dict[tuple[str, ...], str] = {}
    primary: str = ""
    autoincrement: bool = False
    conflicts: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


def read_table(sql: str) -> TableText:
    """Cut a CREATE TABLE statement apart."""
    stream = tokens(sql)
    start = next((i for i, t in enumerate(stream) if t.text == "("), None)
    if start is None:
        return TableText(faults=("no column list",))  # CREATE TABLE … AS SELECT is kept by SQLite with columns
    return _Parts(sql).read(split(stream[start + 1 : closing(stream, start)]))


class _Parts:
    def __init__(self, sql: str) -> None:
        self.sql = sql
        self.checks: list[Check] = []
        self.references: list[Reference] = []
        self.generated: dict[str, str] = {}
        self.collations: dict[str, str] = {}
        self.uniques: dict[tuple[str, ...], str] = {}
        self.conflicts: list[str] = []
        self.faults: list[str] = []
        self.primary = ""
        self.autoincrement = False

    def text(self, part: list[Token]) -> str:
        return self.sql[part[0].start : part[-1].end] if part else ""

    def read(self, parts: list[list[Token]]) -> TableText:
        for part in parts:
            if part[0].upper in TABLE_WORDS and not (
                len(part) > 1
                and part[0].upper != "CONSTRAINT"
                and part[1].kind is TokenKind.WORD
                and part[1].upper not in ("KEY",)
            ):
                self._constraints(part, "")
            else:
                self._column(part)
        return TableText(
            checks=tuple(self.checks),
            references=tuple(self.references),
            generated=self.generated,
            collations=self.collations,
            uniques=self.uniques,
            primary=self.primary,
            autoincrement=self.autoincrement,
            conflicts=tuple(self.conflicts),
            faults=tuple(self.faults),
        )

    def _column(self, part: list[Token]) -> None:
        column = part[0].value
        i = 1
        while i < len(part) and part[i].upper not in COLUMN_WORDS:
            i = closing(part, i) + 1 if part[i].text == "(" else i + 1
        self._constraints(part[i:], column)

    def _constraints(self, part: list[Token], column: str) -> None:
        """A run of constraints, of a column or of the table (SQLite lets commas between them away)."""
        i, name = 0, ""
        while i < len(part):
            word = part[i].upper
            match word:
                case "CONSTRAINT":
                    name = part[i + 1].value if i + 1 < len(part) else ""
                    i += 2
                    continue
                case "CHECK" if i + 1 < len(part):
                    end = closing(part, i + 1)
                    self.checks.append(Check(name, self.text(part[i + 2 : end]), column))
                    i = end + 1
                case "GENERATED" | "AS":
                    i = self._generated(part, i, column)
                case "COLLATE" if i + 1 < len(part):
                    self.collations[column.lower()] = part[i + 1].value
                    i += 2
                case "REFERENCES":
                    i = self._reference(part, i, name, (column,))
                case "FOREIGN" | "PRIMARY" | "UNIQUE":
                    i = self._key(part, i, name, column)
                case "DEFAULT":
                    i = self._default(part, i)
                    continue
                case "NOT" | "NULL":
                    i = self._conflict(part, i + (2 if word == "NOT" else 1))
                case _:
                    self.faults.append(self.text(part[i:]))
                    return
            name = ""

    def _default(self, part: list[Token], i: int) -> int:
        i += 1
        if i < len(part) and part[i].text in ("+", "-"):
            i += 1
        return closing(part, i) + 1 if i < len(part) and part[i].text == "(" else i + 1

    def _generated(self, part: list[Token], i: int, column: str) -> int:
        while i < len(part) and part[i].text != "(":
            i += 1
        end = closing(part, i)
        self.generated[column.lower()] = self.text(part[i + 1 : end])
        i = end + 1
        return i + 1 if i < len(part) and part[i].upper in ("STORED", "VIRTUAL") else i

    def _names(self, part: list[Token], i: int) -> tuple[tuple[str, ...], int]:
        if i >= len(part) or part[i].text != "(":
            return (), i
        end = closing(part, i)
        return tuple(p[0].value for p in split(part[i + 1 : end])), end + 1

    def _key(self, part: list[Token], i: int, name: str, column: str) -> int:
        word = part[i].upper
        i += 2 if word in ("FOREIGN", "PRIMARY") else 1
        columns, i = self._names(part, i)
        columns = columns or (column,)
        if word == "FOREIGN":
            while i < len(part) and part[i].upper != "REFERENCES":
                i += 1
            return self._reference(part, i, name, columns)
        if word == "PRIMARY":
            self.primary = name
        elif name:
            self.uniques[tuple(c.lower() for c in columns)] = name
        while i < len(part) and part[i].upper in ("ASC", "DESC", "AUTOINCREMENT", "ON"):
            if part[i].upper == "AUTOINCREMENT":
                self.autoincrement = True
            i = self._conflict(part, i) if part[i].upper == "ON" else i + 1
        return i

    def _conflict(self, part: list[Token], i: int) -> int:
        if i + 2 < len(part) and part[i].upper == "ON" and part[i + 1].upper == "CONFLICT":
            if part[i + 2].upper in ("IGNORE", "REPLACE"):
                self.conflicts.append(self.text(part[: i + 3]))
            return i + 3
        return i

    def _reference(self, part: list[Token], i: int, name: str, columns: tuple[str, ...]) -> int:
        target = part[i + 1].value if i + 1 < len(part) else ""
        _, i = self._names(part, i + 2)
        deferrable = deferred = False
        while i < len(part):
            word, following = part[i].upper, part[i + 1].upper if i + 1 < len(part) else ""
            if word == "ON" and following in ("DELETE", "UPDATE"):
                action = part[i + 2].upper if i + 2 < len(part) else ""
                i += 4 if action in ("SET", "NO") else 3
            elif word == "MATCH":
                i += 2
            elif word == "NOT" and following == "DEFERRABLE":
                deferrable, i = False, self._initially(part, i + 2)[1]
            elif word == "DEFERRABLE":
                deferrable = True
                deferred, i = self._initially(part, i + 1)
            else:
                break
        self.references.append(Reference(name, columns, target, deferrable, deferred))
        return i

    def _initially(self, part: list[Token], i: int) -> tuple[bool, int]:
        if i + 1 < len(part) and part[i].upper == "INITIALLY":
            return part[i + 1].upper == "DEFERRED", i + 2
        return False, i


class IndexText(msgspec.Struct, frozen=True):
    """The key parts and the WHERE of a CREATE INDEX, as written."""

    parts: tuple[str, ...]
    predicate: str


def read_index(sql: str) -> IndexText:
    """Cut a CREATE INDEX statement apart."""
    stream = tokens(sql)
    on = next((i for i, t in enumerate(stream) if t.upper == "ON"), 0)
    start = next((i for i in range(on, len(stream)) if stream[i].text == "("), len(stream))
    end = closing(stream, start)
    parts = []
    for part in split(stream[start + 1 : end]):
        while len(part) > 1 and part[-1].upper in ("ASC", "DESC"):
            part = part[:-1]
        parts.append(sql[part[0].start : part[-1].end])
    where = next((i for i in range(end, len(stream)) if stream[i].upper == "WHERE"), None)
    rest = [t for t in stream[where + 1 :] if t.text != ";"] if where is not None else []
    return IndexText(tuple(parts), sql[rest[0].start : rest[-1].end] if rest else "")


class TriggerText(msgspec.Struct, frozen=True):
    """When a trigger fires, and what it does."""

    timing: str
    event: str
    body: str


def read_trigger(sql: str) -> TriggerText:
    """Cut a CREATE TRIGGER statement apart."""
    stream = tokens(sql)
    begin = next((i for i, t in enumerate(stream) if t.upper == "BEGIN"), len(stream))
    head = stream[:begin]
    event = next((t.upper for t in head[2:] if t.upper in ("INSERT", "UPDATE", "DELETE")), "")
    timing = next((t.upper for t in head[2:] if t.upper in ("BEFORE", "AFTER", "INSTEAD")), "BEFORE")
    body = sql[stream[begin].end :].strip() if begin < len(stream) else ""
    if body.rstrip("; \n\t").upper().endswith("END"):
        body = body.rstrip("; \n\t")[:-3].strip()
    return TriggerText("instead of" if timing == "INSTEAD" else timing.lower(), event.lower(), body)
