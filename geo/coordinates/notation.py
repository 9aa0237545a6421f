"""Degrees as people write them: decimal, with minutes, with seconds; letters before or behind.

`geopy.point.Point.from_string` takes the last two numbers of any text for a position and reads
"44 00 06.84 N 71 59 50.64 W" as 59, -50.64; here a text is a position as a whole, or it is none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal

from geo.errors import BadCoordinates
from geo.model import Point

Axis = Literal["lat", "lon"]
Kind = Literal["number", "sign", "unit", "axis", "separator"]

_CHARACTERS = str.maketrans(
    {
        **dict.fromkeys("\u2212\u2010\u2011\u2012\u2013\u2014\uff0d", "-"),
        **dict.fromkeys("\u2018\u2019\u2032\u02b9\u02bc\u00b4`", "'"),
        **dict.fromkeys("\u201c\u201d\u2033\u02ba\u02dd\u3003", '"'),
        **dict.fromkeys("\u00ba\u02da\u1d52*", "\u00b0"),
        **dict.fromkeys("\u200b\u200e\u200f\u202a\u202c\ufeff", ""),
        **dict.fromkeys("()[]{}\u00a0\u202f\u2009", " "),
    }
)
"""What maps, phones and word processors write for a minus, minutes, seconds, degrees, a blank."""

_TOO_LARGE = "minutes and seconds of a position are below 60; check the numbers."

_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)"
_HEADING = re.compile(
    r"^\W*(?:(?:my|your|current|gps) )*(?:gps|location|position|coordinates?|coords?|koordinaten|"
    r"coordonn\u00e9es|coordenadas|wgs ?84)\b\s*[:=]?\s*",
    re.IGNORECASE,
)
_QUOTED_KEY = re.compile(r"""(["'])([a-z]+)\1(?=\s*:)""", re.IGNORECASE)  # a key of JSON
_ALTITUDE = re.compile(r"[,;\s]\s*[+-]?\d+(?:\.\d+)?\s*(?:m|ft|km|metres|meters|feet)$")
_DECIMAL_COMMA = re.compile(r"(?<=\d),(?=\d)")
_NOT_FINITE = re.compile(
    r"[+-]?(?:nan|inf|infinity|[\d.]+(?:e[+-]?\d+)?)\s*[,;\s]\s*[+-]?(?:nan|inf|infinity|[\d.]+(?:e[+-]?\d+)?)",
    re.ASCII | re.IGNORECASE,
)
_LETTERED = re.compile(
    r"(\d+)\s*d\s*(\d+(?:[.,]\d+)?)\s*m(?:\s*(\d+(?:[.,]\d+)?)\s*s)?(?![a-z])", re.IGNORECASE
)
_WKT = re.compile(
    rf"(?:SRID=4326;\s*)?POINT\s*Z?M?\s*\(\s*({_NUMBER})\s+({_NUMBER})(?:\s+{_NUMBER})*\s*\)",
    re.ASCII | re.IGNORECASE,
)
_GEOJSON = re.compile(
    rf"""["']coordinates["']\s*:\s*\[\s*({_NUMBER})\s*,\s*({_NUMBER})(?:\s*,\s*{_NUMBER})?\s*\]""",
    re.ASCII,
)
_ISO_6709 = re.compile(r"([+-]\d{2,6}(?:\.\d+)?)([+-]\d{3,7}(?:\.\d+)?)(?:[+-]\d+(?:\.\d+)?)?/?")
_PILOT_FORMATS = (
    re.compile(
        r"(\d{4}(?:\d{2})?(?:\.\d+)?) ?([NS])[ ,;/]*(\d{5}(?:\d{2})?(?:\.\d+)?) ?([EW])",
        re.IGNORECASE,
    ),
    re.compile(
        r"([NS]) ?(\d{4}(?:\d{2})?(?:\.\d+)?)[ ,;/]*([EW]) ?(\d{5}(?:\d{2})?(?:\.\d+)?)",
        re.IGNORECASE,
    ),
)
"""Degrees, minutes and perhaps seconds in a row, as pilots write them: 423022N 0013126E."""

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>(?<![\d.])(?:\d+(?:\.\d*)?|\.\d+)(?![\d.]))
    | (?P<colon>[:=](?=\s*[\d+-]))
    | (?P<dash>(?<=\d)-(?=\d))
    | (?P<sign>[+-])
    | (?P<degree>\u00b0|deg(?:rees?)?\b)
    | (?P<second>''|"|sec(?:onds?)?\b)
    | (?P<minute>'|min(?:utes?)?\b)
    | (?P<separator>[,;/|]|and\b|&)
    | (?P<word>[a-z\u00c0-\u024f]+)[:=.]?
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_AXES: dict[str, tuple[Axis, int]] = {
    **dict.fromkeys(("n", "north", "nord", "norte"), ("lat", 1)),
    **dict.fromkeys(("s", "south", "sud", "s\u00fcd", "sur"), ("lat", -1)),
    **dict.fromkeys(("e", "east", "ost", "est", "este"), ("lon", 1)),
    **dict.fromkeys(("w", "west", "ouest", "oeste", "ovest"), ("lon", -1)),
    **dict.fromkeys(("lat", "latitude", "latitud", "breite"), ("lat", 0)),
    **dict.fromkeys(("lon", "lng", "long", "longitude", "longitud", "l\u00e4nge"), ("lon", 0)),
}
"""The axis and sign that a word gives its number; 0 for no sign."""

_AMBIGUOUS = "o"  # east in German, west in French, Italian and Spanish


@dataclass(frozen=True, slots=True)
class NotationPart:
    """A part of a notation: a number, or what qualifies one."""

    kind: Kind
    text: str = ""
    value: float = 0.0
    axis: Axis | None = None


@dataclass(frozen=True, slots=True)
class Angle:
    """An angle of a position; the axis is None where nothing says which of the two it is."""

    degrees: float
    axis: Axis | None


def parse_degrees(text: str) -> Point | None:
    """Return a position in degrees; None for a name, an address or the like.

    The latitude goes first where nothing says otherwise.

    Raises
    ------
    BadCoordinates
        It is written like a position and is none.

    Examples
    --------
    >>> parse_degrees("N 44 00.6 W 071 30")
    Point(lon=-71.5, lat=44.01)
    """
    if match := _WKT.search(text) or _GEOJSON.search(text):
        return Point(lon=float(match[1]), lat=float(match[2]))
    normal = " ".join(text.translate(_CHARACTERS).split())
    if _NOT_FINITE.fullmatch(normal) and any(sign.isalpha() for sign in normal):
        raise BadCoordinates(f"{normal!r} is no position on Earth; write it like 52.67,-0.73.")
    if match := _ISO_6709.fullmatch(normal):
        lat, lon = match.groups()
        if "." in normal or len(lat) > 3:
            return Point(lon=_compact(lon, 3), lat=_compact(lat, 2))
    if found := _parse_pilot_format(normal):
        return found
    normal = _LETTERED.sub(_letters_to_marks, normal)
    normal = _ALTITUDE.sub("", _HEADING.sub("", _QUOTED_KEY.sub(r"\2", normal), count=1))
    return _parse(normal) or _parse(_commas_to_points(normal))


def _parse_pilot_format(text: str) -> Point | None:
    """Read degrees whose digits stand in a row, with letters for their sides."""
    trailing, leading = (pattern.fullmatch(text) for pattern in _PILOT_FORMATS)
    if trailing:
        lat, north, lon, east = trailing.groups()
    elif leading:
        north, lat, east, lon = leading.groups()
    else:
        return None
    if len(lat.partition(".")[0]) + 1 != len(lon.partition(".")[0]):
        return None
    signs = ("-" if north in "sS" else "+"), ("-" if east in "wW" else "+")
    return Point(lon=_compact(signs[1] + lon, 3), lat=_compact(signs[0] + lat, 2))


def _letters_to_marks(match: re.Match[str]) -> str:
    """Return the letters of ``44d00m06s`` as signs."""
    degrees, minutes, seconds = match.groups()
    return f"{degrees}\u00b0{minutes}'" + (f'{seconds}"' if seconds else "")


def _commas_to_points(text: str) -> str:
    """Return a text with points for decimal commas; empty where it has none for sure."""
    commas = list(_DECIMAL_COMMA.finditer(text))
    if "." in text or not commas:
        return ""
    if re.fullmatch(r"[+-]?\d+,\d{3,},[+-]?\d+,\d{3,}", text):
        first, second, third, fourth = text.split(",")
        return f"{first}.{second},{third}.{fourth}"
    return _DECIMAL_COMMA.sub(".", text)


def _compact(digits: str, width: int) -> float:
    """Return the degrees of ISO 6709's ``+DDMMSS.S``; `BadCoordinates` for minutes above 60."""
    whole, point, fraction = digits[1:].partition(".")
    parts = [whole[:width], *(whole[at : at + 2] for at in range(width, len(whole), 2))]
    parts[-1] += point + fraction
    if any(float(part) > 60 for part in parts[1:]):  # 60 is rounded
        raise BadCoordinates(_TOO_LARGE)
    value = sum(float(part) / 60.0**power for power, part in enumerate(parts))
    return -value if digits[0] == "-" else value


def _parse(text: str) -> Point | None:
    tokens = _tokens(text)
    if tokens is None:
        return None
    order: Axis | None = None
    start = next((i for i, token in enumerate(tokens) if token.kind in {"number", "sign"}), 0)
    if sum(token.kind == "axis" for token in tokens[:start]) == 2:  # "Lat, Lon: 44.0, -71.9"
        order = next(token.axis for token in tokens if token.kind == "axis")
        tokens = tokens[start:]
    halves = _halves(tokens)
    if halves is None or _is_no_position(tokens, halves):
        return None
    first, second = (_angle(half) for half in halves)
    if first is None or second is None:
        return None
    axes = _axes(first.axis or order, second.axis)
    if axes is None:
        return None
    if any(token.text == _AMBIGUOUS for token in tokens):
        raise BadCoordinates(
            "an O may mean east or west; write E or W, or the position like 52.67,-0.73."
        )
    lat, lon = (first, second) if axes == "lat" else (second, first)
    return Point(lon=lon.degrees, lat=lat.degrees)


def _tokens(text: str) -> list[NotationPart] | None:
    """Return the parts of a text; None where any of it belongs to no position."""
    found: list[NotationPart] = []
    at = 0
    text = text.strip().rstrip(".,;")
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.end() == at:
            return None
        token = _token(match)
        if token is None:
            return None
        at = match.end()
        previous = found[-1] if found else None
        if (
            token.kind == "axis"
            and previous
            and previous.kind == "axis"
            and previous.axis == token.axis
        ):
            found.pop()  # "north latitude"
            token = NotationPart("axis", previous.text, previous.value or token.value, token.axis)
        found.append(token)
    return found if 2 <= sum(token.kind == "number" for token in found) <= 6 else None


def _token(match: re.Match[str]) -> NotationPart | None:
    kind, text = match.lastgroup, match[match.lastgroup or 0].casefold()
    if kind == "number":
        return NotationPart("number", text, float(text))
    if kind == "word":
        axis, sign = ("lon", 0) if text == _AMBIGUOUS else _AXES.get(text, (None, 0))
        return NotationPart("axis", text, sign, axis) if axis else None  # type: ignore[arg-type]
    if kind in {"degree", "minute", "second", "colon", "dash"}:
        return NotationPart("unit", kind)
    return NotationPart("sign" if kind == "sign" else "separator", text)


def _halves(
    tokens: Sequence[NotationPart],
) -> tuple[Sequence[NotationPart], Sequence[NotationPart]] | None:
    """Return the tokens of each of two angles."""
    separators = [i for i, token in enumerate(tokens) if token.kind == "separator"]
    numbers = [i for i, token in enumerate(tokens) if token.kind == "number"]
    axes = [i for i, token in enumerate(tokens) if token.kind == "axis"]
    if len(separators) > 1:
        return None
    if separators:
        return tokens[: separators[0]], tokens[separators[0] + 1 :]
    middle = len(axes) // 2
    if axes and len(axes) % 2 == 0 and axes[0] < numbers[0] and axes[middle] < numbers[-1]:
        split_at = axes[middle]
    elif axes and len(axes) % 2 == 0 and axes[-1] > numbers[-1] and axes[0] > numbers[0]:
        split_at = axes[middle - 1] + 1
    else:
        split_at = _split_of_numbers(tokens, numbers)
    return tokens[:split_at], tokens[split_at:]


def _split_of_numbers(tokens: Sequence[NotationPart], numbers: Sequence[int]) -> int:
    """Return where the second angle begins when no letter and no separator says so."""
    for at in numbers[1:]:
        if at + 1 < len(tokens) and tokens[at + 1].text == "degree":
            return at - (tokens[at - 1].kind == "sign")
    signs = [i for i, token in enumerate(tokens) if token.kind == "sign" and i > numbers[0]]
    if signs:
        return signs[0]
    return numbers[len(numbers) // 2] if len(numbers) % 2 == 0 else 0


def _angle(tokens: Sequence[NotationPart]) -> Angle | None:
    """Read ``[axis] [sign] degrees [minutes [seconds]] [axis]``; None for anything else."""
    axes = [token for token in tokens if token.kind == "axis"]
    core = [token for token in tokens if token.kind != "axis"]
    ends = {id(tokens[0]), id(tokens[-1])}
    if len({token.axis for token in axes}) > 1 or any(id(token) not in ends for token in axes):
        return None
    negative = bool(core) and core[0].kind == "sign" and core[0].text == "-"
    if core and core[0].kind in {"sign", "unit"}:  # a unit: the colon behind "lat"
        core = core[1:]
    if core and core[0].kind == "sign" and not negative:
        negative, core = core[0].text == "-", core[1:]
    parts = _parts(core)
    if parts is None:
        return None
    degrees = sum(value / 60**power for power, value in parts.items())
    is_marked = any(token.kind == "unit" for token in core) or axes
    is_too_large = any(value > 60 for power, value in parts.items() if power)  # 60 is rounded
    if is_marked and is_too_large:
        raise BadCoordinates(_TOO_LARGE)
    if is_too_large:
        return None
    if negative or any(token.value < 0 for token in axes):
        degrees = -degrees
    return Angle(degrees, axes[0].axis if axes else None)


def _parts(tokens: Sequence[NotationPart]) -> dict[int, float] | None:
    """Return degrees, minutes and seconds by their power of 60; None for anything else."""
    parts: dict[int, float] = {}
    powers = {"degree": 0, "minute": 1, "second": 2}
    for token, following in zip_longest(tokens, tokens[1:]):
        if token.kind == "number":
            if any(value != int(value) for value in parts.values()):
                return None  # only the last part has decimals
            power = powers.get(following.text if following else "", len(parts))
            if power in parts or power > 2 or (parts and power < max(parts)):
                return None
            parts[power] = token.value
        elif token.kind != "unit" or not parts:
            return None
    return parts if 0 in parts else None


def _axes(first: Axis | None, second: Axis | None) -> Axis | None:
    """Return which axis the first angle is; None where both are the same."""
    if first is None and second is None:
        return "lat"
    if first == second:
        return None
    return first or ("lat" if second == "lon" else "lon")


def _is_no_position(
    tokens: Sequence[NotationPart], halves: tuple[Sequence[NotationPart], Sequence[NotationPart]]
) -> bool:
    """Whether these numbers are rather a postcode, a house number or a street of a grid.

    "114 55" is a postcode of Sweden, and "350 S 200 E" an address of Utah.
    """
    numbers = [token for token in tokens if token.kind == "number"]
    units = {token.text for token in tokens if token.kind == "unit"}
    letters = any(token.kind == "axis" for token in tokens)
    has_decimals = any("." in token.text for token in numbers)
    if units & {"degree", "minute", "second"}:
        return False
    if "dash" in units and not letters:
        return True  # "9.00-17.00"
    first, second = (sum(token.kind == "number" for token in half) for half in halves)
    if first != second and not letters:
        return True
    return not has_decimals and _are_house_numbers(tokens, [token.value for token in numbers])


def _are_house_numbers(tokens: Sequence[NotationPart], values: Sequence[float]) -> bool:
    """Whether whole numbers without a mark of degrees are those of houses, streets or hours."""
    if any(value >= 1000 for value in values) or any(token.text == _AMBIGUOUS for token in tokens):
        return True
    if any(token.kind == "axis" for token in tokens):
        is_grid_street = len(values) == 2 and any(value and value % 50 == 0 for value in values)
        return is_grid_street or any(value > 180 for value in values)
    is_separated = any(token.text in {",", ";", "|"} or token.kind == "sign" for token in tokens)
    return not is_separated or len(values) == 4
