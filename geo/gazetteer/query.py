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

_LONGEST_TEXT = 200
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
    dropped
        How many words of the text were given up.
    """

    words: tuple[str, ...]
    house: str | None = None
    dropped: int = 0

    def expression(self, near: Callable[[str, bool], list[str]] | None = None) -> str:
        """Return the query in the language of SQLite's FTS5.

        Every word must occur, at least one of them in the name itself, the others in the name or
        in what makes it precise (settlement, postcode).

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
        every = " AND ".join(groups)
        if len(groups) == 1:
            return f"{{words}} : {every}"
        return f"({{words}} : ({' OR '.join(groups)})) AND ({{words context}} : ({every}))"

    def beginning(self) -> str:
        """Return the query for names that begin with these words."""
        return f'{{words}} : ^ "{" ".join(self.words)}" *'


@cache
def abbreviations() -> dict[str, list[str]]:
    """Return what each abbreviation may stand for."""
    table: dict[str, list[str]] = read_table("kinds")["abbreviations"]
    return table


def clean(text: str) -> str:
    """Return the text cut to a length that a name can have, without control characters."""
    return "".join(char if char.isprintable() else " " for char in text[:_LONGEST_TEXT]).strip()


def read_queries(text: str) -> Iterator[list[Query]]:
    """Yield what to look for: first all of the text, then with less and less of its end.

    Each list holds the readings with a house number first, then the one without. Parts between
    commas are given up from the last: an address often ends in a county and a country.
    """
    parts = [words for words in (fold(part).split() for part in text.split(",")) if words]
    whole = [word for part in parts for word in part][:_MOST_WORDS]
    if not whole:
        return
    yield _readings(whole, 0)
    seen = {tuple(whole)}
    shorter = [
        [word for part in parts[:end] for word in part] for end in range(len(parts) - 1, 0, -1)
    ]
    if len(whole) > 1:
        shorter += [whole[:-1], whole[1:]]
    for words in shorter:
        kept = words[:_MOST_WORDS]
        if tuple(kept) not in seen:
            seen.add(tuple(kept))
            yield _readings(kept, len(whole) - len(kept))


def _readings(words: list[str], dropped: int) -> list[Query]:
    readings = []
    for position, word in enumerate(words):
        if len(words) > 1 and _HOUSE_NUMBER.fullmatch(word):
            rest = (*words[:position], *words[position + 1 :])
            readings.append(Query(rest, word, dropped))
    return [*readings[:2], Query(tuple(words), None, dropped)]
