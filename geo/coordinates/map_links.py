"""Links of maps: where each service puts the position, in ``data/map_links.toml``.

A link is read offline. Its pin goes before the middle of what was on the screen, which may be a
kilometre off; a link that only names a place, or that only its own service can resolve, holds no
position, and saying so is better than a wrong one.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal
from urllib.parse import parse_qsl, unquote, unquote_plus, urlsplit

from geo.coordinates.grid_codes import PlusCode, decode_ge0, decode_geohash, decode_shortlink
from geo.coordinates.notation import parse_degrees
from geo.errors import BadCoordinates
from geo.files import read_table
from geo.model import Point

_SHORTENED = (
    "this is a shortened link, which cannot be resolved offline; open it and copy the full"
    " address or the coordinates."
)
_NO_POSITION = (
    "this link holds no position; open it and copy the coordinates, or enter the address."
)

_ONLY_AN_OBJECT = (
    "this link names an object of OpenStreetMap and holds no position; open it and copy the"
    " coordinates, or enter its name or address."
)

_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)"
_PAIR = re.compile(
    rf"\s*(?:loc:|ll\.|@|point\.|pos\.)?\s*({_NUMBER})\s*[,~_]\s*\+?({_NUMBER})(?![\d.])(.*)",
    re.ASCII | re.DOTALL,
)
_DATA_PIN = re.compile(rf"!3d({_NUMBER})!4d({_NUMBER})", re.ASCII)
_DATA_STOP = re.compile(rf"!2m2!1d({_NUMBER})!2d({_NUMBER})", re.ASCII)
_FRAGMENT = re.compile(rf"(?:.*\bmap=)?([\d.]+)/({_NUMBER})/({_NUMBER})(?![\d.])", re.ASCII)
_HERE = re.compile(
    rf"\blat(?:itude)?[\"=:]+({_NUMBER})[\",;]+lon(?:gitude)?[\"=:]+({_NUMBER})", re.ASCII
)

_OBJECTS = (("node",), ("way",), ("relation",))
"""What the pages of OpenStreetMap's objects begin with."""

_CLOSE_ZOOM = 14.0
"""From this zoom on the middle of the view stands for the place that a link names."""

_CLOSE_HEIGHT_M = 5_000.0  # the same for the views that Google writes by their height in metres

Found = Point | Literal["name"] | None
"""A position, the name of a place, or nothing."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link in its parts, percent-decoded once."""

    scheme: str
    host: str
    path: tuple[str, ...]
    query: dict[str, str]
    fragment: str
    text: str


@dataclass(frozen=True, slots=True)
class View:
    """The middle of a map, and whether it shows no more than a village."""

    point: Point
    is_close: bool


def find_links(text: str) -> list[str]:
    """Return the links in a text; a blank may follow the comma of a pair."""
    return [match[0].rstrip(".,;'\"<>") for match in _link_pattern().finditer(text)]


def parse_link(text: str, *, is_whole_text: bool = True) -> Point | None:
    """Return the position that a link holds, with or without its scheme.

    ``is_whole_text`` says that the text is nothing else; only then a link of no map is an error.

    Raises
    ------
    BadCoordinates
        It holds no position, or only the internet knows it.
    """
    if text[:4].lower() == "geo:":
        return _parse_geo_uri(text)
    link = _parse(text)
    services = [one for one in read_table("map_links")["service"] if _belongs_to(link, one)]
    if _is_shortened(link, services):
        raise BadCoordinates(_SHORTENED)
    point = _point(link, services[0])
    if point is None and services[0]["name"] == "OpenStreetMap" and link.path[:1] in _OBJECTS:
        raise BadCoordinates(_ONLY_AN_OBJECT)
    if point is None and (is_whole_text or services[0]["name"]):
        raise BadCoordinates(_NO_POSITION)
    return point


@cache
def _link_pattern() -> re.Pattern[str]:
    table = read_table("map_links")
    has_name = [one for one in table["service"] if one["name"]]
    schemes = "|".join(
        re.escape(scheme)
        for one in has_name
        for scheme in one.get("schemes", ())
        if scheme != "geo"
    )
    hosts = "|".join((*(host for one in has_name for host in one["hosts"]), *table["shorteners"]))
    hosts = re.sub(r"(?<!\\)\((?!\?)", "(?:", hosts)
    return re.compile(
        rf"(?:https?://|\bgeo:(?=[\d?+-])|\b(?:{schemes})://|\bgoogle\.navigation:|"
        rf"(?<![\w.@/-])(?:{hosts})(?=[/?#]))\S+(?:(?<=,)\s+[+-]?\d\S*)?",
        re.IGNORECASE,
    )


