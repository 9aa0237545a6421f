"""``crossroads region find`` and ``crossroads region get``: from a name to a region."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from geo.cli.options import current_settings, example, print_message, print_table
from geo.cli.output import print_built
from geo.coordinates import parse_coordinates
from geo.errors import InputError, OnlineError, SetupError, UnreadableRegion
from geo.model import BBox, Point
from geo.region import list_regions, read_manifest
from geo.region.bundle import check_name

if TYPE_CHECKING:
    from geo.online import Catalogue, CatalogueEntry, Services

_SIZES_OF = 6
"""Of no more finds than these the sizes are asked for: each is a question to a server."""


@dataclass(frozen=True, slots=True)
class _Choice:
    """An extract that is to be downloaded."""

    label: str
    url: str
    region_name: str
    box: BBox | None = None


@click.command(
    epilog=example("crossroads region find vermont", "crossroads region find --at 44.26,-72.58")
)
@click.argument("text", required=False)
@click.option("--at", metavar="LAT,LON", help="Extracts that cover this position, smallest first.")
@click.option("--json", "as_json", is_flag=True, help="Print them as a JSON list.")
def find(text: str | None, at: str | None, as_json: bool) -> None:
    """Search the catalogue of extracts by name, ISO code or position.

    The catalogue is searched on this computer; what you look for is sent to nobody.
    """
    from geo.online import Services
    from geo.online.geofabrik import ATTRIBUTION

    if (text is None) == (at is None):
        raise InputError("give a name to search for, or a position with --at LAT,LON.")
    with Services(current_settings()) as services:
        catalogue = _catalogue(services)
        found = catalogue.covering(_position(at)) if at else catalogue.search(text or "")
        sizes = _sizes(services, found) if len(found) <= _SIZES_OF else [None] * len(found)
    if as_json:
        rows = zip(found, sizes, strict=True)
        click.echo(json.dumps([_to_json(offer, size) for offer, size in rows], ensure_ascii=False))
    elif not found:
        print_message("No extract fits; try the name of the country or state.")
    else:
        print_table(
            ("id", "name", "part of", "MB"),
            [
                (offer.id, offer.name, ", ".join(offer.parents), _megabytes(size))
                for offer, size in zip(found, sizes, strict=True)
            ],
            right=("MB",),
        )
        print_message(f"{ATTRIBUTION}. Catalogue of {catalogue.at:%Y-%m-%d %H:%M} UTC.")


@click.command(
    epilog=example(
        "crossroads region get vermont",
        "crossroads region get vermont new-hampshire --name twin-states",
        "crossroads region get --at 44.26,-72.58",
        "crossroads region get --around 44.26,-72.58 --km 30 --name montpelier",
    )
)
@click.argument("names", metavar="[NAME|URL]...", nargs=-1)
@click.option("--at", metavar="LAT,LON", help="The smallest extract that covers this position.")
@click.option("--around", metavar="LAT,LON", help="Just the area around here, by Overpass.")
@click.option(
    "--km", type=float, default=30, show_default=True, help="How far --around reaches, in km."
)
@click.option("--name", help="What to call the region; replaces one of that name.")
@click.option("--yes", is_flag=True, help="Do not ask before downloading.")
@click.option("--json", "as_json", is_flag=True, help="Print what was built as JSON.")
def get(  # noqa: PLR0913 - click hands over one argument for each option
    *,
    names: tuple[str, ...],
    at: str | None,
    around: str | None,
    km: float,
    name: str | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Download extracts and build a region of them.

    NAME is one of the catalogue (see 'crossroads region find'), or the address of an .osm.pbf.
    Several become one region. What was interrupted goes on where it was when it is run again; a
    region of the same name stays until the new one works.
    """
    from geo.online import Services

    if sum(map(bool, (names, at, around))) != 1:
        raise InputError("give the name of a region, or --at LAT,LON, or --around LAT,LON.")
    if name is not None:
        check_name(name)
    with Services(current_settings()) as services:
        if around:
            _get_around(services, _position(around), km, name, as_json=as_json)
        else:
            choices = _choices(services, names, at)
            _get(services, choices, name or _name_of(choices), ask=not yes, as_json=as_json)


def _get(
    services: Services, choices: Sequence[_Choice], name: str, *, ask: bool, as_json: bool
) -> None:
    from geo.cli.output import progress_bar
    from geo.region.acquire import get_region
    from geo.region.osm_merge import are_neighbours

    check_name(name)
    if not are_neighbours([choice.box for choice in choices if choice.box]):
        raise InputError("these extracts lie far from each other; get a region of each.")
    _tell_sizes(services, choices)
    _confirm(services, name, ask=ask)
    with progress_bar(f"Getting {name}") as progress:
        built = get_region(
            [choice.url for choice in choices],
            name,
            services=services,
            regions_dir=services.settings.regions_dir,
            progress=progress,
        )
    print_built(built, as_json=as_json)


