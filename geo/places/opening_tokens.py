"""Opening hours as tokens: the words that people write, brought to those of the specification.

https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification has the words; the ones that
people use instead, in several languages, are rows of ``data/opening_words.toml``. What is in
quotes is a comment and stays as it is.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Literal

from geo.files import read_table

Kind = Literal[
    "day", "month", "holiday", "week", "easter", "shift", "always", "state", "comment",
    "sun", "time", "number", "year", "symbol",
]  # fmt: skip

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_MONTHS = (
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
)  # fmt: skip
_KINDS: dict[str, Kind] = {
    **dict.fromkeys(DAYS, "day"),
    **dict.fromkeys(_MONTHS, "month"),
    **dict.fromkeys(("PH", "SH"), "holiday"),
    **dict.fromkeys(("open", "off", "unknown"), "state"),
    **dict.fromkeys(("dawn", "sunrise", "sunset", "dusk"), "sun"),
    "week": "week",
    "easter": "easter",
    "day": "shift",
    "24/7": "always",
}
_COMMENT = re.compile(r'("[^"]*")')
_DASHES = re.compile(r"[‐‑‒–—―−~～→]")
_HALVES = re.compile(r"(?<![^\W\d_])([ap])\.\s?m\.?(?![^\W_])", re.IGNORECASE)
_TO_SATURDAY = re.compile(r"[a-z]\s*-\s*sa", re.IGNORECASE)
_WEEKEND_WORDS = frozenset({"sa", "sab", "sáb"})
"""With no day but these beside it, "Do" is Sunday as likely as Thursday: "Sa-Do", "Sa,Di"."""

_QUOTES = re.compile(r"[„“”«»‚‘’「」『』']")
_TOKEN = re.compile(
    r"""\s*(?:
      (?P<time>(?P<hour>\d{1,2})(?:[:.h](?P<minute>\d{2})(?!\d)(?:\s*h(?![^\W_]))?
        |\s*(?P<h>h)(?![^\W_])|(?=\s*[ap]\.?m\b))(?:\s*(?P<half>[ap])\.?m\b\.?)?)
    | (?P<comment>"[^"]*")
    | (?P<word>24/7|[A-Za-z]+)
    | (?P<year>(?:19|20|21)\d\d)(?!\d)
    | (?P<number>\d{1,3})(?:st|nd|rd|th)?(?![^\W_])
    | (?P<symbol>\|\||[-;,:+/()\[\]])
    )""",
    re.VERBOSE | re.IGNORECASE,
)


class UnreadableHours(ValueError):
    """Opening hours whose meaning is not certain; the state they give is unknown."""


@dataclass(frozen=True, slots=True)
class HoursToken:
    """One word, number, time or symbol.

    Attributes
    ----------
    text
        As the specification writes it.
    minutes
        Of a time: since midnight; of a number: the same if it were an hour.
    half
        "a" or "p" of a time with a.m. or p.m.
    is_24h
        Whether a time is surely written by the clock of 24 hours, as "09:00" and "14:30" are.
    """

    kind: Kind
    text: str
    minutes: int = 0
    half: str = ""
    is_24h: bool = False


class Cursor:
    """Tokens, read once from left to right."""

    def __init__(self, tokens: list[HoursToken]) -> None:
        self.tokens = tokens
        self._at = 0

    @property
    def is_at_end(self) -> bool:
        """Whether all are read."""
        return self._at == len(self.tokens)

    def peek(self, ahead: int = 0) -> HoursToken | None:
        """Return a token that comes, the next one first; None behind the last."""
        at = self._at + ahead
        return self.tokens[at] if 0 <= at < len(self.tokens) else None

    def kind(self, ahead: int = 0) -> Kind | None:
        """Return the kind of a token that comes."""
        token = self.peek(ahead)
        return None if token is None else token.kind

    def symbol(self, ahead: int = 0) -> str:
        """Return a symbol that comes; empty where something else does."""
        token = self.peek(ahead)
        return token.text if token is not None and token.kind == "symbol" else ""

    def next(self, *kinds: Kind) -> HoursToken:
        """Take a token.

        Raises
        ------
        UnreadableHours
            There is none, or it is of none of the kinds that are named.
        """
        token = self.peek()
        if token is None or (kinds and token.kind not in kinds):
            raise UnreadableHours("an end" if token is None else token.text)
        self._at += 1
        return token

    def take(self, symbol: str) -> bool:
        """Take a symbol if it comes next."""
        if self.symbol() != symbol:
            return False
        self._at += 1
        return True

    def expect(self, symbol: str) -> None:
        """Take a symbol.

        Raises
        ------
        UnreadableHours
            It does not come next.
        """
        if not self.take(symbol):
            raise UnreadableHours(f"{symbol} is expected")


def tokenize(text: str) -> list[HoursToken]:
    """Return the tokens of opening hours.

    Raises
    ------
    UnreadableHours
        There is something that no word or number of the specification stands for.
    """
    text = _DASHES.sub("-", unicodedata.normalize("NFKC", _DASHES.sub("-", text)))
    if '"' not in text or text.count('"') % 2:
        text = _QUOTES.sub('"', text)
    tokens: list[HoursToken] = []
    for part in _COMMENT.split(text):
        if part.startswith('"') and part.endswith('"') and len(part) > 1:
            tokens.append(HoursToken("comment", part))
        else:
            tokens += _tokens(_standard_words(part))
    return tokens


def _tokens(text: str) -> list[HoursToken]:
    tokens = []
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            raise UnreadableHours(text[at : at + 20])
        tokens.append(_token(match))
        at = match.end()
    return tokens


def _token(match: re.Match[str]) -> HoursToken:
    if match["time"]:
        minutes = int(match["hour"]) * 60 + int(match["minute"] or 0)
        sure = match["hour"].startswith("0") or minutes >= 13 * 60 or match["h"] is not None
        if int(match["minute"] or 0) > 59:
            raise UnreadableHours(match["time"])
        return HoursToken("time", match["time"], minutes, (match["half"] or "").casefold(), sure)
    if comment := match["comment"]:
        return HoursToken("comment", comment)
    if word := match["word"]:
        kind = _KINDS.get(word)
        if kind is None:
            raise UnreadableHours(word)
        return HoursToken(kind, word)
    if number := match["number"]:
        sure = number.startswith("0") or int(number) >= 13
        return HoursToken("number", str(int(number)), int(number) * 60, is_24h=sure)
    if year := match["year"]:
        return HoursToken("year", year)
    return HoursToken("symbol", match["symbol"])


def _standard_words(text: str) -> str:
    """Return a text with every known word as the specification writes it."""
    text = _HALVES.sub(r"\1m", text)
    words, pattern, ambiguous, others = _words()
    found = {match["word"].casefold() for match in pattern.finditer(text)}
    if found & ambiguous and found & others:
        raise UnreadableHours("days of two languages")
    days = found & ambiguous - {"mar"}
    if len(days) == 1 and found <= {*days, *_WEEKEND_WORDS} and not _TO_SATURDAY.search(text):
        raise UnreadableHours("a day that two languages read differently")
    return pattern.sub(lambda match: f" {words[match['word'].casefold()]} ", text)


@cache
def _words() -> tuple[dict[str, str], re.Pattern[str], frozenset[str], frozenset[str]]:
    """Return the words, a pattern of them, those of two meanings, and those that cast doubt."""
    table = read_table("opening_words")
    ambiguous = {key: row for key, row in table["ambiguous"].items() if key != "other"}
    groups = (table["days"], table["months"], table["others"], ambiguous)
    words = {word: key for group in groups for key, row in group.items() for word in row}
    choices = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    # A word begins where no letter stands before it, and ends where none follows; "24/7" is no
    # word within "week 1-24/7".
    begin = r"(?<![^\W\d_])(?:(?!\d)|(?<![\d-]))"
    pattern = re.compile(rf"{begin}(?P<word>{choices})(?![^\W\d_])\.?", re.IGNORECASE)
    return (
        words,
        pattern,
        frozenset(word for row in ambiguous.values() for word in row),
        frozenset(table["ambiguous"]["other"]),
    )
