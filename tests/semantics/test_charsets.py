"""A column's character set is kept to: letters that it lacks lose their marks."""

from __future__ import annotations

import pytest

import understudy
from understudy.types.encoding import encodable, holds

SCHEMA = """
CREATE TABLE `site` (`id` int NOT NULL, `city` varchar(60) NOT NULL, `owner` varchar(80) NOT NULL,
  `wide` varchar(80) CHARACTER SET utf8mb4 NOT NULL, `code` varchar(40) NOT NULL, PRIMARY KEY (`id`), UNIQUE (`code`)
) ENGINE=InnoDB DEFAULT CHARSET={charset};
"""


@pytest.mark.parametrize("charset", ["latin1", "ascii", "cp1250"])
def test_texts_of_a_limited_set_can_be_kept_in_it(tmp_path, charset):
    place = tmp_path / "schema.sql"
    place.write_text(SCHEMA.format(charset=charset).replace("wide`", "country`", 1))
    schema = understudy.read(str(place))
    assert {f.name: f.type.charset for f in schema.entities[0].fields}["city"] == charset
    rows = understudy.generate(schema, rows=1500, seed=1)["site"].to_pylist()
    for name in ("city", "owner", "code"):
        assert all(holds(r[name], charset) for r in rows)
        assert not any("?" in r[name] for r in rows)
    assert len({r["code"] for r in rows}) == 1500
    assert len({r["city"] for r in rows}) > 40


def test_a_letter_loses_its_mark_where_the_set_has_none():
    assert encodable("Łódź", "latin1") == "Lódz"
    assert encodable("Łódź", "latin2") == "Łódź"
    assert encodable("Łódź – “quoted”", "ascii") == 'Lodz - "quoted"'
    assert encodable("東京", "latin1") == "??"
