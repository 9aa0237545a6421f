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

_TOO_SHORT = 3
"""An unfinished word of so few letters is one slip from the beginning of half the words."""

_MOST = 40
"""Readings of a word that are followed up."""

Codes = npt.NDArray[np.uint32]


class Vocabulary:
    """All words of a gazetteer, most used first."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = [word for word in words if len(word) <= _LONGEST]
        table = np.array(self._words, f"<U{_LONGEST}") if self._words else np.zeros(0, "<U24")
        self._codes: Codes = table.view(np.uint32).reshape(len(self._words), _LONGEST)
        self._lengths = (self._codes != 0).sum(axis=1)
        self._first, self._second = self._codes[:, 0].copy(), self._codes[:, 1].copy()

    def near(self, word: str, *, unfinished: bool) -> list[str]:
        """Return what a word may have been meant to be, most used first; without the word itself.

        Parameters
        ----------
        unfinished
            Whether the word is still being typed: the answers are beginnings of words then, unless
            it is too short to tell.
        """
        typed: Codes = np.array([ord(char) for char in word], np.uint32)
        if not 2 <= len(typed) < _LONGEST or any(char.isdigit() for char in word):
            return []  # a slip in a number is another number
        begins = unfinished and len(typed) > _TOO_SHORT
        alike = np.flatnonzero(self._may_be(typed))
        found: dict[str, None] = {}
        for length in (len(typed) - 1, len(typed), len(typed) + 1):
            lengths = self._lengths[alike]
            rows = alike[lengths >= length if begins else lengths == length]
            for row in rows[_one_slip(self._codes[rows, :length], typed)].tolist():
                found[self._words[row][:length]] = None
        near = [other for other in found if other != word]
        if begins:  # what begins with a longer one of two begins with the shorter one too
            near = [one for one in near if one[:-1] not in found and one[:-2] not in found]
        return near[:_MOST]

    def _may_be(self, typed: Codes) -> npt.NDArray[np.bool_]:
        """Say which words share a letter of their first two: one slip leaves no other."""
        first, second = typed[0], typed[1]
        return np.asarray(
            (self._first == first)
            | (self._second == second)
            | (self._first == second)
            | (self._second == first)
        )


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
    run: npt.NDArray[np.int64] = np.where(same.all(axis=1), same.shape[1], same.argmin(axis=1))
    return run
