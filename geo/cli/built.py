"""What a command says of a region that was built."""

from __future__ import annotations

import json
from collections.abc import Sequence

import click

from geo.cli.arguments import tell
from geo.model import BBox
from geo.region import Manifest

_SHOWN = 5


def print_built(manifest: Manifest, *, as_json: bool) -> None:
    """Tell that a region was built, or print all of it as JSON.

    Parameters
    ----------
    manifest
        What was built.
    as_json
        Print JSON on stdout.
    """
    if as_json:
        print_manifest(manifest)
        return
    counts = manifest.counts
    tell(
        f"Built {manifest.name} in {sum(manifest.step_seconds.values()):.1f} s:"
        f" {counts['junctions']:,} junctions, {counts['places']:,} places,"
        f" {counts['names']:,} names, {manifest.bytes / 1e6:.1f} MB."
    )
    if cut := counts.get("cut_roads", 0):
        leave = "road leaves the extract and is" if cut == 1 else "roads leave the extract and are"
        tell(f"{cut:,} {leave} cut off at its edge.")


def tell_missing(missing: Sequence[BBox], reason: str) -> None:
    """Say which boxes are missing, and why; nothing where none is.

    Parameters
    ----------
    missing
        Boxes that were not answered.
    reason
        Why not, as a sentence.
    """
    if not missing:
        return
    shown = "; ".join(
        f"{box.south:.2f},{box.west:.2f} to {box.north:.2f},{box.east:.2f}"
        for box in missing[:_SHOWN]
    )
    more = f"; and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
    tell(
        f"Not answered: {len(missing)} of the boxes ({shown}{more}), because {reason}"
        " What was answered is kept for a day, so run it again later to fill the gaps."
    )


def print_manifest(manifest: Manifest) -> None:
    """Print all that is known of a region as JSON.

    Parameters
    ----------
    manifest
        The region's.
    """
    click.echo(json.dumps(manifest.to_json(), indent=1, ensure_ascii=False))
