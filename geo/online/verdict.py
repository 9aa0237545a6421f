"""What an answer of an Overpass server is worth: whole, too much, busy, or something else.

It is judged by its content. A server that ran out of time or memory says so in a ``remark`` of a
well-formed answer, and a busy one sends a page for people, both perhaps with the status 200. One
whose database holds no metadata cannot answer ``out meta`` and names the file that it misses.

Whole answers are taken without the names and numbers of the mappers who edited what is in them:
nobody here needs to know, and so they are on no disk. See
https://dev.overpass-api.de/overpass-doc/en/preface/commons.html and
https://wiki.openstreetmap.org/wiki/Overpass_API/Overpass_QL#out.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from geo.errors import BadAnswer, ServiceBusy
from geo.model import BBox
from geo.online.exchange import Answer, Question
from geo.online.hosts import host_of
from geo.online.session import Client

_LOG = logging.getLogger(__name__)
_FAILED = ("error", "timed out", "timeout", "out of memory")
_NO_META = re.compile(r"No such file[^<]*(?:user_data|user_indices|_meta)\b")
_MADE_BY_OVERPASS = "OSM3S"
_NOT_HERE = frozenset({404, 405, 410, 501})
_MAPPERS = ("user", "uid", "changeset")
_FIRST_YEAR = 2004
"""When OpenStreetMap began; a server whose database was never told its time says 1970."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What a whole answer holds.

    Attributes
    ----------
    osm_timestamp
        When OpenStreetMap looked like it.
    elements
        How many elements there are.
    nodes, nodes_near
        How many nodes there are, and how many of them lie in the boxes that were asked about or
        within a box's width of one: what crosses a box may have no node in it.
    """

    osm_timestamp: datetime
    elements: int
    nodes: int
    nodes_near: int


class TooMuch(BadAnswer):
    """The server ran out of time or memory, so that what it sent is not all."""


class NoMetadata(BadAnswer):
    """The server knows no versions and dates of what is on its map."""


def whole(client: Client, question: Question, answer: Answer) -> Answer:
    """Return a whole answer, without those who mapped what is in it.

    Parameters
    ----------
    client
        Who asked.
    question
        What was asked.
    answer
        What was answered.

    Raises
    ------
    TooMuch
        The server ran out of time or memory.
    NoMetadata
        It can be asked without metadata only.
    ServiceBusy
        It has no time for us now.
    Interrupted
        The answer is cut off.
    BadAnswer
        It is something else.
    """
    host = host_of(question.url)
    if answer.is_html and _NO_META.search(answer.text):
        raise _no_metadata(host)
    if answer.status == 400:
        _LOG.error("%s did not understand: %s", host, dict(question.form or {}))
        raise BadAnswer(f"{host} did not understand the question, which is our mistake; report it.")
    if answer.status in _NOT_HERE:
        raise _no_overpass(host)
    client.raise_for_status(answer)
    if answer.is_html and _MADE_BY_OVERPASS in answer.text:
        raise ServiceBusy(f"{host} is out of order or busy; try again later.")
    values = answer.json()
    if not isinstance(values, dict) or not isinstance(values.get("elements"), list):
        raise _no_overpass(host)
    _check_remark(host, str(values.get("remark") or ""))
    if _osm_timestamp(values) is None:
        raise BadAnswer(
            f"{host} does not say how old its data is, so its answer was not used; its database may"
            " be empty. Ask its operator, or set CROSSROADS_OVERPASS_URL."
        )
    return _without_mappers(answer, values)


def contents_of(answer: Answer, boxes: Sequence[BBox]) -> Contents:
    """Return what a whole answer about some boxes holds."""
    values = answer.json()
    places = [
        (one["lon"], one["lat"]) for one in values["elements"] if "lon" in one and "lat" in one
    ]
    near = sum(any(_is_near(box, lon, lat) for box in boxes) for lon, lat in places)
    moment = _osm_timestamp(values)
    assert moment is not None  # noqa: S101 - `whole` takes no answer without
    return Contents(moment, len(values["elements"]), len(places), near)


def _is_near(box: BBox, lon: float, lat: float) -> bool:
    wide, tall = box.east - box.west, box.north - box.south
    return box.west - wide <= lon <= box.east + wide and box.south - tall <= lat <= box.north + tall


def _osm_timestamp(values: dict[str, Any]) -> datetime | None:
    """Return of when a server's data are; None where it does not say, or says what cannot be."""
    about = values.get("osm3s")
    try:
        moment = datetime.fromisoformat(about["timestamp_osm_base"] if about else "")
    except (TypeError, ValueError, KeyError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment if moment.year >= _FIRST_YEAR else None


def _check_remark(host: str, remark: str) -> None:
    if _NO_META.search(remark):
        raise _no_metadata(host)
    if any(word in remark.casefold() for word in _FAILED):
        raise TooMuch(f"{host} ran out of time or memory; try again later.")


def _no_overpass(host: str) -> BadAnswer:
    return BadAnswer(
        f"{host} does not answer as an Overpass server does; check CROSSROADS_OVERPASS_URL."
    )


def _no_metadata(host: str) -> NoMetadata:
    return NoMetadata(f"{host} cannot answer: its database is not whole; ask whoever runs it.")


def _without_mappers(answer: Answer, values: dict[str, Any]) -> Answer:
    for element in values["elements"]:
        if isinstance(element, dict):
            for key in _MAPPERS:
                element.pop(key, None)
    body = json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    return replace(answer, body=body)
