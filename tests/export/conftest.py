from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest
from shapely import MultiPolygon
from shapely import Point as Dot

from geo.export.listing import Area, Listing, StartLabel
from geo.export.results import near_listing
from geo.meetup import Halfway, HalfwayRequest, MeetingPlace, TradeOff
from geo.model import BBox, Place, Point
from geo.network import Reach
from geo.proximity import Nearby, NearbyPlace
from geo.region import Manifest
from geo.units import Measures

MONDAY = datetime(2026, 5, 4, 10)

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd",
    "-2+3",
    "+376 123 456",
    "＝1+1",
    "]]></name><script>alert(1)</script>",
    "a\0b\x1b[31mred\x07",
    "line\r\nBEGIN:VEVENT\nSUMMARY:injected",
    "\u202egnp.exe",
    "مقهى الزاوية",
    "x" * 1000,
    "\ud800 lone \uffff",
    "semi;colon, comma \"quote\" 'tick' \\n back\\slash",
    "</script></style><!--",
    "{{7*7}} ${7*7} %s %(x)s",
    "&lt;b&gt; &amp;",
    "\t=1+1",
    "😀 café",
]


@pytest.fixture(params=HOSTILE, ids=[f"hostile{i}" for i in range(len(HOSTILE))])
def hostile(request: pytest.FixtureRequest) -> str:
    """Return each of the names that would break a careless format."""
    return str(request.param)


def place(name: str | None, number: int = 1, **tags: str) -> Place:
    """Return a café in Andorra la Vella, each number a little further east."""
    return Place(f"n{number}", name, "cafe", Point(1.52 + number / 1000, 42.5), tags)


@pytest.fixture(scope="session")
def manifest() -> Manifest:
    return Manifest(
        name="andorra", build="b", source="andorra.osm.pbf", source_bytes=1,
        osm_timestamp=datetime(2025, 9, 1, tzinfo=UTC), bbox=BBox(1.4, 42.4, 1.8, 42.7),
        counts={}, step_seconds={}, files={},
    )  # fmt: skip


MakeListing = Callable[..., Listing]


@pytest.fixture(scope="session")
def near(manifest: Manifest) -> MakeListing:
    """Return a function that makes the listing of what is near, from names."""

    def make(*names: str | None, areas: bool = False, miles: bool = False) -> Listing:
        found = [
            NearbyPlace(
                place=place(name, i, opening_hours="Mo-Fr 09:00-17:00"),
                travel_time_s=60.0 * i,
                return_time_s=None if i == 2 else 66.0 * i,
                length_m=1000.0 * i,
            )
            for i, name in enumerate(names, start=1)
        ]
        reach = cast("Reach", SimpleNamespace(cutoff_s=1800.0))
        bands = [Area("15 min", 15, disc(0.01, hole=0.004)), Area("30 min", 30, disc(0.02))]
        return near_listing(
            Nearby(Point(1.5, 42.51), reach, found),
            manifest,
            at=MONDAY,
            start=StartLabel("Andorra la Vella", Point(1.52, 42.5)),
            areas=bands if areas else [],
            measures=Measures(miles=miles),
        )

    return make


def disc(radius_deg: float, hole: float = 0.0) -> MultiPolygon:
    """Return a round area, with a hole in it where asked for."""
    center = Dot(1.52, 42.5)
    area: Any = center.buffer(radius_deg)
    return MultiPolygon([area - center.buffer(hole) if hole else area])


@pytest.fixture(scope="session")
def halfway() -> Halfway:
    """Return where three people meet, one of whom no road leads to anywhere."""
    inf = float("inf")
    fair = MeetingPlace(
        place("Fair", 1), (600.0, 660.0, inf), (9e3, 9.5e3, inf), (630.0, 600.0, inf)
    )
    least = MeetingPlace(
        place("Least", 2), (960.0, 60.0, inf), (14e3, 500.0, inf), (990.0, 60.0, inf)
    )
    people = (Point(1.5, 42.5), Point(1.6, 42.6), Point(1.7, 42.7))
    return Halfway(
        request=HalfwayRequest(people, cutoff_s=1200.0, with_return=True),
        places=(fair, least),
        within=True,
        unreachable=(2,),
        trade_off=TradeOff(fair, least, 0, 360.0, 240.0),
        reaches=(None, None, None),
    )


@pytest.fixture(scope="session")
def make_place() -> Callable[..., Place]:
    return place
