"""Answers of an Overpass server as an extract: one more way in for what OpenStreetMap knows.

Answers of several boxes hold what lies on their edges twice, in any order. Each is written as it
comes into a file of OpenStreetMap's own format; pyosmium then sorts them together and keeps the
newest version of each object, in C++. The result is read as any extract is, with multipolygons.

What a query should ask for is ``[out:json]; (...); (._;>;); out meta;``. Answers by ``out geom``
and ``out center`` are taken too: nodes are made of what they say of a way's course. A way of which
only the middle is known has that one point, which is enough for a place.

See https://wiki.openstreetmap.org/wiki/OSM_JSON and
https://wiki.openstreetmap.org/wiki/Overpass_API/Overpass_QL.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import osmium
from osmium.osm import mutable

from geo.errors import UnreadableExtract
from geo.region.scan import gave_up, not_whole
from geo.region.sealed import read_moment

ANSWER = ".json"
"""How the name of an answer ends."""

_INVENTED = 1 << 62
"""Nodes that stand for the middle of a way are numbered from here, far above any real one."""

_FIRST_YEAR = 2004
"""When OpenStreetMap began."""

_MALFORMED = (ValueError, KeyError, TypeError, AttributeError, RuntimeError, OverflowError)
_Element = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What an Overpass server answered: elements, and when OpenStreetMap looked so, if it says."""

    elements: list[dict[str, Any]]
    timestamp: datetime | None


def read_answer(path: Path) -> Answer:
    """Read one answer.

    Raises
    ------
    UnreadableExtract
        It is no answer of an Overpass server, is cut off, or says that it is not whole.
    """
    try:
        values = json.loads(path.read_bytes())
        elements, remark = values["elements"], values.get("remark")
        stamp = values.get("osm3s", {}).get("timestamp_osm_base")
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UnreadableExtract(
            f"{path} is no answer of an Overpass server in JSON, or is cut off; ask again."
        ) from error
    if gave_up(str(remark)):
        raise not_whole(path, str(remark))
    if not (isinstance(elements, list) and all(isinstance(one, dict) for one in elements)):
        raise UnreadableExtract(f"{path} has no list of elements; ask again.")
    if any(one.get("visible") is False for one in elements):
        raise UnreadableExtract(
            f"{path} contains history, with deleted objects; ask for the map at one point in time."
        )
    return Answer(elements, _base(stamp))


def write_answers(answers: Sequence[Path], target: Path) -> list[datetime | None]:
    """Write answers into one extract, each object once and in order.

    Parameters
    ----------
    answers
        Files in JSON; each is read alone, so that only the largest must fit into memory.
    target
        The extract to write, ``.osm.pbf``; files beside it are used for a while.

    Returns
    -------
    list[datetime | None]
        For each answer, when OpenStreetMap looked like it; None where it does not say.

    Raises
    ------
    UnreadableExtract
        An answer is none, is not whole, or has elements that cannot be.
    """
    merged = osmium.MergeInputReader()
    moments: list[datetime | None] = []
    raw = target.with_name(f"raw-{target.name}")
    for path in answers:
        answer = read_answer(path)
        moments.append(answer.timestamp)
        _write_raw(answer.elements, raw, path)
        merged.add_file(str(raw))
        raw.unlink()
    header = osmium.io.Header()
    known = [moment for moment in moments if moment]
    if known and len(known) == len(moments):
        header.set("osmosis_replication_timestamp", f"{min(known):%Y-%m-%dT%H:%M:%SZ}")
    with osmium.SimpleWriter(target, header=header, overwrite=True) as writer:
        merged.apply(writer, simplify=True)
    return moments


def _write_raw(elements: Sequence[_Element], raw: Path, path: Path) -> None:
    nodes = {one.get("id") for one in elements if one.get("type") == "node"}
    with osmium.SimpleWriter(raw, overwrite=True) as writer:
        for number, element in enumerate(elements):
            try:
                for thing in _things(element, nodes):
                    writer.add(thing)
            except _MALFORMED as error:
                raise UnreadableExtract(
                    f"element {number + 1} of {path} is none of OpenStreetMap; ask again."
                ) from error


def _things(element: _Element, nodes: set[Any]) -> Iterator[Any]:
    """Yield an element as pyosmium writes it, after the nodes that are made for it."""
    kind = element["type"]
    if kind not in {"node", "way", "relation"}:
        return  # counts and areas are no objects of the map
    about = _about(element)
    if kind == "node":
        yield mutable.Node(location=_position(element), **about)
    elif kind == "way":
        refs, made = _course(element, nodes)
        yield from made
        yield mutable.Way(nodes=refs, **about)
    else:
        members = [
            (one["type"][0], _number(one["ref"]), str(one.get("role", "")))
            for one in element.get("members", ())
        ]
        yield mutable.Relation(members=members, **about)


def _course(way: _Element, nodes: set[Any]) -> tuple[list[int], list[Any]]:
    """Return the numbers of a way's nodes, and nodes made for those that do not come themselves."""
    refs = [_number(ref) for ref in way.get("nodes", ())]
    drawn = way.get("geometry", ())
    if refs:
        made = [
            mutable.Node(id=ref, location=_position(point))
            for ref, point in zip(refs, drawn, strict=False)
            if point is not None and ref not in nodes
        ]
        return refs, made
    if "center" not in way:
        return [], []
    middle = _INVENTED + _number(way["id"])
    return [middle], [mutable.Node(id=middle, location=_position(way["center"]))]


def _about(element: _Element) -> dict[str, Any]:
    """Return what every object has; one without a version counts as newer than what we make."""
    tags = element.get("tags", {})
    if not all(isinstance(value, str) for value in tags.values()):
        raise TypeError("tags are texts")
    about = {"id": _number(element["id"]), "tags": tags, "version": element.get("version") or 1}
    moment = _moment(element.get("timestamp"))
    return about | ({"timestamp": moment} if moment else {})


def _number(value: Any) -> int:
    if type(value) is not int or not 0 < value < _INVENTED:
        raise ValueError("no number of an object")
    return value


def _position(value: _Element) -> tuple[float, float]:
    lon, lat = value["lon"], value["lat"]
    if not (abs(float(lon)) <= 180 and abs(float(lat)) <= 90):
        raise ValueError("no position")
    return float(lon), float(lat)


def _base(text: Any) -> datetime | None:
    """Return of when a server's map is; one that was never told so says 1970."""
    moment = _moment(text)
    return moment if moment is not None and moment.year >= _FIRST_YEAR else None


def _moment(text: Any) -> datetime | None:
    try:
        return read_moment(text)
    except (TypeError, ValueError):
        return None
