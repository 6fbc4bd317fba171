"""How a dump is cut into statements, rows and commands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.sources.database.dump.split import Command, Data, Piece, Splitter, Statement


def pieces(text: str, dialect: str = "postgresql") -> list[Piece]:
    return list(Splitter(text.encode(), dialect))


def texts(text: str, dialect: str = "postgresql") -> list[str]:
    return [p.text.strip() for p in pieces(text, dialect) if isinstance(p, Statement)]


@pytest.mark.parametrize(
    ("dialect", "statement"),
    [
        ("postgresql", "SELECT 'a;b', 'it''s;', \"x;\"\"y\", $$ ; ' $$, $tag$ $$ ; $tag$"),
        ("postgresql", r"SELECT E'a\';b', 'ends with \', 2"),
        ("postgresql", "SELECT 1 /* ; /* nested ; */ ; */ - 2 -- ; ' no end\n + 3"),
        (
            "mysql",
            r"SELECT 'a\';b', "
            r'"c\";d", `e;f` # ; comment'
            "\n, 5--6",
        ),
        ("sqlite", "SELECT 'it''s;', `a;b`, [c], \"d;e\" -- ; \n /* ; */"),
        ("duckdb", "SELECT 'a;b', $$ ; $$"),
    ],
)
def test_a_semicolon_inside_quotes_or_comments_ends_nothing(dialect: str, statement: str) -> None:
    assert texts(f"{statement};\nSELECT 2;", dialect) == [statement, "SELECT 2"]


def test_lines_are_counted_from_one_whatever_stands_between() -> None:
    text = "-- top\n\nCREATE TABLE a (\n x int);\n/* two\nlines */\nCREATE TABLE b (y int);\nINSERT INTO b VALUES (1);"
    assert [p.line for p in pieces(text)] == [3, 7, 8]


def test_the_bodies_of_triggers_and_procedures_stay_whole() -> None:
    trigger = (
        "CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE a SET b = CASE WHEN c THEN 'x;' ELSE d END; DELETE FROM a; END"
    )
    procedure = "CREATE PROCEDURE p()\nBEGIN IF x > 1 THEN SELECT 1; END IF; WHILE x < 3 DO SET x = 3; END WHILE; END"
    assert texts(f"{trigger};\nCREATE TABLE b (x int);", "sqlite") == [trigger, "CREATE TABLE b (x int)"]
    assert texts(f"{procedure};\nCREATE TABLE b (x int);", "mysql") == [procedure, "CREATE TABLE b (x int)"]


def test_a_table_with_a_column_called_begin_is_no_body() -> None:
    assert len(texts("CREATE TABLE a (begin int, c int);\nCREATE TABLE b (x int);", "sqlite")) == 2


def test_delimiter_lines_change_what_ends_a_statement() -> None:
    found = pieces(
        "DELIMITER ;;\nCREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN SET x = 1; END ;;\n"
        "DELIMITER ;\nSELECT 1;",
        "mysql",
    )
    assert [type(p) for p in found] == [Command, Statement, Command, Statement]
    assert isinstance(found[1], Statement)
    assert found[1].text.strip().endswith("END")


def test_executable_comments_are_statements_and_the_sandbox_line_is_not() -> None:
    text = "/*M!999999\\- enable the sandbox mode */ \n/*!40101 SET NAMES utf8 */;\nCREATE TABLE a (x int);"
    assert texts(text, "mariadb") == ["/*!40101 SET NAMES utf8 */", "CREATE TABLE a (x int)"]


def test_copy_blocks_are_counted_and_passed_over() -> None:
    text = "COPY public.a (x, y) FROM stdin;\n1\tit's; \\N\n2\t$$\n\\.\n\n\\connect other\nSELECT 1;"
    data, command, statement = pieces(text)
    assert isinstance(data, Data)
    assert (data.table, data.count, data.fault) == ("public.a", 2, "")
    assert isinstance(command, Command)
    assert statement.line == 7


def test_a_copy_block_without_an_end_is_told() -> None:
    (data,) = pieces("COPY a FROM stdin;\n1\n2\n")
    assert isinstance(data, Data)
    assert data.fault


@pytest.mark.parametrize(
    ("dialect", "text", "count"),
    [
        ("postgresql", "INSERT INTO a VALUES (1, ')'), (2, lower('x')),\n(3, ((1)));", 3),
        ("mysql", r"INSERT INTO `a` (`b`) VALUES ('it\'s'),('(');", 2),
        ("sqlite", "INSERT INTO a VALUES(1);\nINSERT INTO a VALUES(2);\nINSERT INTO a VALUES('it''s;');", 3),
        ("sqlite", "REPLACE INTO a VALUES (1);", 1),
        ("postgresql", "INSERT INTO a VALUES (1) ON CONFLICT (x) DO UPDATE SET y = (2);", 1),
        ("postgresql", "INSERT INTO a SELECT * FROM b;", None),
    ],
)
def test_rows_of_inserts_are_counted_without_reading_them(dialect: str, text: str, count: int | None) -> None:
    found = pieces(text + "\nSELECT 1;", dialect)
    counts = [p.count for p in found if isinstance(p, Data)]
    assert (None if None in counts else sum(c or 0 for c in counts)) == count
    assert isinstance(found[-1], Statement)


def test_a_quote_that_is_never_closed_loses_only_its_statement() -> None:
    found = pieces("CREATE TABLE a (x text DEFAULT 'oh);\nCREATE TABLE b (y int);\nCREATE TABLE c (z int);")
    assert [bool(p.fault) for p in found if isinstance(p, Statement)] == [True, False, False]


@given(
    st.lists(
        st.one_of(
            st.text("ab;'$-/*\n", max_size=8).map(lambda s: "'" + s.replace("'", "''") + "'"),
            st.text('ab;"$-/*\n', max_size=8).map(lambda s: '"' + s.replace('"', '""') + '"'),
            st.text("ab;'\"-/*\n", max_size=8).map(lambda s: f"$q${s}$q$"),
            st.text("ab;'\"$\n", max_size=8).map(lambda s: f"/*{s}*/"),
            st.sampled_from(["x", "1", "(", ")", "+", "\n", "a.b"]),
        ),
        min_size=1,
        max_size=6,
    ),
    st.integers(1, 5),
)
def test_however_it_is_quoted_each_statement_comes_out_whole(parts: list[str], times: int) -> None:
    statement = "SELECT " + " ".join(parts) + " END"
    assert [t.split() for t in texts(f"{statement};\n" * times)] == [statement.split()] * times
