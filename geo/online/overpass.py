"""Asking an Overpass server, politely, and believing only what it answered whole.

One request at a time, of all processes that share a folder; only when the server has a slot; with
limits of time and memory set. What was too much is asked for again by smaller boxes; what is still
missing then is reported. Whole responses are kept, so that what was stopped or killed goes on from
there.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections import Counter, deque
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from geo.cancellation import Progress, no_progress
from geo.errors import BadResponse, ConnectionRefused, OnlineError, ServiceBusy, TransferInterrupted
from geo.files import disk_errors, overpass_timestamp, reports_failure
from geo.geometry import quarters, sort_from_center
from geo.model import BBox
from geo.online.cache import ResponseCache
from geo.online.hosts import host_of
from geo.online.http import Client, Request, Response, ResponseLimits, ResponseTooLarge
from geo.online.overpass_query import OverpassQuery
from geo.online.retry import Backoff, process_lock

_LIMIT = re.compile(r"^Rate limit:\s*(\d+)", re.MULTILINE)
_FREE = re.compile(r"^(\d+) slots? available now", re.MULTILINE)
_LATER = re.compile(r"^Slot available after: .*?, in (-?\d+) seconds", re.MULTILINE)
_RUNNING = re.compile(r"^\d+\t", re.MULTILINE)
_BUSY_S = 15.0


def slot_wait_s(text: str) -> float:
    r"""Return in how many seconds a slot is free; 0 for now, or where the text does not say.

    Examples
    --------
    >>> slot_wait_s("Rate limit: 2\n1 slots available now.\n")
    0.0
    >>> slot_wait_s("Rate limit: 1\nSlot available after: 2026-11-23T14:19:38Z, in 7 seconds.\n")
    8.0
    """
    limit = _LIMIT.search(text)
    if limit is None or int(limit[1]) == 0:  # 0 stands for no limit
        return 0.0
    free = _FREE.search(text)
    if free is not None and int(free[1]) > 0:
        return 0.0
    later = [float(match[1]) for match in _LATER.finditer(text)]
    if later:
        # A slot whose time is over stays listed, ever further in the past, until it is used again.
        return min(later) + 1 if min(later) > 0 else 0.0
    if len(_RUNNING.findall(text)) < int(limit[1]):
        return 0.0  # it tells of no slot, but not all that there are can be taken
    return _BUSY_S  # every slot works on a request, and when it ends is not said


_LOG = logging.getLogger(__name__)
_NO_META = re.compile(r"No such file[^<]*(?:user_data|user_indices|_meta)\b")
_MADE_BY_OVERPASS = "OSM3S"
_NOT_FOUND = frozenset({404, 405, 410, 501})
_MAPPER_KEYS = ("user", "uid", "changeset")


@dataclass(frozen=True, slots=True)
class Contents:
    """What a whole response holds.

    How many nodes there are, and how many of them lie in the boxes that were asked about or within
    a box's width of one: what crosses a box may have no node in it.
    """

    osm_timestamp: datetime
    elements: int
    nodes: int
    nodes_near: int


class QueryTooLarge(BadResponse):
    """The server ran out of time or memory, so that what it sent is not all."""


class NoMetadata(BadResponse):
    """The server knows no versions and dates of what is on its map."""


def check_complete(client: Client, request: Request, response: Response) -> Response:
    """Return a whole response, without those who mapped what is in it.

    Raises
    ------
    QueryTooLarge
        The server ran out of time or memory.
    NoMetadata
        It can be asked without metadata only.
    ServiceBusy
        It has no time for us now.
    TransferInterrupted
        The response is cut off.
    BadResponse
        It is something else.
    """
    host = host_of(request.url)
    if response.is_html and _NO_META.search(response.text):
        raise _no_metadata_error(host)
    if response.status == 400:
        _LOG.error("%s did not understand: %s", host, dict(request.form or {}))
        raise BadResponse(
            f"{host} did not understand the question, which is our mistake; report it."
        )
    if response.status in _NOT_FOUND:
        raise _not_overpass_error(host)
    client.raise_for_status(response)
    if response.is_html and _MADE_BY_OVERPASS in response.text:
        raise ServiceBusy(f"{host} is out of order or busy; try again later.")
    values = response.json()
    if not isinstance(values, dict) or not isinstance(values.get("elements"), list):
        raise _not_overpass_error(host)
    _check_remark(host, str(values.get("remark") or ""))
    if _osm_timestamp(values) is None:
        raise BadResponse(
            f"{host} does not say how old its data is, so its answer was not used; its database may"
            " be empty. Ask its operator, or set CROSSROADS_OVERPASS_URL."
        )
    return _without_mappers(response, values)


def read_contents(response: Response, boxes: Sequence[BBox]) -> Contents:
    """Return what a whole response about some boxes holds."""
    values = response.json()
    places = [
        (one["lon"], one["lat"]) for one in values["elements"] if "lon" in one and "lat" in one
    ]
    near = sum(any(_is_near(box, lon, lat) for box in boxes) for lon, lat in places)
    moment = _osm_timestamp(values)
    assert moment is not None  # noqa: S101 - `check_complete` takes no response without
    return Contents(moment, len(values["elements"]), len(places), near)


def _is_near(box: BBox, lon: float, lat: float) -> bool:
    wide, tall = box.east - box.west, box.north - box.south
    return box.west - wide <= lon <= box.east + wide and box.south - tall <= lat <= box.north + tall


def _osm_timestamp(values: dict[str, Any]) -> datetime | None:
    about = values.get("osm3s")
    return overpass_timestamp(about.get("timestamp_osm_base") if isinstance(about, dict) else None)


def _check_remark(host: str, remark: str) -> None:
    if _NO_META.search(remark):
        raise _no_metadata_error(host)
    if reports_failure(remark):
        raise QueryTooLarge(f"{host} ran out of time or memory; try again later.")


def _not_overpass_error(host: str) -> BadResponse:
    return BadResponse(
        f"{host} does not answer as an Overpass server does; check CROSSROADS_OVERPASS_URL."
    )


def _no_metadata_error(host: str) -> NoMetadata:
    return NoMetadata(f"{host} cannot answer: its database is not whole; ask whoever runs it.")


def _without_mappers(response: Response, values: dict[str, Any]) -> Response:
    for element in values["elements"]:
        if isinstance(element, dict):
            for key in _MAPPER_KEYS:
                element.pop(key, None)
    body = json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    return replace(response, body=body)


_MIN_SHARE = 0.2
"""A box is not cut narrower than this share of its first width: two quarterings."""


@dataclass(frozen=True, slots=True)
class FetchResult:
    """What came of asking about some boxes.

    Attributes
    ----------
    paths
        Files of responses in Overpass JSON; what lies on the edge of two boxes is in both.
    reason
        Why not, as a sentence; empty if nothing is missing.
    osm_timestamp
        When OpenStreetMap looked like the oldest of the responses.
    elements
        How many elements there are in all responses; those on the edge of two boxes count twice.
    """

    paths: tuple[Path, ...]
    boxes: tuple[BBox, ...]
    missing: tuple[BBox, ...]
    reason: str
    osm_timestamp: datetime
    elements: int


class FetchQueue:
    """What is still to be asked, and what has come."""

    def __init__(self, boxes: Sequence[BBox], query: OverpassQuery, progress: Progress) -> None:
        step = query.boxes_at_once
        self.pending = deque(tuple(boxes[i : i + step]) for i in range(0, len(boxes), step))
        self.query = query
        self.backoff = Backoff()
        self._progress = progress
        self._area = sum(map(_area, boxes))
        self._min_area = _MIN_SHARE**2 * min(map(_area, boxes), default=0.0)
        self._without_relations: set[tuple[BBox, ...]] = set()
        self._breaks: Counter[tuple[BBox, ...]] = Counter()
        self._paths: list[Path] = []
        self._boxes: list[BBox] = []
        self._missing: list[BBox] = []
        self._error: OnlineError | None = None
        self._contents: list[Contents] = []

    def report(self, message: str) -> None:
        """Tell what goes on, and how much is done."""
        done = sum(map(_area, (*self._boxes, *self._missing)))
        self._progress(message, min(1.0, done / self._area))

    def query_for(self, group: tuple[BBox, ...]) -> OverpassQuery:
        """Return what to ask for in some boxes: no relations where they were too much."""
        return self.query.without_relations() if group in self._without_relations else self.query

    def add_response(self, group: tuple[BBox, ...], response: Response, folder: Path) -> None:
        """Write a response into a folder."""
        key = hashlib.sha256(self.query_for(group).text(group).encode("utf-8")).hexdigest()[:16]
        path = folder / f"answer-{key}.json"
        with disk_errors(folder):
            path.write_bytes(response.body)
        self._paths.append(path)
        self._boxes += group
        self._contents.append(read_contents(response, group))
        self.report("")

    def count_break(self, group: tuple[BBox, ...]) -> int:
        """Return how often the response about a group broke off, this time counted."""
        self._breaks[group] += 1
        return self._breaks[group]

    def split(self, group: tuple[BBox, ...], error: OnlineError) -> None:
        """Ask for less next; count as missing what cannot be cut smaller.

        Of several boxes, for fewer; of one, without relations, which may be more than all else; if
        that is too much too, by its quarters.
        """
        middle = len(group) // 2
        if not middle and self.query.has_relations and group not in self._without_relations:
            self._without_relations.add(group)
            self.pending.appendleft(group)
            return
        parts = [group[:middle], group[middle:]] if middle else [(q,) for q in quarters(group[0])]
        if _area(parts[0][0]) < self._min_area:
            self._missing += group
            self._error = error
        else:
            self.pending.extendleft(reversed(parts))

    def abandon(self, group: tuple[BBox, ...], error: OnlineError) -> None:
        """Count all that is left as missing."""
        self._missing += [*group, *(box for other in self.pending for box in other)]
        self._error = error
        self.pending.clear()

    def finish(self, host: str) -> FetchResult:
        """Return what has come from a host.

        Raises
        ------
        OnlineError
            Nothing has come, or what came is of another place.
        """
        if self._error is not None and not self._boxes:
            raise self._error
        if self._contents and not self._is_requested_area():
            raise BadResponse(
                f"{host} answered about another area than the one requested; check"
                " CROSSROADS_OVERPASS_URL."
            )
        self._progress("", 1.0)
        return FetchResult(
            paths=tuple(self._paths),
            boxes=tuple(self._boxes),
            missing=tuple(self._missing),
            reason=str(self._error or ""),
            osm_timestamp=min(one.osm_timestamp for one in self._contents),
            elements=sum(one.elements for one in self._contents),
        )

    def _is_requested_area(self) -> bool:
        """Return whether some node lies where it was asked for, or there is none at all."""
        near = any(one.nodes_near for one in self._contents)
        return near or not any(one.nodes for one in self._contents)


def _area(box: BBox) -> float:
    return (box.east - box.west) * (box.north - box.south)


ATTRIBUTION = "© OpenStreetMap contributors (ODbL)"

_MOST_BYTES = 64 << 20
_QUEUE_S = 30.0
"""What a server may let a request wait before it begins, and take to send the response."""

_STATUS_LIMITS = ResponseLimits(max_bytes=1 << 16, total_s=20, idle_s=15)
_EXPIRE_AFTER = timedelta(days=2)
_MAX_BREAKS = 2


class Overpass:
    """Asks one Overpass server; ``url`` is its interpreter and ends in ``/api/interpreter``."""

    def __init__(self, client: Client, url: str, *, cache: ResponseCache, folder: Path) -> None:
        self._client = client
        self._url = url
        self._host = host_of(url)
        self._cache = cache
        self._folder = folder
        self._has_status = True
        self._has_meta = True

    def fetch(
        self,
        boxes: Sequence[BBox],
        query: OverpassQuery,
        folder: Path,
        *,
        max_age: timedelta = timedelta(hours=1),
        progress: Progress = no_progress,
    ) -> FetchResult:
        """Ask about some boxes, and write the responses into a folder.

        Raises
        ------
        MissingContact
            The server is a public one and nobody said who asks.
        OnlineError
            Nothing at all was answered.
        SetupError
            The disk is full or may not be written.
        """
        with disk_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
        queue = FetchQueue(sort_from_center(boxes), query, progress)
        while queue.pending:
            group = queue.pending.popleft()
            try:
                response = self._fetch_group(queue, group, max_age)
            except (QueryTooLarge, ResponseTooLarge) as error:
                queue.split(group, error)
            except (ServiceBusy, TransferInterrupted, ConnectionRefused) as error:
                self._retry_later(queue, group, error)
            except OnlineError as error:
                queue.abandon(group, error)
            else:
                queue.add_response(group, response, folder)
        return queue.finish(self._host)

    def _fetch_group(
        self, queue: FetchQueue, group: tuple[BBox, ...], max_age: timedelta
    ) -> Response:
        """Return the whole response about a group of boxes, from the cache or the server."""
        try:
            return self._request_group(queue, group, max_age)
        except NoMetadata:
            if not self._has_meta:
                raise
        self._has_meta = False
        return self._request_group(queue, group, max_age)

    def _request_group(
        self, queue: FetchQueue, group: tuple[BBox, ...], max_age: timedelta
    ) -> Response:
        text = queue.query_for(group).text(group, has_meta=self._has_meta)
        request = Request(self._url, form={"data": text})
        cached = self._cache.get(request, max_age=max_age)
        if cached is not None:
            return cached
        limit_s = queue.query.timeout_s + _QUEUE_S
        queue.report(f"asking {self._host}")
        with self._lock(queue):
            self._wait_for_slot(queue)
            queue.report(f"asking {self._host}")
            response = self._client.send(request, ResponseLimits(_MOST_BYTES, 2 * limit_s, limit_s))
        response = check_complete(self._client, request, response)
        self._cache.put(request, response, expire_after=_EXPIRE_AFTER)
        queue.backoff.reset()
        return response

    def _retry_later(
        self,
        queue: FetchQueue,
        group: tuple[BBox, ...],
        error: ServiceBusy | TransferInterrupted | ConnectionRefused,
    ) -> None:
        """Wait before asking again; ask for less where the response broke off time and again."""
        if isinstance(error, TransferInterrupted) and queue.count_break(group) >= _MAX_BREAKS:
            queue.split(group, error)
            return
        wait_s = queue.backoff.next_s(getattr(error, "retry_after_s", None))
        if wait_s is None:
            queue.abandon(group, error)
            return
        queue.pending.appendleft(group)
        self._wait(queue, wait_s, str(error).partition(";")[0])

    def _wait_for_slot(self, queue: FetchQueue) -> None:
        """Wait until the server has a slot; a server that does not tell is asked at once.

        Raises `ServiceBusy` where it has none for too long.
        """
        while self._has_status:
            try:
                response = self._client.send(Request(self._status_url), _STATUS_LIMITS)
                self._client.raise_for_status(response)
            except BadResponse:
                self._has_status = False  # a server of one's own that has none
                return
            except (TransferInterrupted, ServiceBusy, ConnectionRefused):
                return
            self._has_status = not response.is_html
            wait_s = slot_wait_s(response.text) if self._has_status else 0.0
            if not wait_s:
                return
            if not queue.backoff.spend(wait_s):
                raise ServiceBusy(f"{self._host} had no free slot; try again later.")
            self._wait(queue, wait_s, f"waiting for a free slot at {self._host}")

    @property
    def _status_url(self) -> str:
        parts = urlsplit(self._url)
        path = parts.path.rstrip("/").removesuffix("interpreter")
        return parts._replace(path=f"{path}status").geturl()

    def _lock(self, queue: FetchQueue) -> AbstractContextManager[None]:
        """Hold the right to ask: of all processes, only one asks at a time."""
        return process_lock(
            self._folder / "overpass.lock",
            self._client.clock,
            max_wait_s=Backoff().total_s,
            busy_message="another process is asking OpenStreetMap; try again when it has finished.",
            report=lambda: queue.report("another process is asking; waiting for it"),
        )

    def _wait(self, queue: FetchQueue, wait_s: float, why: str) -> None:
        self._client.clock.wait(
            wait_s, lambda left_s: queue.report(f"{why}; asking again in {left_s:.0f} s")
        )