def _get_around(
    services: Services, point: Point, km: float, name: str | None, *, as_json: bool
) -> None:
    from geo.cli.output import progress_bar
    from geo.online.hosts import host_of
    from geo.region.acquire import area_boxes, get_area

    if name is None:
        raise InputError("what shall the area be called? Add --name NAME.")
    boxes = area_boxes(point, km)
    host = host_of(services.settings.overpass_url)
    print_message(
        f"Asking {host} for {len(boxes)} squares of the map, each 10 km wide; it may take a while."
    )
    with progress_bar(f"Getting {name}") as progress:
        built = get_area(
            boxes,
            name,
            services=services,
            regions_dir=services.settings.regions_dir,
            progress=progress,
        )
    print_built(built, as_json=as_json)


def _choices(services: Services, names: Sequence[str], at: str | None) -> list[_Choice]:
    """Return what is to be downloaded; the catalogue is asked for only if a name is in it."""
    from geo.online import file_name

    if at is not None:
        point = _position(at)
        covering = _catalogue(services).covering(point)
        if not covering:
            raise InputError("no extract covers that position; is it on land?")
        print_message(
            f"The smallest extract that covers it is {covering[0].id} ({covering[0].label})."
        )
        return [_choice(covering[0])]
    chosen = []
    for text in names:
        if "://" in text:
            stem = file_name(text).removesuffix(".osm.pbf").removesuffix("-latest").lower()
            chosen.append(_Choice(file_name(text), text, re.sub(r"[^a-z0-9_-]+", "-", stem)[:64]))
        else:
            chosen.append(_choice(_catalogue(services).find(text)))
    return chosen


def _choice(offer: CatalogueEntry) -> _Choice:
    return _Choice(offer.label, offer.url, offer.region_name, offer.bbox)


def _catalogue(services: Services) -> Catalogue:
    catalogue = services.catalogue()
    if catalogue.is_old:
        print_message(
            f"The catalogue cannot be reached; this is a copy of {catalogue.at:%Y-%m-%d}."
        )
    return catalogue


def _name_of(choices: Sequence[_Choice]) -> str:
    if len(choices) != 1:
        raise InputError("what shall the region of several extracts be called? Add --name NAME.")
    return choices[0].region_name


def _position(text: str) -> Point:
    point = parse_coordinates(text)
    if point is None:
        raise InputError("that is no position; give it as LAT,LON, like 44.26,-72.58.")
    return point


def _tell_sizes(services: Services, choices: Sequence[_Choice]) -> None:
    from geo.online import request_head
    from geo.online.download import DISK_FACTOR

    sizes = [request_head(services.client, choice.url).size for choice in choices]
    for choice, size in zip(choices, sizes, strict=True):
        download = f"{_megabytes(size)} MB to download" if size is not None else "size unknown"
        print_message(f"{choice.label}: {download}.")
    total = sum(size or 0 for size in sizes)
    if total:
        print_message(
            f"On disk it needs about {total * DISK_FACTOR / 1e6:,.0f} MB while it is built."
        )


def _confirm(services: Services, name: str, *, ask: bool) -> None:
    """Ask whoever sits there; a script is not asked."""
    regions_dir = services.settings.regions_dir
    if name in list_regions(regions_dir):
        built = ""
        with suppress(UnreadableRegion, SetupError):
            built = f" of {read_manifest(regions_dir / name).built_at:%Y-%m-%d}"
        print_message(f"It replaces region {name!r}{built} once it works.")
    if ask and sys.stdin is not None and sys.stdin.isatty():
        click.confirm(f"Get {name}?", default=True, abort=True, err=True)


def _sizes(services: Services, offers: Sequence[CatalogueEntry]) -> list[int | None]:
    from geo.online import request_head

    sizes: list[int | None] = []
    for offer in offers:
        try:
            sizes.append(request_head(services.client, offer.url).size)
        except (OnlineError, InputError, SetupError):
            sizes.append(None)
    return sizes


def _to_json(offer: CatalogueEntry, size: int | None) -> dict[str, object]:
    return {
        "id": offer.id,
        "name": offer.name,
        "part_of": list(offer.parents),
        "codes": list(offer.codes),
        "url": offer.url,
        "bytes": size,
    }


def _megabytes(size: int | None) -> str:
    return "" if size is None else f"{size / 1e6:,.1f}"
