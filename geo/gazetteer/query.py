"""What a person typed, taken apart: words, parts between commas, a house number.

Everything that reaches SQLite's query language is made here of folded words in quotation marks, so
no text that is typed can be read as an operator.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from geo.gazetteer.fold import fold
from geo.tables import read_table

_MOST_WORDS = 12
_HOUSE_NUMBER = re.compile(r"\d{1,5}[^\W\d_]{0,2}")


@dataclass(frozen=True, slots=True)
class Query:
    """Words to look for.

    Attributes
    ----------
    words
        Folded; the last may be unfinished.
    house
        A house number that stood among them, folded; None where there is none.
    house_first
        Whether it stood first, as in "12 High Street"; labels keep what is usual there.
    dropped
        How many words of the text were given up.
    """

    words: tuple[str, ...]
    house: str | None = None
    house_first: bool = True
    dropped: int = 0

    def expression(self, near: Callable[[str, bool], list[str]] | None = None) -> str:
        """Return the query in the language of SQLite's FTS5.

        Every word must occur in the name or in what makes it precise (settlement, postcode); a
        single word in the name.

        Parameters
        ----------
        near
            Gives other readings of a word, and is told whether the word is unfinished; None for
            the words as they were typed.
        """
        groups = []
        last = len(self.words) - 1
        for position, word in enumerate(self.words):
            forms = [word, *abbreviations().get(word, ())]
            if near is not None:
                forms += near(word, position == last)
            star = " *" if position == last else ""
            groups.append("(" + " OR ".join(f'"{form}"{star}' for form in forms) + ")")
        columns = "words" if len(groups) == 1 else "words context"
        return f"{{{columns}}} : ({' AND '.join(groups)})"

    def beginning(self) -> str:
        """Return the query for names that begin with these words."""
        return f'{{words}} : ^ "{" ".join(self.words)}" *'


@cache
def abbreviations() -> dict[str, list[str]]:
    """Return what each abbreviation may stand for."""
    table: dict[str, list[str]] = read_table("kinds")["abbreviations"]
    return table


def read_queries(text: str) -> Iterator[list[Query]]:
    """Yield what to look for: first all of the text, then with more and more of it given up.

    Each list holds readings of the same words: one or two with a house number, and one without. A
    house number is given up first, as maps know few of them; then the parts between commas from
    the last, as an address often ends in a county and a country; then the first or last word.
    """
    parts = [words for words in (fold(part).split() for part in text.split(",")) if words]
    whole = tuple(word for part in parts for word in part)[:_MOST_WORDS]
    without_end = [
        tuple(word for part in parts[:end] for word in part)[:_MOST_WORDS]
        for end in range(len(parts) - 1, 0, -1)
    ]
    tries = [whole, *without_end, whole[:-1], whole[1:]]
    for words in dict.fromkeys(tries):
        if words:
            dropped = len(whole) - len(words)
            numbered = list(_numbered(words, dropped))[:2]
            yield [*numbered, Query(words, dropped=dropped)]
            if numbered:
                yield [Query(numbered[0].words, dropped=dropped + 1)]


def _numbered(words: tuple[str, ...], dropped: int) -> Iterator[Query]:
    for position, word in enumerate(words):
        if len(words) > 1 and _HOUSE_NUMBER.fullmatch(word):
            rest = (*words[:position], *words[position + 1 :])
            yield Query(rest, word, position == 0, dropped)
