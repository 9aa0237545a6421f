"""``crossroads region update`` and ``crossroads region refresh``: keeping a region young."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from geo.cli.arguments import example, tell
from geo.cli.built import print_built, tell_missing
from geo.coordinates import parse_coordinates
from geo.errors import InputError, PlacesMissing, SetupError, UnreadableRegion
from geo.region import Manifest, find_region, list_regions, read_manifest
from geo.settings import read_settings

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

    settings = read_settings()
    older_than = timedelta(days=settings.stale_days)
    regions_dir = settings.regions_dir
    with Services(settings) as services:
        for one in [name] if name is not None else _updatable(regions_dir):
            folder = find_region(one, regions_dir)
            manifest = read_manifest(folder, of_earlier=True)
            if force or is_outdated(folder) or _is_due(manifest, older_than):
                _update(services, one, regions_dir, as_json=as_json)
            else:
                tell(f"{one} is of {_date(manifest)}, which is young enough.")


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
    from geo.cli.progress import progress_bar
    from geo.online import Services
    from geo.region.area import area_boxes
    from geo.region.refresh import RefreshScope, refresh_places

    settings = read_settings()
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
    tell_missing(done.missing, done.reason)
    tell(
        f"Refreshed {name}: {fresh.new:,} new places, {fresh.changed:,} changed,"
        f" {fresh.gone:,} gone; map data of {done.osm_timestamp:%Y-%m-%d %H:%M} UTC."
    )


def _update(services: Services, name: str, regions_dir: Path, *, as_json: bool) -> None:
    from geo.cli.progress import progress_bar
    from geo.region.update import update_region

    with progress_bar(f"Updating {name}") as progress:
        got = update_region(name, services=services, regions_dir=regions_dir, progress=progress)
    if got is None:
        manifest = read_manifest(find_region(name, regions_dir))
        tell(f"{name} is already the newest that is published: of {_date(manifest)}.")
    else:
        print_built(got, as_json=as_json)


def _updatable(regions_dir: Path) -> Sequence[str]:
    """Return the regions that came from the internet; tell of those that cannot be read."""
    from geo.region.manifest import can_update

    found = []
    for name in list_regions(regions_dir):
        try:
            if can_update(read_manifest(regions_dir / name, of_earlier=True)):
                found.append(name)
        except (SetupError, UnreadableRegion) as error:
            tell(f"crossroads: {error}")
    if not found:
        tell("No region came from the internet; 'crossroads region get NAME' gets one.")
    return found


def _is_due(manifest: Manifest, older_than: timedelta) -> bool:
    from geo.region.update import is_due

    return is_due(manifest, now=datetime.now(UTC), older_than=older_than)


def _date(manifest: Manifest) -> str:
    return f"{manifest.osm_timestamp or manifest.built_at:%Y-%m-%d}"