def _parse(text: str) -> Link:
    text = re.sub(r"^google\.navigation:(?://)?", "google.navigation://?", text)
    if not re.match(r"[a-z0-9.]+://", text, re.IGNORECASE):
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        query = dict(parse_qsl(parts.query, keep_blank_values=False, max_num_fields=200))
    except ValueError as error:
        raise BadCoordinates(_NO_POSITION) from error
    fragment = unquote(parts.fragment)
    if "=" in fragment:
        query = {**dict(parse_qsl(parts.fragment)), **query}
    host = parts.netloc.rpartition("@")[2].partition(":")[0]
    path = tuple(unquote_plus(part) for part in parts.path.split("/") if part)
    return Link(parts.scheme.lower(), host, path, query, fragment, unquote(text))


def _belongs_to(link: Link, service: dict[str, Any]) -> bool:
    if link.scheme in service.get("schemes", ()):
        return True
    hosts = service["hosts"] if link.scheme in {"http", "https"} or not service["name"] else ()
    return any(re.fullmatch(host, link.host, re.IGNORECASE) for host in hosts)


def _is_shortened(link: Link, services: list[dict[str, Any]]) -> bool:
    shorteners = read_table("map_links")["shorteners"]
    path = "/" + "/".join(link.path)
    return (
        link.scheme in {"http", "https"}
        and any(re.fullmatch(rf"(www\.)?{host}", link.host, re.IGNORECASE) for host in shorteners)
    ) or any(re.fullmatch(short, path) for one in services for short in one.get("short", ()))


def _point(link: Link, service: dict[str, Any]) -> Point | None:
    """Return the pin of a link, or else the middle of its view where that is near enough."""
    has_name = False
    for found in _pins(link, service):
        if isinstance(found, Point):
            return found
        has_name = has_name or found == "name"
    for view in _views(link, service):
        if view.is_close or not has_name:
            return view.point
    return None


def _pins(link: Link, service: dict[str, Any]) -> Iterator[Found]:
    """Yield what may be the pin, best first, up to a name that hides what comes after it."""
    parse = _SERVICE_PARSERS.get(service["name"])
    if parse:
        yield parse(link)
    for lat, lon in service.get("pairs", ()):
        if lat in link.query and lon in link.query:
            yield parse_degrees(f"{link.query[lat]}, {link.query[lon]}")
    for name in service.get("pins", ()):
        if name in link.query:
            value = link.query[name]
            separator = service.get("stops", {}).get(name)
            if separator:
                value = [stop for stop in value.split(separator) if stop.strip()][-1]
            yield _position(value, lon_first=name in service.get("lon_first", ())) or "name"
            break
    for part in reversed(link.path):
        yield _position(part) if re.match(r"[+-]?\d", part) else None


def _views(link: Link, service: dict[str, Any]) -> Iterator[View]:
    zoom = next((link.query[name] for name in ("z", "zoom", "lvl") if name in link.query), "")
    for name in service.get("views", ()):
        if name in link.query:
            place, _, scale = link.query[name].rpartition(",")  # HERE puts its zoom behind the pair
            value, scale = (place, scale) if "," in place else (link.query[name], zoom)
            point = _position(value, lon_first=name in service.get("lon_first", ()))
            if point:
                yield View(point, _is_close(f"{scale}z"))
    for part in link.path:
        if part.startswith("@") and (point := _position(part)):
            yield View(point, _is_close(part.split(",")[2] if part.count(",") > 1 else ""))
    if match := _FRAGMENT.match(link.fragment):
        yield View(Point(float(match[3]), float(match[2])), _is_close(f"{match[1]}z"))


def _is_close(scale: str) -> bool:
    """Whether ``"15z"``, ``"650m"`` or ``"3a"`` (a photograph) shows no more than a village."""
    match = re.fullmatch(r"(\d+(?:\.\d*)?)([zma])", scale.strip())
    if match is None:
        return False
    value = float(match[1])
    return {"z": value >= _CLOSE_ZOOM, "m": value <= _CLOSE_HEIGHT_M, "a": True}[match[2]]


