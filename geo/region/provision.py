"""Getting a region from the internet: whole extracts are downloaded, and built as files are.

So whatever is stopped or killed on the way leaves the old region, and goes on where it was when it
is run again. Where each extract came from stays in the region's manifest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeVar

from geo.errors import UnreadableExtract
from geo.online import Download, Services
from geo.region.beside import build_beside
from geo.region.build import Progress
from geo.region.bundle import check_name
from geo.region.manifest import Manifest
from geo.region.source import Origin

Result = TypeVar("Result")

DOWNLOAD_SHARE = 0.5
"""How much of the way to a region is behind when everything is downloaded."""


def untold(_said: str, _done: float) -> None:
    """Tell nobody."""


def get_region(
    urls: Sequence[str],
    name: str,
    *,
    services: Services,
    regions_dir: Path,
    progress: Progress = untold,
) -> Manifest:
    """Download extracts and build one region of them.

    Parameters
    ----------
    urls
        Where the extracts are, each an ``.osm.pbf``.
    name
        What the region will be called; one of that name stays until this one is whole.
    services
        The services of the internet.
    regions_dir
        Where regions live.
    progress
        Is told each step; may raise to stop, and the next time goes on from there.

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
    """Build a region of what was downloaded; errors are those of `geo.region.build.build_region`.

    Parameters
    ----------
    urls
        Where each can be had again.
    downloads
        What is here.
    name
        What the region will be called.
    services
        The services of the internet, whose clock tells when to stop.
    regions_dir
        Where regions live.
    progress
        Is told each step of the second half of the way.
    """
    catalogue = services.kept_catalogue()  # whoever chose from it has just had it
    outlines = {offer.url: offer.shape for offer in catalogue.offers} if catalogue else {}
    origins = [
        _origin(url, one, outlines.get(url)) for url, one in zip(urls, downloads, strict=True)
    ]
    paths = [download.path for download in downloads]
    return build_beside(
        paths,
        name,
        regions_dir=regions_dir,
        origins=origins,
        progress=later(progress),
        attend=services.client.clock.attend,
    )


def with_downloads(
    urls: Sequence[str],
    use: Callable[[Sequence[Download]], Result],
    *,
    services: Services,
    progress: Progress,
) -> Result:
    """Download extracts, use them, and delete them.

    Parameters
    ----------
    urls
        Where they are.
    use
        Is given them while nobody else may touch them.
    services
        The services of the internet.
    progress
        Is told how much is here; may raise to stop, and what is here stays.

    Raises
    ------
    UnreadableExtract
        One cannot be used; it is deleted too, or it would be taken for good the next time.
    CrossroadsError
        As of `geo.online.download.Downloader.fetch`, or what ``use`` raises; all of it stays.
    """
    downloader = services.downloader
    downloader.sweep()
    with ExitStack() as held:
        downloads = []
        for number, url in enumerate(urls):
            held.enter_context(downloader.holding(url))
            tell = _of_several(progress, downloader.path_of(url).name, number, len(urls))
            downloads.append(downloader.fetch(url, progress=tell))
        try:
            result = use(downloads)
        except UnreadableExtract:
            _discard(services, urls)
            raise
        _discard(services, urls)
    return result


def later(progress: Progress) -> Progress:
    """Return what a build tells its progress to, when the downloads are behind."""
    return lambda step, done: progress(step, DOWNLOAD_SHARE + (1 - DOWNLOAD_SHARE) * done)


def _origin(url: str, download: Download, outline: Any) -> Origin:
    remote = download.remote
    return Origin(url, download.md5, remote.etag, remote.modified, outline)


def _of_several(progress: Progress, title: str, number: int, count: int) -> Progress:
    """Return what one of several downloads tells its progress to."""
    return lambda said, done: progress(f"{title}: {said}", DOWNLOAD_SHARE * (number + done) / count)


def _discard(services: Services, urls: Iterable[str]) -> None:
    for url in urls:
        services.downloader.discard(url)
