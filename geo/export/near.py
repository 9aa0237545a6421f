"""What is near, as a listing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from geo.export import words
from geo.export.links import map_links
from geo.export.listing import Area, Column, Entry, Listing, Source, Start, place_columns
from geo.measures import Measures
from geo.places import label, opening
from geo.proximity import Nearby, NearbyPlace
from geo.region import Manifest


def near_listing(
    nearby: Nearby,
    manifest: Manifest,
    *,
    at: datetime,
    start: Start | None = None,
    areas: Sequence[Area] = (),
    measures: Measures | None = None,
) -> Listing:
    """Return the answer as a listing.

    Parameters
    ----------
    nearby
        The answer.
    manifest
        Of the region that was searched.
    at
        When the places should be open; without a time zone it is each place's own local time.
    start
        What may be said of the origin; nothing if None.
    areas
        Isochrones to draw below.
    measures
        How the reader measures.
    """
    start = start or Start()
    with_return = any(found.return_time_s is not None for found in nearby.places)
    first, last = place_columns()
    middle = [Column.simple("minutes", "minutes"), Column.simple("km", "km")]
    if with_return:
        middle.insert(1, Column.simple("return_minutes", "minutes"))
    origin = start.point and {
        "lat": start.point.lat,
        "lon": start.point.lon,
        "label": start.address,
        "unmatched": list(start.unmatched),
    }
    return Listing(
        title=words.near_title(start.label, nearby.reach.cutoff_s / 60),
        summary={"region": manifest.name, "origin": origin},
        source=Source.of(manifest),
        starts=(start,),
        columns=(*first, *middle, last),
        entries=tuple(_entry(found, at, with_return=with_return) for found in nearby.places),
        areas=tuple(sorted(areas, key=lambda area: -area.minutes)),
        measures=measures or Measures(),
    )


def _entry(found: NearbyPlace, at: datetime, *, with_return: bool) -> Entry:
    place = found.place
    back_s = found.return_time_s
    values: dict[str, Any] = {
        "osm_id": place.osm_id,
        "name": label(place),
        "kind": place.kind,
        "lat": place.point.lat,
        "lon": place.point.lon,
        "minutes": round(found.minutes, 3),
        "km": round(found.km, 3),
        "open": opening.state(place, at),
        "links": map_links(place),
    }
    if with_return:
        values["return_minutes"] = None if back_s is None else round(back_s / 60, 3)
    return Entry(place, values)
