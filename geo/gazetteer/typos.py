"""Words that are one slip of the finger away from a word that was typed.

A slip is one letter wrong, missing or too much, or two neighbours swapped (Damerau 1964,
Communications of the ACM 7: 171-176). Two words are one slip apart exactly when what they share at
their beginning and at their end leaves no more than that slip between; this is tested for all words
at once.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

_LONGEST = 24
"""Letters of a word that are looked at; longer words are not corrected."""

Codes = npt.NDArray[np.uint32]


class Vocabulary:
    """All words of a gazetteer, most important first."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = [word for word in words if len(word) <= _LONGEST]
        table = np.array(self._words, f"<U{_LONGEST}") if self._words else np.zeros(0, "<U24")
        self._codes: Codes = table.view(np.uint32).reshape(len(self._words), _LONGEST)
        self._lengths = (self._codes != 0).sum(axis=1)

    def near(self, word: str, *, unfinished: bool, limit: int = 40) -> list[str]:
        """Return words one slip away, most important first; without the word itself.

        Parameters
        ----------
        unfinished
            Whether the word is still being typed, so that it may be the beginning of a longer one.
        limit
            The most words to return.
        """
        typed: Codes = np.array([ord(char) for char in word], np.uint32)
        if not 2 <= len(typed) < _LONGEST or word.isdigit():
            return []
        found = np.zeros(len(self._words), bool)
        for length in (len(typed) - 1, len(typed), len(typed) + 1):
            has = self._lengths >= length if unfinished else self._lengths == length
            rows = np.flatnonzero(has & ~found)
            found[rows[_one_slip(self._codes[rows, :length], typed)]] = True
        near = (self._words[row] for row in np.flatnonzero(found))
        return [other for other in near if other != word][:limit]


def _one_slip(words: Codes, typed: Codes) -> npt.NDArray[np.bool_]:
    """Say which words, all of one length, are at most one slip from what was typed; (n,)."""
    shorter = min(words.shape[1], len(typed))
    same_start = words[:, :shorter] == typed[:shorter]
    same_end = words[:, ::-1][:, :shorter] == typed[::-1][:shorter]
    start, end = _run(same_start), _run(same_end)
    if words.shape[1] != len(typed):
        return np.asarray(start + end >= shorter)
    swapped = np.zeros(len(words), bool)
    rows = np.flatnonzero(start + end == shorter - 2)
    at = start[rows]
    swapped[rows] = (words[rows, at] == typed[at + 1]) & (words[rows, at + 1] == typed[at])
    return np.asarray((start + end >= shorter - 1) | swapped)


def _run(same: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Return how many values from the left are true, for each row."""
    run: npt.NDArray[np.int64] = np.cumprod(same, axis=1, dtype=np.int64).sum(axis=1)
    return run
