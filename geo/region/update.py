"""Updating a region: got anew from where it came from, if what is published there has changed.

Whether it has is told by the content, never by the size: by the MD5 that is published beside an
extract, else by the ETag or the date that its server gives it, each against what was noted when it
was downloaded. A server that says none of these is believed only by what it sends.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from geo.errors import InputError
from geo.online import Client, Download, Services, look_at, published_md5
from geo.online.hosts import host_of
from geo.region.area import check_not_older, get_area
from geo.region.build import Progress
from geo.region.bundle import find_region
from geo.region.extract import read_header
from geo.region.manifest import Manifest, can_update, is_outdated, read_manifest
from geo.region.provision import build_downloads, untold, with_downloads
from geo.region.source import Source
from geo.region.squares import box_of


def is_due(manifest: Manifest, *, now: datetime, older_than: timedelta) -> bool:
    """Return whether a region is so old that an update is due.

    Parameters
    ----------
    manifest
        The region's.
    now
        The time of day.
    older_than
        The age at which it is.
    """
    if manifest.fictional:
        return False
    return now - (manifest.osm_timestamp or manifest.built_at) > older_than


def update_region(
    name: str, *, services: Services, regions_dir: Path, progress: Progress = untold
) -> Manifest | None:
    """Get a region anew from where it came from; one of an earlier version is built in any case.

    Parameters
    ----------
    name
        The region; it stays as it is until the new one is whole.
    services
        The services of the internet.
    regions_dir
        Where regions live.
    progress
        Is told each step; may raise to stop.

    Returns
    -------
    Manifest or None
        None where nothing newer is published.

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
    manifest = read_manifest(folder, of_earlier=True)
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
            return None  # the server did not tell, but it is the same
        for source, download in zip(manifest.sources, downloads, strict=True):
            moment = read_header(download.path).timestamp
            if moment is not None and source.osm_timestamp is not None:
                check_not_older(name, source.osm_timestamp, moment, host_of(source.url))
        return build_downloads(
            urls,
            downloads,
            name,
            services=services,
            regions_dir=regions_dir,
            progress=progress,
        )

    return with_downloads(urls, build, services=services, progress=progress)


def _is_unchanged(client: Client, source: Source) -> bool:
    """Return whether a server says that it has what was downloaded; False where it does not tell.

    A strong ETag or the date of a file stand for its content (RFC 9110, 8.8); the size never does.
    """
    now = look_at(client, source.url)
    published = published_md5(client, source.url, now.url)
    if published and source.md5:
        return published == source.md5
    if now.etag and source.etag:
        return now.etag == source.etag
    dated = now.modified and now.modified == source.modified
    return bool(dated) and now.size in {source.bytes, None}
