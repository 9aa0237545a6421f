"""``crossroads region``: build, list, info, remove; find, get, update, refresh are beside it."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from pathlib import Path

import click

from geo.cli.arguments import example, tell
from geo.cli.built import print_built, print_manifest
from geo.cli.region_get import find, get
from geo.cli.region_update import refresh, update
from geo.cli.table import print_table
from geo.errors import SetupError, UnreadableRegion
from geo.region import (
    Manifest,
    find_region,
    list_regions,
    read_freshness,
    read_manifest,
    remove_region,
)
from geo.settings import read_settings


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
    from geo.cli.progress import progress_bar
    from geo.region.build import build_region

    paths = list(map(Path, extracts))
    regions_dir = read_settings().regions_dir
    with progress_bar(f"Building {name}") as progress:
        manifest = build_region(paths, name, regions_dir=regions_dir, progress=progress)
    print_built(manifest, as_json=as_json)


@region.command("list", epilog=example("crossroads region list"))
@click.option("--json", "as_json", is_flag=True, help="Print the names as a JSON list.")
def list_(as_json: bool) -> None:
    """List the regions that are built."""
    regions_dir = read_settings().regions_dir
    names = list_regions(regions_dir)
    if as_json:
        click.echo(json.dumps(names))
    elif not names:
        tell("No region yet: 'crossroads region get NAME'.")
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
    folder = find_region(name, read_settings().regions_dir)
    manifest, fresh = read_manifest(folder), read_freshness(folder)
    if as_json:
        print_manifest(manifest)
        return
    box = manifest.bbox
    facts = [
        ("name", manifest.name),
        ("source", f"{manifest.source} ({manifest.source_bytes / 1e6:.1f} MB)"),
        *(("from", url) for url in _addresses(manifest)),
        ("data of", _date(manifest.osm_timestamp)),
        *([("places of", _date(fresh.osm_timestamp))] if fresh else []),
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
    remove_region(name, read_settings().regions_dir)
    tell(f"Removed {name}.")


def _addresses(manifest: Manifest) -> list[str]:
    """Return where the sources came from; a server that was asked for squares stands there once."""
    counts = Counter(source.url.partition("#")[0] for source in manifest.sources if source.url)
    return [f"{url} ({n} squares)" if n > 1 else url for url, n in counts.items()]


def _row(folder: Path) -> tuple[str, ...]:
    try:
        manifest = read_manifest(folder)
    except (SetupError, UnreadableRegion) as error:
        tell(f"crossroads: {error}")
        return (folder.name, "unreadable", "", "", "")
    counts = manifest.counts
    return (
        manifest.name,
        _date(manifest.osm_timestamp),
        f"{counts['junctions']:,}",
        f"{counts['places']:,}",
        f"{manifest.bytes / 1e6:.1f}",
    )


def _date(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else "unknown date"
