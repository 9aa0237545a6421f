"""Regions on this computer: ``crossroads region`` build, list, info, remove, update and refresh."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from geo.cli.options import current_settings, example, print_message, print_table
from geo.cli.output import print_built, print_manifest, print_missing
from geo.cli.region_get import find, get
from geo.coordinates import parse_coordinates
from geo.errors import InputError, PlacesMissing, SetupError, UnreadableRegion
from geo.region import (
    Manifest,
    find_region,
    list_regions,
    read_freshness,
    read_manifest,
    remove_region,
)

if TYPE_CHECKING:
    from geo.online import Services


@click.command(epilog=example("crossroads region update", "crossroads region update vermont"))
@click.argument("name", required=False)
@click.option("--force", is_flag=True, help="Update even if the region is not outdated.")
@click.option("--json", "as_json", is_flag=True, help="Print what was built as JSON.")
def update(name: str | None, force: bool, as_json: bool) -> None:
    """Re-download outdated regions.

    Without NAME, all that are older than CROSSROADS_STALE_DAYS (90). Each stays as it is until the
    new one works.
    """
    from geo.online import Services
    from geo.region.manifest import is_outdated

    settings = current_settings()
    older_than = timedelta(days=settings.stale_days)
    regions_dir = settings.regions_dir
    with Services(settings) as services:
        for one in [name] if name is not None else _updatable(regions_dir):
            folder = find_region(one, regions_dir)
            manifest = read_manifest(folder, allow_outdated=True)
            if force or is_outdated(folder) or _is_due(manifest, older_than):
                _update(services, one, regions_dir, as_json=as_json)
            else:
                print_message(f"{one} is of {_date(manifest)}, which is young enough.")


@click.command(
    epilog=example(
        "crossroads region refresh vermont",
        "crossroads region refresh vermont --around 44.26,-72.58 --km 30 --kind cafe",
    )
)
@click.argument("name")
@click.option("--around", metavar="LAT,LON", help="Only around here.")
@click.option(
    "--km", type=float, default=30, show_default=True, help="How far --around reaches, in km."
)
@click.option("--kind", "kinds", multiple=True, help="Only places of this kind; can be repeated.")
@click.option(
    "--force", is_flag=True, help="Refresh even if more than a fifth of the places are gone."
)
def refresh(name: str, around: str | None, km: float, kinds: tuple[str, ...], force: bool) -> None:
    """Ask OpenStreetMap for the places of a region as they are now.

    Squares of the map are asked for, 10 km wide and the same for everybody; never a position.
    """
    from geo.cli.output import progress_bar
    from geo.online import Services
    from geo.region.acquire import area_boxes
    from geo.region.refresh import RefreshScope, refresh_places

    settings = current_settings()
    point = parse_coordinates(around) if around else None
    if around and point is None:
        raise InputError("that is no position; give it as LAT,LON, like 44.26,-72.58.")
    boxes = tuple(area_boxes(point, km)) if point is not None else None
    scope = RefreshScope(boxes, kinds or None, force)
    with Services(settings) as services, progress_bar(f"Refreshing {name}") as progress:
        try:
            done = refresh_places(
                name, scope, services=services, regions_dir=settings.regions_dir, progress=progress
            )
        except PlacesMissing as error:
            advice = f"{error} If that is right, add --force."
            raise PlacesMissing(advice, gone=error.gone) from error
    fresh = done.fresh
    print_missing(done.missing, done.reason)
    print_message(
        f"Refreshed {name}: {fresh.new:,} new places, {fresh.changed:,} changed,"
        f" {fresh.gone:,} gone; map data of {done.osm_timestamp:%Y-%m-%d %H:%M} UTC."
    )


def _update(services: Services, name: str, regions_dir: Path, *, as_json: bool) -> None:
    from geo.cli.output import progress_bar
    from geo.region.acquire import update_region

    with progress_bar(f"Updating {name}") as progress:
        got = update_region(name, services=services, regions_dir=regions_dir, progress=progress)
    if got is None:
        manifest = read_manifest(find_region(name, regions_dir))
        print_message(f"{name} is already the newest that is published: of {_date(manifest)}.")
    else:
        print_built(got, as_json=as_json)


def _updatable(regions_dir: Path) -> Sequence[str]:
    """Return the regions that came from the internet; tell of those that cannot be read."""
    from geo.region.manifest import can_update

    found = []
    for name in list_regions(regions_dir):
        try:
            if can_update(read_manifest(regions_dir / name, allow_outdated=True)):
                found.append(name)
        except (SetupError, UnreadableRegion) as error:
            print_message(f"crossroads: {error}")
    if not found:
        print_message("No region came from the internet; 'crossroads region get NAME' gets one.")
    return found


def _is_due(manifest: Manifest, older_than: timedelta) -> bool:
    from geo.region.acquire import is_due

    return is_due(manifest, now=datetime.now(UTC), older_than=older_than)


def _date(manifest: Manifest) -> str:
    return f"{manifest.osm_timestamp or manifest.built_at:%Y-%m-%d}"


@click.group(
    epilog=example("crossroads region find vermont", "crossroads region get vermont"),
)
def region() -> None:
    """Get, build, list, look at and remove regions."""


for _command in (find, get, update, refresh):
    region.add_command(_command)


@region.command(epilog=example("crossroads region build andorra.osm.pbf --name andorra"))
@click.argument("extracts", metavar="EXTRACT...", nargs=-1, required=True)
@click.option("--name", required=True, help="What to call the region; replaces one of that name.")
@click.option("--json", "as_json", is_flag=True, help="Print what was built as JSON.")
def build(extracts: tuple[str, ...], name: str, as_json: bool) -> None:
    """Build a region from an OpenStreetMap extract (.osm.pbf, .osm, .osm.bz2).

    Several extracts that meet at a border become one region.
    """
    from geo.cli.output import progress_bar
    from geo.region.build import build_region

    paths = list(map(Path, extracts))
    regions_dir = current_settings().regions_dir
    with progress_bar(f"Building {name}") as progress:
        manifest = build_region(paths, name, regions_dir=regions_dir, progress=progress)
    print_built(manifest, as_json=as_json)


@region.command("list", epilog=example("crossroads region list"))
@click.option("--json", "as_json", is_flag=True, help="Print the names as a JSON list.")
def list_(as_json: bool) -> None:
    """List the regions that are built."""
    regions_dir = current_settings().regions_dir
    names = list_regions(regions_dir)
    if as_json:
        click.echo(json.dumps(names))
    elif not names:
        print_message("No region yet: 'crossroads region get NAME'.")
    else:
        print_table(
            ("name", "data of", "junctions", "places", "MB"),
            [_row(regions_dir / name) for name in names],
            right=("junctions", "places", "MB"),
        )


@region.command(epilog=example("crossroads region info andorra"))
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def info(name: str, as_json: bool) -> None:
    """Tell what a region was made from and what it holds."""
    folder = find_region(name, current_settings().regions_dir)
    manifest, fresh = read_manifest(folder), read_freshness(folder)
    if as_json:
        print_manifest(manifest)
        return
    box = manifest.bbox
    facts = [
        ("name", manifest.name),
        ("source", f"{manifest.source} ({manifest.source_bytes / 1e6:.1f} MB)"),
        *(("from", url) for url in _addresses(manifest)),
        ("data of", _region_date(manifest.osm_timestamp)),
        *([("places of", _region_date(fresh.osm_timestamp))] if fresh else []),
        ("built", f"{manifest.built_at:%Y-%m-%d %H:%M} UTC"),
        ("box", f"{box.south:.4f},{box.west:.4f} to {box.north:.4f},{box.east:.4f}"),
        *((key.replace("_", " "), f"{value:,}") for key, value in manifest.counts.items()),
        ("on disk", f"{manifest.bytes / 1e6:.1f} MB"),
        ("data", f"{manifest.attribution}, {manifest.licence}"),
    ]
    for key, value in facts:
        click.echo(f"{key:<10} {value}")


@region.command(epilog=example("crossroads region remove andorra"))
@click.argument("name")
def remove(name: str) -> None:
    """Delete a region; its extract is not touched."""
    remove_region(name, current_settings().regions_dir)
    print_message(f"Removed {name}.")


def _addresses(manifest: Manifest) -> list[str]:
    """Return where the sources came from; a server that was asked for squares stands there once."""
    counts = Counter(source.url.partition("#")[0] for source in manifest.sources if source.url)
    return [f"{url} ({n} squares)" if n > 1 else url for url, n in counts.items()]


def _row(folder: Path) -> tuple[str, ...]:
    try:
        manifest = read_manifest(folder)
    except (SetupError, UnreadableRegion) as error:
        print_message(f"crossroads: {error}")
        return (folder.name, "unreadable", "", "", "")
    counts = manifest.counts
    return (
        manifest.name,
        _region_date(manifest.osm_timestamp),
        f"{counts['junctions']:,}",
        f"{counts['places']:,}",
        f"{manifest.bytes / 1e6:.1f}",
    )


def _region_date(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else "unknown date"