def _position(value: str, *, lon_first: bool = False) -> Point | None:
    """Return the position in a part of a link; None where it is a name."""
    if match := _PAIR.fullmatch(value):
        first, second, rest = match.groups()
        # Behind a pair may stand its label, zoom or title; "12,5 Main St" is an address.
        if not rest or ("." in first and "." in second):
            lat, lon = (second, first) if lon_first else (first, second)
            return Point(lon=float(lon), lat=float(lat))
    code = PlusCode.parse(value)
    if code and code.is_full:
        return code.point()
    return parse_degrees(re.sub(r"^\s*loc:|\s*\([^()]*\)\s*$", "", value))


def _google(link: Link) -> Found:
    """Read the path of Google Maps: ``place/NAME/@VIEW/data=...``, ``dir/FROM/TO/...``."""
    if link.path[:1] == ("url",) or link.host.lower().startswith("consent."):
        inner = next((link.query[key] for key in ("continue", "q", "url") if key in link.query), "")
        return parse_link(inner)
    kind = next((part for part in link.path if part in {"place", "search", "dir"}), None)
    stops = [
        part
        for part in (link.path[link.path.index(kind) + 1 :] if kind else ())
        if not part.startswith(("@", "data=", "am="))
    ]
    if stops and (point := _position(stops[-1])):
        return point
    found = _DATA_STOP.findall(link.text) if kind == "dir" else _DATA_PIN.findall(link.text)
    if found:
        lat, lon = reversed(found[-1]) if kind == "dir" else found[-1]
        return Point(lon=float(lon), lat=float(lat))
    return "name" if stops or "cid" in link.query or "ftid" in link.query else None


def _openstreetmap(link: Link) -> Found:
    match link.path:
        case ("go", code, *_):
            return decode_shortlink(code)
        case ("node" | "way" | "relation", *_):
            return "name"
    return None


def _waze(link: Link) -> Found:
    """Read the geohash of ``/ul/hCODE`` and ``?h=CODE``."""
    if "h" in link.query:
        return decode_geohash(link.query["h"])
    last = link.path[-1] if len(link.path) == 2 and link.path[0] == "ul" else ""
    return decode_geohash(last[1:]) if last.startswith("h") else None


def _organic_maps(link: Link) -> Found:
    """Read the code of ``omaps.app/CODE/NAME`` and ``om://CODE/NAME``."""
    code = link.path[0] if link.scheme.startswith("http") and link.path else link.host
    return decode_ge0(code)


def _plus_codes(link: Link) -> Found:
    """Read the code of ``plus.codes/CODE``."""
    code = PlusCode.parse(link.text)
    return code.point() if code and code.is_full else None


def _here(link: Link) -> Found:
    """Read ``/p/s-CODE``, whose code is a position in base64, and ``/directions/.../NAME:PAIR``."""
    last = link.path[-1] if link.path else ""
    if link.path[:1] == ("p",) and "-" in last:
        code = last.partition("-")[2]
        try:
            text = base64.urlsafe_b64decode(code + "=" * (-len(code) % 4)).decode()
        except (binascii.Error, ValueError):
            return "name"
        match = _HERE.search(text)
        return Point(lon=float(match[2]), lat=float(match[1])) if match else "name"
    if link.path[:1] == ("directions",) and last:
        return _position(last.rpartition(":")[2]) or "name"
    return None


_SERVICE_PARSERS: dict[str, Callable[[Link], Found]] = {
    "Google Maps": _google,
    "OpenStreetMap": _openstreetmap,
    "Waze": _waze,
    "Organic Maps": _organic_maps,
    "HERE WeGo": _here,
    "Plus codes": _plus_codes,
}


def _parse_geo_uri(text: str) -> Point:
    """Read a ``geo:`` URI (RFC 5870), with the ``q`` that Android understands.

    Raises
    ------
    BadCoordinates
        It holds no position, or one of another reference system than WGS84.
    """
    head, _, query = unquote(text[4:]).partition("?")
    place, *parameters = head.split(";")
    crs = next((one for one in parameters if one.lower().startswith("crs=")), "crs=wgs84")
    if crs.lower() != "crs=wgs84":
        raise BadCoordinates(
            "this link uses a coordinate system other than WGS84; copy the position in degrees."
        )
    query_match = re.search(r"(?:^|&)q=(.*)", query, re.DOTALL)
    if query_match and (point := _position(query_match[1])):
        return point
    match = re.fullmatch(rf"({_NUMBER}),({_NUMBER})(?:,{_NUMBER})?[.,;]?", place.strip(), re.ASCII)
    if match is None or (query_match and float(match[1]) == float(match[2]) == 0):
        raise BadCoordinates(_NO_POSITION)  # "geo:0,0?q=Main Street" only names a place
    return Point(lon=float(match[2]), lat=float(match[1]))
