"""Constraints of tables, of columns or standing alone: keys, foreign keys, checks, exclusions.

They are added once all columns are known, for their default names and the columns that they speak
of depend on them.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from understudy.model.rule import Rule
from understudy.model.schema import Exclusion, ForeignKey, Identity, KeyPart, Unique
from understudy.sources.database.dump.catalog import Catalog, Column, Placed, Reference, Table, plain
from understudy.sources.database.dump.words import MYSQL, Fault, Words, quote, stored
from understudy.sources.database.sql_text import TokenKind, bare

ORDERS = frozenset({"ASC", "DESC", "NULLS", "FIRST", "LAST"})
_MYSQL_STRING = re.compile(r"_[a-z][a-z0-9]*'|[nN]'|\\|\"")


class Constraints:
    """Reads the constraints of ``table``; what has to wait for columns is handed out by ``waiting``."""

    def __init__(self, catalog: Catalog, table: Table) -> None:
        self.catalog, self.table, self.dialect = catalog, table, catalog.dialect
        self._waiting: list[Callable[[], None]] = []

    def wait(self, add: Callable[[], None]) -> None:
        """Keep something to be done once all columns are known."""
        self._waiting.append(add)

    def waiting(self) -> list[Callable[[], None]]:
        """What had to wait, in order; asked for once."""
        waiting, self._waiting = self._waiting, []
        return waiting

    @property
    def entity(self) -> str:
        """The full name of the table."""
        return self.catalog.full(self.table.space, self.table.name)

    def conflict(self, words: Words, line: int) -> None:
        """SQLite's ON CONFLICT: two of its answers lose rows silently."""
        if words.accept("ON", "CONFLICT"):
            what = words.take().upper
            if what in ("IGNORE", "REPLACE"):
                self.catalog.remark(
                    line, f"ON CONFLICT {what} drops or replaces rows without an error", entity=self.entity
                )

    def begins(self, words: Words) -> bool:
        """Whether a constraint comes next; the same words may name columns where they are not reserved."""
        follows = words.peek(1)
        bracket = follows.text == "(" and follows.kind is TokenKind.MARK
        match words.word():
            case "CONSTRAINT":
                return words.is_name(1) or follows.upper in ("CHECK", "PRIMARY", "UNIQUE", "FOREIGN")
            case "PRIMARY" | "FOREIGN":
                return follows.upper == "KEY"
            case "UNIQUE":
                return bracket or follows.upper in ("KEY", "INDEX", "NULLS", "USING") or words.peek(2).text == "("
            case "CHECK":
                return bracket
            case "EXCLUDE":
                return bracket or follows.upper == "USING"
            case "FULLTEXT" | "SPATIAL":
                return self.dialect in (*MYSQL, "")
            case "PERIOD":
                return follows.upper == "FOR"
            case "KEY" | "INDEX":
                return self.dialect in MYSQL or (
                    self.dialect == ""
                    and (bracket or (words.peek(2).text == "(" and words.peek(3).kind is not TokenKind.NUMBER))
                )
            case _:
                return False

    def source(self, words: Words, start: int, stop: int) -> str:
        """Source text of a span; MySQL's strings in standard quotes, without names of character sets."""
        text = words.slice(start, stop)
        if self.dialect not in MYSQL or not _MYSQL_STRING.search(text):
            return self.catalog.unqualified(text)
        out, last, offset = [], 0, words.stream[start].start
        for token in words.stream[start:stop]:
            if token.kind is TokenKind.STRING and token.text[0] not in "bBxX0":
                value = re.sub(r"\\(['\"])", r"\1", token.text[token.text.index(_quote_of(token.text)) + 1 : -1])
                value = value.replace(_quote_of(token.text) * 2, _quote_of(token.text)).replace("'", "''")
                out += [text[last : token.start - offset], f"'{value}'"]
                last = token.end - offset
        return "".join(out) + text[last:]

    def read(self, words: Words) -> None:
        """A constraint of the table; SQLite lets several follow each other without commas."""
        while not words.done:
            self._constraint(words)

    def _constraint(self, words: Words) -> None:
        line, start, name = words.line_here(), words.at, ""
        if words.accept("CONSTRAINT") and not (
            words.word() in ("CHECK", "PRIMARY", "FOREIGN", "UNIQUE") and not _named(words)
        ):
            name = words.name()
        if words.accept("PRIMARY", "KEY"):
            self._table_key(words, name, "pkey", line, start)
        elif words.accept("UNIQUE"):
            self._table_key(words, name, "key", line, start)
        elif words.accept("FOREIGN", "KEY"):
            index = words.name() if words.peek().text != "(" else ""
            self.reference(words, words.names(), name or index, line, start)
        elif words.accept("CHECK"):
            self.check(words, name, "", line, start)
        elif words.accept("EXCLUDE"):
            self._exclusion(words, name, line, start)
        elif words.accept("NOT", "NULL"):
            self._not_null(words)
        elif words.accept("PERIOD", "FOR"):
            words.at = words.stop
            self.catalog.remark(line, "a PERIOD is not understood", entity=self.entity)
        else:
            self._index(words)

    def _not_null(self, words: Words) -> None:
        column = self.catalog.column(self.table, words.name())
        if column is not None:
            column.nullable = False
        words.accept("NO", "INHERIT")

    def _index(self, words: Words) -> None:
        """A plain index: nothing to obey, but its name is taken."""
        if not (words.accept("FULLTEXT") or words.accept("SPATIAL") or words.word() in ("KEY", "INDEX")):
            raise words.fault("a constraint is not understood")
        _ = words.accept("KEY") or words.accept("INDEX")
        words.accept("IF", "NOT", "EXISTS")
        if words.is_name() and words.word() != "USING":
            self.table.indexes.add(words.name())
        words.at = words.stop

    def column_key(self, words: Words, column: Column, name: str, label: str, line: int, start: int) -> None:
        """PRIMARY KEY or UNIQUE after a column (``label``: pkey or key), from token ``start`` on."""
        _ = words.accept("ASC") or words.accept("DESC")
        distinct = not self._nulls_not_distinct(words)
        self.conflict(words, line)
        if words.accept("AUTOINCREMENT"):
            column.identity = Identity.AUTO_INCREMENT
            self.table.options["autoincrement"] = "yes"
        self._index_options(words)
        draft = self._draft(words, name, plain((column.name,)), label, distinct=distinct)
        self.wait_unique(draft, line, words.slice(start, words.at))

    def _draft(self, words: Words, name: str, parts: tuple[KeyPart, ...], label: str, *, distinct: bool) -> Unique:
        """A key as written, with the deferral that comes next."""
        facts = self._deferral(words)
        return Unique(
            name,
            parts,
            primary=label == "pkey",
            nulls_distinct=distinct,
            deferrable=facts["deferrable"],
            initially_deferred=facts["deferred"],
        )

    def wait_unique(self, draft: Unique, line: int, raw: str) -> None:
        """A key to be added once all columns are known."""
        self._waiting.append(lambda: self.add_unique(draft, line, raw))

    def _table_key(self, words: Words, name: str, label: str, line: int, start: int) -> None:
        if words.accept("USING", "INDEX"):
            self._using_index(words, name, label)
            return
        _ = words.accept("KEY") or words.accept("INDEX")
        words.accept("IF", "NOT", "EXISTS")
        distinct = not self._nulls_not_distinct(words)
        if words.is_name() and words.word() != "USING":
            own = words.name()
            name = own if self.dialect in MYSQL else name or own
        if words.accept("USING"):
            words.at += 1
        inside = words.group()
        parts = tuple(self.part(p) for p in inside.parts())
        self.conflict(words, line)
        self._index_options(words)
        draft = self._draft(words, name, parts, label, distinct=distinct)
        self.wait_unique(draft, line, words.slice(start, words.at))

    def _using_index(self, words: Words, name: str, label: str) -> None:
        index = words.name()
        facts = self._deferral(words)
        for placed in self.table.uniques:
            if placed.noun.name == index:
                placed.noun = msgspec.structs.replace(
                    placed.noun,
                    name=name or index,
                    primary=label == "pkey",
                    index=False,
                    deferrable=facts["deferrable"],
                    initially_deferred=facts["deferred"],
                )
                if label == "pkey":
                    self._keys_not_null(placed.noun)
                return
        raise words.fault(f"index {index} is not there")

    def add_unique(self, draft: Unique, line: int, raw: str) -> None:
        """Add a key; its columns must be there. A nameless one gets the name that the server would give it."""
        parts = tuple(self._known_part(p) for p in draft.parts)
        columns = tuple(p.column or "expr" for p in parts)
        if draft.primary and any(u.noun.primary for u in self.table.uniques):
            raise Fault("a second primary key")
        label = "pkey" if draft.primary else "idx" if draft.index else "key"
        name = "" if draft.primary and self.dialect in MYSQL else draft.name
        name = name or self.catalog.choose(self.table, columns, label)
        unique = msgspec.structs.replace(draft, name=name, parts=parts)
        if unique.primary:
            self._keys_not_null(unique)
        self.table.uniques.append(Placed(unique, line, raw))

    def _keys_not_null(self, unique: Unique) -> None:
        for name in unique.columns:
            column = self.catalog.column(self.table, name)
            if column is not None:
                column.nullable = False

    def _known_part(self, part: KeyPart) -> KeyPart:
        if not part.column:
            return part
        column = self.catalog.column(self.table, part.column)
        if column is None:
            raise Fault(f"a key names column {part.column}, which {self.table.name} does not have")
        return msgspec.structs.replace(part, column=column.name)

    def part(self, words: Words) -> KeyPart:
        """One part of a key: a column (with a prefix length in MySQL) or an expression."""
        start = words.at
        follows = words.peek(1)
        if words.is_name() and (words.stop - words.at == 1 or follows.kind is not TokenKind.MARK):
            return self._column_part(words, start)
        if (
            words.is_name()
            and self.dialect in MYSQL
            and follows.text == "("
            and words.peek(2).kind is TokenKind.NUMBER
            and words.peek(3).text == ")"
        ):
            name = words.name()
            inside = words.group()
            return KeyPart(column=name, prefix=int(inside.take().text))
        stop = words.stop
        while stop > start + 1 and words.stream[stop - 1].upper in ORDERS:
            stop -= 1
        if words.peek().text == "(" and words.peek().kind is TokenKind.MARK:
            words.group()
            stop = words.at
        return KeyPart(text=bare(self.source(words, start, stop)))

    def _column_part(self, words: Words, start: int) -> KeyPart:
        name = words.name()
        if words.accept("COLLATE"):
            collation = words.qualified()[-1]
            column = self.catalog.column(self.table, name)
            if (
                self.dialect == "sqlite"
                and collation.upper() != ((column.collation if column else "") or "BINARY").upper()
            ):
                return KeyPart(text=f"{quote(column.name if column else name, self.dialect)} COLLATE {collation}")
        return KeyPart(column=name)

    def _nulls_not_distinct(self, words: Words) -> bool:
        if words.accept("NULLS", "NOT", "DISTINCT"):
            return True
        words.accept("NULLS", "DISTINCT")
        return False

    def _index_options(self, words: Words) -> None:
        """What stands after a key and changes nothing of what it demands."""
        while not words.done:
            if words.accept("INCLUDE") or words.accept("WITH"):
                words.group()
            elif words.accept("USING", "INDEX", "TABLESPACE"):
                words.name()
            elif words.word() in (
                "USING",
                "COMMENT",
                "KEY_BLOCK_SIZE",
                "CLUSTERED",
                "NONCLUSTERED",
            ) and self.dialect in (*MYSQL, ""):
                if words.take().upper.endswith("CLUSTERED"):
                    continue
                words.mark("=")
                words.take()
            else:
                return

    def _deferral(self, words: Words) -> dict[str, bool]:
        facts = {"deferrable": False, "deferred": False}
        while True:
            if words.accept("NOT", "DEFERRABLE"):
                facts["deferrable"] = False
            elif words.accept("DEFERRABLE"):
                facts["deferrable"] = True
            elif words.accept("INITIALLY", "DEFERRED"):
                facts = {"deferrable": True, "deferred": True}
            elif not words.accept("INITIALLY", "IMMEDIATE"):
                return facts

    def check(self, words: Words, name: str, column: str, line: int, start: int) -> None:
        """``(expression) …`` after the word CHECK; ``column``: the one it stands at, or ""."""
        inside = words.group()
        text = bare(self.source(inside, inside.at, inside.stop))
        if not text:
            raise words.fault("a CHECK is empty")
        enforced = True
        while words.accept("NO", "INHERIT") or words.accept("NOT", "VALID") or words.accept("ENFORCED"):
            pass
        if words.accept("NOT", "ENFORCED"):
            enforced = False
        raw = words.slice(start, words.at)
        self._waiting.append(lambda: self._add_check(text, name, column, line, raw, enforced))

    def _add_check(self, text: str, name: str, column: str, line: int, raw: str, enforced: bool) -> None:
        spoken = self.catalog.mentions(text, self.table)
        if not name and self.dialect == "mariadb" and column:
            name = column
        named_after: tuple[str, ...]
        match self.dialect:
            case "sqlite":
                named_after = (column,) if column else ()
            case "duckdb":
                named_after = spoken
            case _:
                named_after = spoken if len(spoken) == 1 else ()
        name = name or self.catalog.choose(self.table, named_after, "check")
        rule = Rule(name, text, spoken, self.dialect, enforced=enforced)
        self.table.checks.append(Placed(rule, line, raw, column))

    def reference(self, words: Words, columns: tuple[str, ...], name: str, line: int, start: int) -> None:
        """``REFERENCES …`` for these columns, from token ``start`` on."""
        words.expect("REFERENCES")
        target = words.qualified()
        theirs = words.names() if words.peek().text == "(" else ()
        facts: dict[str, str] = {"match": "simple", "on_delete": "", "on_update": ""}
        deferral = {"deferrable": False, "deferred": False}
        validated = enforced = True
        while not words.done:
            if words.accept("MATCH"):
                facts["match"] = words.take().text.lower()
            elif words.accept("ON", "DELETE"):
                facts["on_delete"] = self._action(words)
            elif words.accept("ON", "UPDATE"):
                facts["on_update"] = self._action(words)
            elif words.accept("NOT", "VALID"):
                validated = False
            elif words.accept("NOT", "ENFORCED"):
                enforced = False
            elif words.word() in ("DEFERRABLE", "INITIALLY") or (
                words.word() == "NOT" and words.word(1) == "DEFERRABLE"
            ):
                deferral = self._deferral(words)
            else:
                break
        raw, space = words.slice(start, words.at), self.table.space
        key = ForeignKey(
            name,
            columns,
            "",
            theirs,
            facts["match"],
            deferral["deferrable"],
            deferral["deferred"],
            facts["on_delete"],
            facts["on_update"],
            enforced,
            validated,
        )
        self._waiting.append(lambda: self._add_reference(Reference(key, target, line, raw, space)))

    def _action(self, words: Words) -> str:
        if words.accept("SET", "NULL"):
            word = "set null"
        elif words.accept("SET", "DEFAULT"):
            word = "set default"
        elif words.accept("NO", "ACTION"):
            word = ""
        else:
            word = words.take().text.lower()
        if words.peek().text == "(":
            words.group()  # PostgreSQL 15: which columns are set
        return "" if word == "restrict" and self.dialect in MYSQL else word

    def _add_reference(self, reference: Reference) -> None:
        found = tuple(self.catalog.column(self.table, c) for c in reference.key.columns)
        missing = [n for n, c in zip(reference.key.columns, found, strict=True) if c is None]
        if missing:
            raise Fault(f"a foreign key names column {missing[0]}, which {self.table.name} does not have")
        columns = tuple(c.name for c in found if c is not None)
        theirs = reference.key.target_columns
        name = reference.key.name or self.catalog.choose(
            self.table, columns + (theirs if self.dialect == "duckdb" else ()), "fkey"
        )
        reference.key = msgspec.structs.replace(reference.key, columns=columns, name=name)
        self.table.references.append(reference)

    def _exclusion(self, words: Words, name: str, line: int, start: int) -> None:
        using = words.take().text.lower() if words.accept("USING") else "gist"
        inside = words.group()
        elements = tuple(self._element(p) for p in inside.parts())
        self._index_options(words)
        predicate = ""
        if words.accept("WHERE"):
            condition = words.group()
            predicate = bare(condition.rest)
        deferrable = self._deferral(words)["deferrable"]
        raw = words.slice(start, words.at)
        text = raw[raw.upper().index("EXCLUDE") :]

        def add() -> None:
            chosen = name or self.catalog.choose(
                self.table, tuple(e if self.catalog.column(self.table, e) else "expr" for e, _ in elements), "excl"
            )
            exclusion = Exclusion(chosen, elements, using, predicate, deferrable, text)
            self.table.exclusions.append(Placed(exclusion, line, raw))

        self._waiting.append(add)

    def _element(self, words: Words) -> tuple[str, str]:
        start = words.at
        _, stop = words.until(frozenset({"WITH"}))
        words.expect("WITH")
        operator = words.rest
        first = words.stream[start]
        if first.kind in (TokenKind.NAME, TokenKind.WORD) and (
            stop - start == 1 or words.stream[start + 1].kind is not TokenKind.MARK
        ):
            return stored(first, self.dialect), operator  # an operator class may follow the column
        return bare(words.slice(start, stop)), operator


def _named(words: Words) -> bool:
    """Whether the reserved word that comes next is a constraint's name after all."""
    return words.word(1) in ("CHECK", "PRIMARY", "FOREIGN", "UNIQUE")


def _quote_of(text: str) -> str:
    return min((q for q in "'\"" if q in text), key=text.index)
