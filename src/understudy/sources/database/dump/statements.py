"""Decides what a statement is about and hands it on; tells what is not understood, with its line.

Statements without their semicolon, and quotes that are never closed, swallow what follows them; both
are noticed here, and reading goes on where the next statement begins a line.
"""

from __future__ import annotations

import re
from itertools import pairwise

from understudy.sources.database.dump.alter import alter_table
from understudy.sources.database.dump.catalog import Catalog
from understudy.sources.database.dump.objects import (
    alter_sequence,
    comment_on,
    create_index,
    create_sequence,
    create_view,
    drop,
    rename_tables,
)
from understudy.sources.database.dump.split import Command, Data, Splitter, Statement
from understudy.sources.database.dump.tables import MODIFIERS, create_table
from understudy.sources.database.dump.triggers import create_function, create_policy, create_rule, create_trigger
from understudy.sources.database.dump.types import alter_type, create_domain, create_type
from understudy.sources.database.dump.words import MYSQL, Fault, Words
from understudy.sources.database.sql_text import TokenKind

SILENT: frozenset[str] = frozenset(
    {"ANALYZE", "BEGIN", "DO", "CALL", "CHECKPOINT", "CLUSTER", "COMMIT", "COPY", "DEALLOCATE", "DELETE"}
    | {"END", "EXECUTE", "EXPLAIN", "EXPORT", "FLUSH", "GRANT", "IMPORT", "INSERT", "INSTALL", "LISTEN"}
    | {"LOAD", "LOCK", "MERGE", "NOTIFY", "PRAGMA", "PREPARE", "REFRESH", "REINDEX", "RELEASE", "REPLACE"}
    | {"RESET", "REVOKE", "ROLLBACK", "SAVEPOINT", "SECURITY", "SELECT", "SET", "SHOW", "START", "UNLOCK"}
    | {"UPDATE", "VACUUM", "VALUES", "WITH", "OPTIMIZE", "CHECK", "ATTACH", "DETACH", "DISCARD", "REASSIGN"}
    | {"REPAIR", "DELIMITER", "PRINT", "GO"}
)
"""First words of statements that change no structure."""
SILENT_OBJECTS: frozenset[str] = frozenset(
    {"ROLE", "USER", "GROUP", "PUBLICATION", "SUBSCRIPTION", "TABLESPACE", "SERVER", "EVENT"}
    | {"STATISTICS", "ACCESS", "LANGUAGE", "DEFAULT", "SYSTEM", "LARGE", "TEXT", "OPERATOR", "CAST"}
    | {"CONVERSION", "AGGREGATE", "TRANSFORM", "FOREIGN", "PROCEDURAL", "SECRET", "FUNCTION", "PROCEDURE"}
    | {"ROUTINE", "INDEX", "TRIGGER", "VIEW", "MATERIALIZED", "EXTENSION", "DATABASE", "POLICY", "RULE"}
    | {"COLLATION", "UNDO", "SPATIAL", "FULLTEXT", "BITMAP", "SYNONYM", "RESOURCE", "LOGFILE", "DIRECTORY"}
    | {"PACKAGE", "CLUSTERED", "NONCLUSTERED", "LOGIN"}
)
RESTART = frozenset({"GO", "CREATE", "ALTER", "DROP", "INSERT", "COMMENT", "GRANT", "COPY"})
FOLLOWS: frozenset[str] = frozenset(
    {"TABLE", "INDEX", "UNIQUE", "TYPE", "DOMAIN", "VIEW", "SEQUENCE", "TRIGGER", "FUNCTION", "OR"}
    | {"INTO", "ON", "SCHEMA", "EXTENSION", "TEMPORARY"}
)
_LINE = re.compile(
    r"^[ \t]*(?:CREATE|ALTER|DROP|INSERT[ \t]+INTO|COMMENT[ \t]+ON|COPY)[ \t]+[\w\"`\[]", re.MULTILINE | re.IGNORECASE
)
_DO = re.compile(
    r"(?:\A|;|\bBEGIN|\bTHEN|\bELSE)\s*(?=(?:CREATE\s+(?:TYPE|DOMAIN|TABLE|SEQUENCE|UNIQUE)|ALTER\s+(?:TABLE|TYPE|DOMAIN))\b)",
    re.IGNORECASE,
)
_CODE = frozenset({"TRIGGER", "FUNCTION", "PROCEDURE", "EVENT", "MACRO", "VIEW", "RULE", "PACKAGE"})
SHOWN = 100
NO_SEMICOLON = "a statement has no semicolon at its end; it is taken to end where the next begins a line"


