"""A table of very many columns costs as many times one column: its columns are not compared with each other."""

from __future__ import annotations

from pathlib import Path

from understudy.fusion import names
from understudy.sources.recognise import kind_of_text
from understudy.workflow.reading import Reading, read

COLUMNS = 120


def wide(place: Path, word: str) -> Path:
    path = place / f"{word}.csv"
    lines = [",".join(f"{word}_{i}" for i in range(COLUMNS))]
    lines += [",".join(str((row * 7 + i) % 50) for i in range(COLUMNS)) for row in range(12)]
    path.write_text("\n".join(lines) + "\n")
    return path


def test_columns_of_one_file_are_not_compared_with_each_other(tmp_path: Path) -> None:
    path = wide(tmp_path, "reading")
    names.likeness.cache_clear()
    schema = read([str(path)], reading=Reading(cache=False))
    assert [f.name for f in schema.entities[0].fields] == [f"reading_{i}" for i in range(COLUMNS)]
    assert names.likeness.cache_info().misses < 20 * COLUMNS  # each with each would be sixty times their number


def test_columns_of_two_files_about_one_thing_still_meet(tmp_path: Path) -> None:
    one, other = tmp_path / "owners.csv", tmp_path / "owner.json"
    one.write_text("id,first_name,city\n" + "".join(f"{i},Ann{i},Bonn\n" for i in range(9)))
    other.write_text("[" + ",".join(f'{{"id": {i}, "firstName": "Ann{i}", "city": "Bonn"}}' for i in range(9)) + "]")
    schema = read([str(one), str(other)], reading=Reading(cache=False))
    assert [len(e.fields) for e in schema.entities] == [3]


def test_a_table_of_manual_steps_is_known_by_two_words_of_its_first_line() -> None:
    assert kind_of_text("cases.csv", "Step,Action,Expected result\n1,Open,Page\n") == "steps"
    assert kind_of_text("cases.csv", "Expected,No,Steps\n1,Open,Page\n") == "steps"
    assert kind_of_text("cases.csv", "step_count,no\n1,2\n2,3\n3,4\n") == "csv"
