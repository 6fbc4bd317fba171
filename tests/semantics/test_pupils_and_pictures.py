"""Children are as old as their grade says, and pictures are files that a viewer opens."""

from __future__ import annotations

import struct
import zlib

import understudy
from understudy.model.schema import Entity, Field, KeyPart, Schema, Unique
from understudy.types import Kind, Type

CLOCK = 1_767_225_600_000_000
KEY = Unique("pk", (KeyPart("id"),), primary=True)


def test_a_pupil_is_as_old_as_the_grade_says_and_came_to_school_after_birth() -> None:
    whole, day = Type(Kind.INTEGER), Type(Kind.DATE)
    fields = (
        Field("id", whole, False),
        Field("dob", day, False),
        Field("grade_level", whole, False),
        Field("enrl_dt", day),
    )
    schema = Schema("x", (Entity("students", fields, uniques=(KEY,)),))
    for r in understudy.generate(schema, rows=300, clock=CLOCK)["students"].to_pylist():
        grade = min(max(r["grade_level"], 0), 13)
        assert grade + 5 <= 2026 - r["dob"].year <= grade + 7
        assert r["enrl_dt"] is None or (r["enrl_dt"] - r["dob"]).days > 4 * 365


def test_a_picture_in_a_binary_column_is_a_whole_png() -> None:
    fields = (Field("id", Type(Kind.INTEGER), False), Field("photo", Type(Kind.BINARY), False))
    schema = Schema("x", (Entity("people", fields, uniques=(KEY,)),))
    found = understudy.generate(schema, rows=40, clock=CLOCK)["people"].column("photo").to_pylist()
    assert len(set(found)) > 5
    for data in found:
        assert data.startswith(b"\x89PNG\r\n\x1a\n")
        at, kinds = 8, []
        while at < len(data):
            (size,) = struct.unpack(">I", data[at : at + 4])
            kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
            assert struct.unpack(">I", data[at + 8 + size : at + 12 + size])[0] == zlib.crc32(kind + body)
            kinds.append(kind)
            at += 12 + size
        assert kinds == [b"IHDR", b"IDAT", b"IEND"]


def test_a_binary_column_without_room_for_a_picture_gets_bytes() -> None:
    fields = (Field("id", Type(Kind.INTEGER), False), Field("icon", Type(Kind.BINARY, length=16), False))
    schema = Schema("x", (Entity("people", fields, uniques=(KEY,)),))
    found = understudy.generate(schema, rows=20, clock=CLOCK)["people"].column("icon").to_pylist()
    assert all(len(v) <= 16 for v in found)
