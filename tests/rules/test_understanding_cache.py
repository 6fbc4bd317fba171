"""What a text means depends on the columns it speaks of, and on nothing that was asked before."""

from __future__ import annotations

from understudy import rules
from understudy.model.expression import Cast, Column, Const
from understudy.rules.trees import walk
from understudy.types import Kind, Type

WHOLE, WORDS = Type(Kind.INTEGER), Type(Kind.TEXT)


def constants(text: str, **types: Type) -> set[object]:
    return {n.value for n in walk(rules.understand(text, "postgresql", types).predicate) if isinstance(n, Const)}


def test_the_same_words_over_columns_of_another_type_are_read_anew() -> None:
    assert constants("code = '12'", code=WHOLE, other=WORDS) == {12}
    assert constants("code = '12'", code=WORDS, other=WHOLE) == {"12"}
    assert constants("code = '12'", code=WHOLE, another=WORDS) == {12}


def test_a_name_is_a_column_only_where_the_table_has_it() -> None:
    assert rules.understand("size > limit_of", "postgresql", {"size": WHOLE, "limit_of": WHOLE}).columns == (
        "size",
        "limit_of",
    )
    assert rules.understand("size > limit_of", "postgresql", {"size": WHOLE, "x": WHOLE}).columns == ("size",)


def test_a_column_whose_name_is_written_with_quotes_in_it_is_found() -> None:
    name = 'we"ird'
    for other in ("a", "b"):
        found = rules.understand('"we""ird" > 3', "postgresql", {name: WHOLE, other: WHOLE})
        assert found.columns == (name,)
        assert not any(isinstance(n, Cast) for n in walk(found.predicate))
        assert Column(name) in set(walk(found.predicate))
