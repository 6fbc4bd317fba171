"""Whose SQL a dump is written in: headers first, then the words that only one dialect has.

Only the beginning is looked at: dumps put their headers and their first tables there.
"""

from __future__ import annotations

import re

LOOK_BYTES = 1 << 20
BARE_BYTES = 200_000
"""What is looked at of the rest once data is left out: some 150 tables."""
_SPARSE_DATA = re.compile(rb"^(?:insert|replace)\b[^\n]*|^[ \t]*\((?:n?'|-?\d|null)[^\n]*", re.MULTILINE)
_COPY_DATA = re.compile(rb"^copy [^\n]* from stdin;\n.*?(?:^\\\.$|\Z)", re.MULTILINE | re.DOTALL)
_STRINGS = re.compile(rb"'(?:[^'\\\n]|''|\\.)*+'")

HEADERS = (
    (
        re.compile(
            rb"^-- PostgreSQL database dump|^-- Dumped (?:from database|by pg_dump) version|^\\connect |^\\restrict ",
            re.M,
        ),
        "postgresql",
    ),
    (re.compile(rb"^-- MariaDB dump|/\*M?!\d*\\- enable the sandbox|^-- Server version\s+\S*MariaDB", re.M), "mariadb"),
    (re.compile(rb"^-- MySQL dump|^-- phpMyAdmin SQL Dump|^-- MySQL (?:Script|Workbench)", re.M), "mysql"),
    (re.compile(rb"^PRAGMA foreign_keys\s*=\s*OFF;\s*^BEGIN TRANSACTION;", re.M), "sqlite"),
)
HEADER_POINTS = 100

WORDS: tuple[tuple[str, int, bytes], ...] = (
    ("mysql", 5, rb"\bengine\s*=\s*\w+|/\*!\d{5}|^delimiter\s|\bauto_increment\b|\bon update current_timestamp\b"),
    (
        "mysql",
        4,
        rb"\bunsigned\b|\b(?:tiny|medium)int\b|\b(?:medium|long)text\b|\bcharacter set \w"
        rb"|\bdefault charset\b|\benum\s*\(\s*'",
    ),
    ("mysql", 2, rb"`\w+`|^[ \t]*(?:unique )?key `?\w+`? \(|\block tables\b|\bcomment\s*=?\s*'"),
    ("mariadb", 3, rb"\bengine\s*=\s*aria\b|\bwith system versioning\b|\binet[46]\b|\bpersistent\b"),
    (
        "sqlite",
        6,
        rb"\bautoincrement\b|^pragma\s+\w+|\)\s*strict\s*[,;]|\bwithout rowid\b|\bsqlite_\w+"
        rb"|\bon conflict (?:rollback|abort|fail|ignore|replace)\b",
    ),
    (
        "sqlite",
        3,
        rb"\binteger\s+(?:not null\s+)?primary key\b|\bstrftime\s*\(|\bdatetime\s*\(\s*'|\bglob\b"
        rb"|^\.\w+|\bjulianday\s*\(",
    ),
    (
        "postgresql",
        5,
        rb"\b(?:big|small)?serial\b|\bnextval\s*\(|\$\w*\$|\bplpgsql\b|\bcreate extension\b"
        rb"|\balter table only\b|\bfrom stdin;",
    ),
    (
        "postgresql",
        5,
        rb"\bowner to\b|\bjsonb\b|\btimestamptz\b|\bbytea\b|\btsvector\b"
        rb"|\busing (?:gist|gin|btree)\b|\bas identity\b|\bcreate domain\b",
    ),
    (
        "postgresql",
        3,
        rb"::\s*[a-z]|\bcharacter varying\b|\btimestamp with(?:out)? time zone\b|\binet\b"
        rb"|\binherits\s*\(|\bcreate type\b|\bset search_path\b",
    ),
    (
        "postgresql",
        2,
        rb"\w\[\]|\bgen_random_uuid\s*\(|\bdeferrable\b|\bpartition of\b|\bcomment on\b"
        rb"|\bdefault now\s*\(\)|\bint[248]\b",
    ),
    (
        "duckdb",
        6,
        rb"\bstruct\s*\(|\buhugeint\b|\bhugeint\b|\bu(?:big|small|tiny)int\b|\buinteger\b"
        rb"|\bmap\s*\(\s*\w+\s*,|\bunion\s*\(\s*\w+ \w+",
    ),
    (
        "duckdb",
        5,
        rb"\btimestamp_(?:ns|ms|s)\b|\bread_(?:csv|parquet)\w*\s*\(|\bcreate macro\b"
        rb"|\w\[\d+\]\s*[,)]|\bget_current_timestamp\s*\(",
    ),
    ("duckdb", 4, rb"\bcreate sequence \w+ increment by 1 minvalue 1 maxvalue 9223372036854775807 start \d+ no cycle;"),
)
NAMES = (
    (b"postgres", "postgresql"),
    (b"mysql", "mysql"),
    (b"mariadb", "mariadb"),
    (b"sqlite", "sqlite"),
    (b"duckdb", "duckdb"),
)
NAME_POINTS = 3
NAME_BYTES = 2_000
_COMMENTS = re.compile(rb"--[^\n]*|/\*.*?\*/", re.DOTALL)
REPEATS = 3
"""A word counts so often at most: the tenth backquote says no more than the third."""


def recognise_dialect(data: bytes, name: str = "") -> str:
    """postgresql, mysql, mariadb, sqlite, duckdb, or "" where nothing tells. ``name``: the file's, a weak hint."""
    look = data[:LOOK_BYTES]
    scores = dict.fromkeys(("postgresql", "mysql", "mariadb", "sqlite", "duckdb"), 0)
    for pattern, dialect in HEADERS:
        if pattern.search(look):
            scores[dialect] += HEADER_POINTS
    lower = _SPARSE_DATA.sub(b"", _COPY_DATA.sub(b"copy t from stdin;", look.lower()))
    bare = _STRINGS.sub(b"''", lower)[:BARE_BYTES]
    for dialect, points, words in WORDS:
        found = re.finditer(words, bare, re.MULTILINE)
        scores[dialect] += points * sum(1 for _, _ in zip(range(REPEATS), found, strict=False))
    for dialect in _named(bare, name):
        scores[dialect] += NAME_POINTS
    if scores["mariadb"] and scores["mysql"]:
        family = scores["mysql"] + scores["mariadb"]
        scores["mariadb" if scores["mariadb"] >= NAME_POINTS else "mysql"] = family + 1
    best = max(scores, key=lambda d: scores[d])
    return best if scores[best] > 0 else ""


def _named(bare: bytes, name: str) -> list[str]:
    """Dialects that the comments at the top, or else the file's name, speak of."""
    top = b"\n".join(_COMMENTS.findall(bare[:NAME_BYTES]))
    for text in (top, name.lower().encode()):
        found = [dialect for word, dialect in NAMES if word in text]
        if len(found) == 1:
            return found
    return []


_VERSION = re.compile(rb"^-- (?:Dumped from database version|Server version)\s+([^\s(]+)", re.MULTILINE)


def version(data: bytes) -> str:
    """The server's version as the dump's header gives it, else ""."""
    found = _VERSION.search(data[:LOOK_BYTES])
    return found[1].decode("ascii", "replace") if found else ""
