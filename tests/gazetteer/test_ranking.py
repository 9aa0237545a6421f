"""Slips: equal to the textbook's distance, word by word."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from geo.gazetteer.ranking import Vocabulary

words = st.text("abcø京", min_size=1, max_size=7)


def distance(a: str, b: str) -> int:
    """Optimal string alignment distance, by the table (Damerau 1964)."""
    table = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i in range(len(a) + 1):
        for j in range(len(b) + 1):
            if not i or not j:
                table[i][j] = i + j
                continue
            same = a[i - 1] == b[j - 1]
            table[i][j] = min(
                table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + (not same)
            )
            if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                table[i][j] = min(table[i][j], table[i - 2][j - 2] + 1)
    return table[len(a)][len(b)]


def test_known_slips() -> None:
    vocabulary = Vocabulary(["oakham", "oak", "uppingham", "street"])
    assert vocabulary.near("okaham", unfinished=False) == ["oakham"]
    assert vocabulary.near("oakham", unfinished=False) == []
    assert vocabulary.near("steret", unfinished=True) == ["street"]
    assert vocabulary.near("upip", unfinished=True) == ["upp"]
    assert vocabulary.near("a1", unfinished=True) == []
    assert vocabulary.near("x" * 50, unfinished=True) == []
    assert Vocabulary([]).near("oakham", unfinished=True) == []


@given(st.lists(words, unique=True, max_size=12), st.text("abcø京", min_size=2, max_size=7))
def test_finished_words_are_those_one_slip_away(known: list[str], typed: str) -> None:
    expected = {word for word in known if distance(word, typed) == 1}
    assert set(Vocabulary(known).near(typed, unfinished=False)) == expected


@given(st.lists(words, unique=True, max_size=12), st.text("abcø京", min_size=4, max_size=7))
def test_unfinished_words_lead_to_every_word_that_begins_one_slip_away(
    known: list[str], typed: str
) -> None:
    beginnings = (typed, *Vocabulary(known).near(typed, unfinished=True))
    for word in known:
        lengths = range(len(typed) - 1, min(len(word), len(typed) + 1) + 1)
        if any(distance(word[:length], typed) <= 1 for length in lengths):
            assert word.startswith(beginnings)
