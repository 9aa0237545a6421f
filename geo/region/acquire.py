"""Getting regions from the internet and updating them, from whole extracts or box by box.

Extracts are downloaded; a small area is asked for by boxes of the world's grid; both are then built
as files are. Where each source came from stays in the region's manifest, that of a box as the
address of the Overpass server with the box behind ``#``. So whatever is stopped or killed leaves
the old region, and goes on where it was when it is run again.

Whether something newer is published is decided by the content, never by the size: by the MD5 beside
an extract, else by the ETag or the date that its server gives it, each against what was noted when
it was downloaded. A server that says none of these is believed only by what it sends.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from geo.cancellation import Progress, no_progress, subprogress
from geo.errors import BadResponse, InputError, TransferInterrupted, UnreadableExtract
from geo.files import disk_errors
from geo.geometry import boxes_around, is_covered
from geo.model import BBox, Point
from geo.online import (
    Client,
    Download,
    FetchResult,
    Services,
    area_query,
    published_md5,
    request_head,
)
from geo.online.hosts import host_of
from geo.region.build import build_in_subprocess
from geo.region.bundle import check_name, find_region, list_regions
from geo.region.extract import read_header
from geo.region.manifest import (
    DownloadInfo,
    Manifest,
    SourceFile,
    can_update,
    is_outdated,
    read_manifest,
)
from geo.region.osm_merge import box_of

Result = TypeVar("Result")

DOWNLOAD_SHARE = 0.5
"""How much of the way to a region is behind when everything is downloaded."""


def get_region(
    urls: Sequence[str],
    name: str,
    *,
    services: Services,
    regions_dir: Path,
    progress: Progress = no_progress,
) -> Manifest:
    """Download extracts and build one region of them.

    A region of that name stays until this one is whole. ``progress`` may raise to stop, and the
    next time goes on from there.

    Raises
    ------
    InputError
        The name cannot be used, or an address is none of an extract.
    SetupError
        The disk is full or may not be written, or another process is at it.
    OnlineError
        A server does not give an extract.
    UnreadableExtract
        What it gave is none that can be built.
    """
    check_name(name)
    return with_downloads(
        urls,
        lambda downloads: build_downloads(
            urls,
            downloads,
            name,
            services=services,
            regions_dir=regions_dir,
            progress=progress,
        ),
        services=services,
        progress=progress,
    )


def build_downloads(
    urls: Sequence[str],
    downloads: Sequence[Download],
    name: str,
    *,
    services: Services,
    regions_dir: Path,
    progress: Progress,
) -> Manifest:
    """Build a region of what was downloaded, with the errors of `geo.region.build.build_region`."""
    catalogue = services.cached_catalogue()  # whoever chose from it has just had it
    outlines = {entry.url: entry.shape for entry in catalogue.entries} if catalogue else {}
    origins = [
        DownloadInfo(url, one.md5, one.remote.etag, one.remote.modified, outlines.get(url))
        for url, one in zip(urls, downloads, strict=True)
    ]
    paths = [download.path for download in downloads]
    return build_in_subprocess(
        paths,
        name,
        regions_dir=regions_dir,
        origins=origins,
        progress=subprogress(progress, DOWNLOAD_SHARE, 1.0),
        check_cancelled=services.client.clock.check_cancelled,
    )


def with_downloads(
    urls: Sequence[str],
    function: Callable[[Sequence[Download]], Result],
    *,
    services: Services,
    progress: Progress,
) -> Result:
    """Download extracts, use them, and delete them.

    The function is given them while nobody else may touch them.

    Raises
    ------
    UnreadableExtract
        One cannot be used; it is deleted too, or it would be taken for good the next time.
    CrossroadsError
        As of `geo.online.download.Downloader.fetch`, or what ``function`` raises; all of it stays.
    """
    downloader = services.downloader
    downloader.delete_old()
    with ExitStack() as held:
        downloads = []
        for number, url in enumerate(urls):
            held.enter_context(downloader.lock(url))
            start, end = (DOWNLOAD_SHARE * n / len(urls) for n in (number, number + 1))
            report = subprogress(progress, start, end, f"{downloader.file_path(url).name}: ")
            downloads.append(downloader.fetch(url, progress=report))
        try:
            result = function(downloads)
        except UnreadableExtract:
            _discard(services, urls)
            raise
        _discard(services, urls)
    return result


def _discard(services: Services, urls: Iterable[str]) -> None:
    for url in urls:
        services.downloader.discard(url)


MOST_BOXES = 2000
"""More boxes than these, about 400 by 500 km, are too much to ask a shared server for."""

WIDEST_KM = 100.0
"""How far "just this area" may reach; beyond, an extract is kinder to everybody."""

_MAX_AGE_RESUMED = timedelta(days=1)
"""Answers of at most this age are taken when an area that was stopped is asked for again."""

_MAX_AGE_UPDATE = timedelta(hours=1)
"""The same for an update that begins: it shall be of now."""

_UPDATE_STARTED = "begun"
"""An empty file whose date is when an update began that did not come to its end."""


def area_boxes(point: Point, km: float) -> list[BBox]:
    """Return the boxes that "just this area" asks for.

    Of the point only its box of the grid counts.

    Raises
    ------
    InputError
        It is no sensible distance.
    """
    if not 0 < km <= WIDEST_KM:
        raise InputError(
            f"{km:g} km is no distance for a small area; give more than 0 and at most"
            f" {WIDEST_KM:g}, or get a whole extract."
        )
    return boxes_around(point, km * 1000)


def get_area(
    boxes: Sequence[BBox],
    name: str,
    *,
    services: Services,
    regions_dir: Path,
    progress: Progress = no_progress,
    is_update: bool = False,
) -> Manifest:
    """Ask for all that lies in some boxes, and build a region of it once all have come.

    What has come stays in the cache, so the next run asks for what is missing alone.

    Raises
    ------
    InputError
        The name cannot be used, or the area is too large.
    SetupError
        The disk is full or may not be written, or another process is at it.
    OnlineError
        The server does not answer for all of the boxes, holds nothing there, or is older than the
        region of that name.
    UnreadableExtract
        There are no roads.
    """
    check_name(name)
    if len(boxes) > MOST_BOXES:
        raise InputError("that area is too large to ask for by boxes; get an extract of it.")
    folder = services.settings.downloads_dir / f"area-{name}"
    fetched = services.overpass.fetch(
        boxes,
        area_query(),
        folder,
        max_age=_max_response_age(folder, services, is_update=is_update),
        progress=subprogress(progress, 0.0, DOWNLOAD_SHARE),
    )
    _check_whole(fetched, boxes, name, regions_dir)
    _check_data(fetched, name, host_of(services.settings.overpass_url), regions_dir)
    server = services.settings.overpass_url
    manifest = build_in_subprocess(
        fetched.paths,
        name,
        regions_dir=regions_dir,
        origins=[DownloadInfo(_url_of(server, box)) for box in fetched.boxes],
        progress=subprogress(progress, DOWNLOAD_SHARE, 1.0),
        check_cancelled=services.client.clock.check_cancelled,
    )
    shutil.rmtree(folder, ignore_errors=True)
    return manifest


def _max_response_age(folder: Path, services: Services, *, is_update: bool) -> timedelta:
    """Return the greatest age of answers that will do; an update goes on where it was stopped."""
    if not is_update:
        return _MAX_AGE_RESUMED
    now_s = services.client.clock.epoch_s()
    started = folder / _UPDATE_STARTED
    with disk_errors(folder):
        if (
            not started.exists()
            or now_s - started.stat().st_mtime > _MAX_AGE_RESUMED.total_seconds()
        ):
            folder.mkdir(parents=True, exist_ok=True)
            started.touch()
            os.utime(started, (now_s, now_s))
        return max(_MAX_AGE_UPDATE, timedelta(seconds=now_s - started.stat().st_mtime))


def _check_whole(fetched: FetchResult, boxes: Sequence[BBox], name: str, regions_dir: Path) -> None:
    """Refuse an answer that lacks a box: a part of an area looks like all of it on a map."""
    if not fetched.missing:
        return
    answered = set(fetched.boxes)
    came = sum(is_covered(box, answered) for box in boxes)
    stays = " The region stays as it was." if name in list_regions(regions_dir) else ""
    raise TransferInterrupted(
        f"{came} of {len(boxes)} squares were downloaded"
        f" ({fetched.reason.partition(';')[0].rstrip('.')}); run it again to continue.{stays}"
    )


def _check_data(fetched: FetchResult, name: str, host: str, regions_dir: Path) -> None:
    """Refuse data that hold nothing of the area, or are older than the region that is there."""
    if not fetched.elements:
        raise BadResponse(
            f"{host} has no data for this area; check that it is on land, and that"
            " CROSSROADS_OVERPASS_URL serves that part of the world."
        )
    if name in list_regions(regions_dir):
        current = read_manifest(find_region(name, regions_dir), allow_outdated=True).osm_timestamp
        check_not_older(name, current, fetched.osm_timestamp, host)


def check_not_older(name: str, current: datetime | None, found: datetime, host: str) -> None:
    """Refuse data that are older than those of a region; ``current`` is None if not known.

    Raises
    ------
    BadResponse
        They are older.
    """
    if current is not None and found < current:
        raise BadResponse(
            f"the data on {host} is from {found:%Y-%m-%d %H:%M} UTC, older than that of region"
            f" {name!r} ({current:%Y-%m-%d %H:%M} UTC); the region stays as it was."
        )


def _url_of(server: str, box: BBox) -> str:
    return f"{server}#{box.west},{box.south},{box.east},{box.north}"


def is_due(manifest: Manifest, *, now: datetime, older_than: timedelta) -> bool:
    """Return whether a region is so old that an update is due."""
    if manifest.fictional:
        return False
    return now - (manifest.osm_timestamp or manifest.built_at) > older_than


def update_region(
    name: str, *, services: Services, regions_dir: Path, progress: Progress = no_progress
) -> Manifest | None:
    """Get a region anew from where it came from; None where nothing newer is published.

    It stays as it is until the new one is whole. One of an earlier version is built in any case.

    Raises
    ------
    UnknownName
        There is no such region.
    InputError
        It was built from a file of somebody's own.
    SetupError
        The disk is full or may not be written, or another process is at it.
    OnlineError
        The servers do not give all of it.
    """
    folder = find_region(name, regions_dir)
    outdated = is_outdated(folder)
    manifest = read_manifest(folder, allow_outdated=True)
    if not can_update(manifest):
        raise InputError(
            f"region {name!r} was built from a file of your own; build it anew from a newer one."
        )
    boxes = [box for source in manifest.sources if (box := box_of(source.url)) is not None]
    if boxes:
        return get_area(
            boxes,
            name,
            services=services,
            regions_dir=regions_dir,
            progress=progress,
            is_update=True,
        )
    progress("asking whether there is anything newer", 0.0)
    if not outdated and all(_is_unchanged(services.client, source) for source in manifest.sources):
        return None
    urls = [source.url for source in manifest.sources]

    def build(downloads: Sequence[Download]) -> Manifest | None:
        known = [source.md5 for source in manifest.sources]
        if not outdated and [download.md5 for download in downloads] == known:
            return None  # the server did not say so, but it is the same
        _check_none_older(manifest, downloads)
        return build_downloads(
            urls,
            downloads,
            name,
            services=services,
            regions_dir=regions_dir,
            progress=progress,
        )

    return with_downloads(urls, build, services=services, progress=progress)


def _check_none_older(manifest: Manifest, downloads: Sequence[Download]) -> None:
    """Refuse downloads that are older than what a region was built from."""
    for source, download in zip(manifest.sources, downloads, strict=True):
        timestamp = read_header(download.path).timestamp
        if timestamp is not None and source.osm_timestamp is not None:
            check_not_older(manifest.name, source.osm_timestamp, timestamp, host_of(source.url))


def _is_unchanged(client: Client, source: SourceFile) -> bool:
    """Return whether a server says that it has what was downloaded; False where it does not tell.

    A strong ETag or the date of a file stand for its content (RFC 9110, 8.8); the size never does.
    """
    now = request_head(client, source.url)
    published = published_md5(client, source.url, now.url)
    if published and source.md5:
        return published == source.md5
    if now.etag and source.etag:
        return now.etag == source.etag
    dated = now.modified and now.modified == source.modified
    return bool(dated) and now.size in {source.bytes, None}