class Interpreter:
    """Runs pieces of a dump against a catalog."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog

    def data(self, piece: Data) -> None:
        """Count rows."""
        if piece.fault:
            self.catalog.remark(piece.line, f"data for {piece.table}: {piece.fault}; its rows are not counted", "error")
        parts = Words(piece.table, self.catalog.dialect, piece.line).qualified()
        table = self.catalog.find(parts)
        if table is None:
            if (
                self.catalog.tables
                and parts[-1].lower() not in self.catalog.passed
                and not parts[-1].lower().startswith("sqlite_")
            ):
                self.catalog.passed.add(parts[-1].lower())
                self.catalog.remark(piece.line, f"data for {'.'.join(parts)}, a table that is not there", "warning")
            return
        table.rows = None if piece.count is None or table.rows is None else table.rows + piece.count

    def command(self, piece: Command) -> None:
        """A line for the client: other files that it would read are not read."""
        words = piece.text.split()
        first = words[0].lower()
        if first in ("use",):
            self.catalog.use(words[1].strip("`\";'") if len(words) > 1 else "")
        elif first in (
            "source",
            r"\.",
            r"\i",
            r"\ir",
            r"\include",
            r"\include_relative",
            ".read",
            ".import",
            ".restore",
            r"\copy",
        ):
            self.catalog.remark(piece.line, f"another file is not read: {piece.text[:SHOWN]}", "warning")

    def _copied(self, piece: Command, words: list[str]) -> None:
        """Rows out of a file that is not read: how many is not known."""
        try:
            parts = Words(words[1].partition("(")[0], self.catalog.dialect, piece.line).qualified()
        except (Fault, IndexError):
            parts = ("",)
        table = self.catalog.find(parts)
        if table is not None:
            table.rows = None
        self.catalog.remark(piece.line, f"rows are in another file, which is not read: {piece.text[:SHOWN]}", "info")

    def statement(self, piece: Statement) -> int | None:
        """Run a statement; where it swallowed others, the byte from which to go on."""
        words = Words(piece.text, self.catalog.dialect, piece.line)
        if words.done:
            return None
        if piece.fault:
            self._tell(piece, piece.fault)
        if words.word() == "CREATE" and words.word(1) == "SCHEMA" and self._schema_elements(piece, words):
            return None
        restart = None if words.word() in ("DO", "SELECT", "WITH") or _is_code(words) else _restart(words)
        if restart is not None:
            offset = words.stream[restart].start
            self._run(
                Statement(piece.line, piece.text[:offset], piece.start, piece.start),
                words.span(0, restart),
                piece.fault,
            )
            if words.stream[restart].upper != "GO":
                self.catalog.remark(piece.line, NO_SEMICOLON, "warning")
            return piece.start + len(piece.text[:offset].encode())
        if self._run(piece, words, piece.fault):
            return None
        newline = piece.text.find("\n")
        found = _LINE.search(piece.text, newline + 1) if newline >= 0 and not _is_code(words) else None
        return piece.start + len(piece.text[: found.start()].encode()) if found else None

    def _schema_elements(self, piece: Statement, words: Words) -> bool:
        """``CREATE SCHEMA name CREATE TABLE … CREATE VIEW …;``: all of it belongs to that schema."""
        starts = _elements(words)
        if not starts:
            return False
        self._run(piece, words.span(0, starts[0]), piece.fault)
        head = words.span(2, starts[0])
        head.accept("IF", "NOT", "EXISTS")
        head.accept("AUTHORIZATION")
        before = self.catalog.current
        self.catalog.use(head.name())
        for start, stop in pairwise([*starts, words.stop]):
            part = words.span(start, stop)
            offset = words.stream[start].start
            text = words.slice(start, stop)
            self._run(Statement(piece.line + piece.text.count("\n", 0, offset), text, 0, 0), part, "")
        self.catalog.current = before
        return True

    def _run(self, piece: Statement, words: Words, known_fault: str) -> bool:
        raw = piece.text.strip()
        try:
            self._dispatch(words, raw)
        except Fault as fault:
            if not known_fault:
                self._tell(piece, fault.words, piece.text.count("\n", 0, fault.offset))
            return False
        return True

    def _tell(self, piece: Statement, words: str, further: int = 0) -> None:
        shown = " ".join(piece.text.split())[:SHOWN]
        self.catalog.remark(piece.line + further, f"not understood, left out: {words} ({shown})", "error")

    # ---- by first word ------------------------------------------------------------------------------
    def _dispatch(self, words: Words, raw: str) -> None:
        match words.word():
            case "CREATE":
                words.at += 1
                self._create(words, raw)
            case "ALTER":
                words.at += 1
                self._alter(words)
            case "DROP":
                words.at += 1
                drop(self.catalog, words)
            case "COMMENT":
                words.at += 1
                words.expect("ON")
                comment_on(self.catalog, words)
            case "USE":
                words.at += 1
                self.catalog.use(words.name())
            case "RENAME" if words.word(1) in ("TABLE", "TABLES"):
                words.at += 2
                rename_tables(self.catalog, words)
            case "TRUNCATE":
                self._truncate(words)
            case "DO" if self.catalog.dialect not in MYSQL:
                self._block(words)
            case "SET" | "SELECT":
                self._settings(words)
            case "DELETE" | "UPDATE" | "MERGE" | "WITH":
                self._changed_rows(words)
            case word if word in SILENT:
                pass  # MySQL's DO evaluates an expression and forgets it
            case _:
                raise Fault("an unknown statement")

    def _create(self, words: Words, raw: str) -> None:
        modifiers = set()
        while words.word() in MODIFIERS:
            modifiers.add(words.take().upper)
        _definer(words)
        unique = words.accept("UNIQUE")
        materialized = words.accept("MATERIALIZED") or words.accept("RECURSIVE")
        _ = words.accept("CLUSTERED") or words.accept("NONCLUSTERED")
        words.accept("CONSTRAINT")
        kind = words.word()
        words.at += 1
        match kind:
            case "TABLE":
                create_table(self.catalog, words, frozenset(modifiers), raw)
            case "INDEX":
                create_index(self.catalog, words, unique=unique, raw=raw)
            case "VIEW":
                create_view(self.catalog, words, raw, materialized=materialized)
            case "TYPE":
                create_type(self.catalog, words, raw)
            case "DOMAIN":
                create_domain(self.catalog, words, raw)
            case "SEQUENCE":
                create_sequence(self.catalog, words, raw)
            case "TRIGGER":
                create_trigger(self.catalog, words, raw)
            case "FUNCTION" | "PROCEDURE" | "MACRO":
                create_function(self.catalog, words, raw, kind)
            case "POLICY":
                create_policy(self.catalog, words)
            case "RULE":
                create_rule(self.catalog, words)
            case _:
                self._create_other(words, kind, raw)

    def _create_other(self, words: Words, kind: str, raw: str) -> None:
        match kind:
            case "EXTENSION":
                self.catalog.prelude.append(("extension", raw))
            case "SCHEMA" | "DATABASE":
                self._create_space(words, raw)
            case "COLLATION":
                self._collation(words, raw)
            case "AGGREGATE" | "OPERATOR" | "CAST":
                self.catalog.prelude.append(("function", raw))
            case _ if kind in SILENT_OBJECTS:
                pass
            case _:
                raise words.fault("an unknown kind of object")

    def _create_space(self, words: Words, raw: str) -> None:
        words.accept("IF", "NOT", "EXISTS")
        if self.catalog.dialect in MYSQL:
            return
        name = words.name() if words.word() != "AUTHORIZATION" else ""
        if name and name != self.catalog.default and ("schema", raw) not in self.catalog.prelude:
            self.catalog.prelude.append(("schema", raw))

    def _collation(self, words: Words, raw: str) -> None:
        words.accept("IF", "NOT", "EXISTS")
        name = words.qualified()[-1]
        if re.search(r"deterministic\s*=\s*'?false", raw, re.IGNORECASE):
            self.catalog.folding.add(name)
        self.catalog.prelude.append(("other", raw))

    def _alter(self, words: Words) -> None:
        _ = words.accept("FOREIGN") or words.accept("ONLINE") or words.accept("IGNORE")
        kind = words.word()
        words.at += 1
        match kind:
            case "TABLE":
                alter_table(self.catalog, words)
            case "TYPE" | "DOMAIN":
                alter_type(self.catalog, words)
            case "SEQUENCE":
                alter_sequence(self.catalog, words)
            case _ if kind in SILENT_OBJECTS or kind == "SCHEMA":
                pass
            case _:
                raise words.fault("an unknown kind of object")

    # ---- what changes rows or the way names are read ------------------------------------------------
    def _truncate(self, words: Words) -> None:
        words.at += 1
        words.accept("TABLE")
        words.accept("ONLY")
        while words.is_name():
            table = self.catalog.find(words.qualified())
            if table is not None:
                table.rows = 0
            if not words.mark(","):
                return

    def _changed_rows(self, words: Words) -> None:
        if words.word() != "DELETE":
            return
        words.at += 1
        words.accept("FROM")
        words.accept("ONLY")
        table = self.catalog.find(words.qualified()) if words.is_name() else None
        if table is not None:
            table.rows = 0 if words.done else None

    def _settings(self, words: Words) -> None:
        """``SET search_path = a, b`` says where unqualified names live (old pg_dump)."""
        if self.catalog.dialect != "postgresql":
            return
        words.at += 1
        _ = words.accept("LOCAL") or words.accept("SESSION")
        if words.accept("SEARCH_PATH"):
            if not (words.mark("=") or words.accept("TO")):
                return
            token = words.take()
            name = words.span(words.at - 1, words.at).string() if token.kind is TokenKind.STRING else token.value
            self.catalog.use(name if name not in ("", "$user", "pg_catalog") else self.catalog.default)

    def _block(self, words: Words) -> None:
        """``DO $$ … $$``: statements that make structure are read as if they ran."""
        line = words.line_here()
        token = next((t for t in words.stream if t.kind is TokenKind.STRING), None)
        if token is None:
            raise words.fault("a DO block has no body")
        body = words.span(words.stream.index(token), words.stop).string()
        starts = [m.end() for m in _DO.finditer(body)]
        told = "a DO block runs code; the statements in it that make structure are read as if they all ran"
        self.catalog.remark(line, told if starts else "a DO block runs code that is not read", "warning")
        for start in starts:
            piece = next(iter(Splitter(body[start:].encode(), self.catalog.dialect)), None)
            if isinstance(piece, Statement):
                at = line + body[:start].count("\n")
                self.statement(Statement(at, piece.text, 0, 0))


def _elements(words: Words) -> list[int]:
    """Where, outside brackets, the elements of a CREATE SCHEMA begin."""
    depth, out = 0, []
    for i, token in enumerate(words.stream):
        if token.kind is TokenKind.MARK:
            depth += (token.text in "([{") - (token.text in ")]}")
        elif i > 1 and depth == 0 and token.upper in ("CREATE", "GRANT"):
            out.append(i)
    return out


def _definer(words: Words) -> None:
    """MySQL: ALGORITHM=…, DEFINER=…, SQL SECURITY … before TRIGGER, VIEW, FUNCTION."""
    while words.word() in ("ALGORITHM", "DEFINER", "SQL"):
        if words.accept("SQL"):
            words.at += 2
            continue
        words.at += 1
        words.mark("=")
        words.take()
        while words.peek().text in ("@",) or words.peek().text.startswith("@"):
            token = words.take()
            if token.text == "@":
                words.take()
        words.skip_group()


def _is_code(words: Words) -> bool:
    """Whether the statement is a routine or view, whose text may hold any statement."""
    return words.word() == "CREATE" and any(t.upper in _CODE for t in words.stream[:14])


def _restart(words: Words) -> int | None:
    """Where, outside brackets, another statement begins a line."""
    depth = 0
    for i, token in enumerate(words.stream):
        if token.kind is TokenKind.MARK:
            depth += (token.text in "([{") - (token.text in ")]}")
        elif i and depth <= 0 and token.kind is TokenKind.WORD and token.text.upper() in RESTART:
            begins = not words.text[words.text.rfind("\n", 0, token.start) + 1 : token.start].strip()
            follows = words.stream[i + 1].text.upper() if i + 1 < len(words.stream) else ""
            if (
                begins
                and (follows in FOLLOWS or token.text.upper() == "GO")
                and words.text.rfind("\n", 0, token.start) >= 0
            ):
                return i
    return None
