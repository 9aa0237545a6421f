"""The colours of the map: the ground by day and by night, the bands, the pins, the people.

Bands follow the palette of Okabe and Ito, made to be told apart with any colour vision
(https://jfly.uni-koeln.de/color/), its orange a little redder so that it stays orange over woods.
They are labelled on the map as well, so colour is never the only sign. Pins and people carry white
text, with a contrast of at least 4.5 to 1 (WCAG AA).
"""

from __future__ import annotations

from dataclasses import dataclass

BAND_COLORS = ("#0072b2", "#009e73", "#f08a24", "#cc79a7")
"""From the nearest band outwards."""

PEOPLE_COLORS = (
    "#1767b0", "#c2410c", "#26793a", "#9c36b5", "#a61e4d", "#0b7285",
    "#5f3dc4", "#7d5b00", "#495057", "#b02a37",
)  # fmt: skip
"""Of people and of the groups that meet, in turn; the same on screen and on paper."""

LEVEL_COLORS = ("#0b6e74", "#7d5b00", "#c2410c", "#a61e4d", "#6a1b4d", "#3b1030")
"""Of people with a place, without one within the shortest drive, the next, and so on."""

SUGGESTED_COLOR = "#5f3dc4"
UNREACHED_COLOR = "#495057"
"""Of a membership that is suggested, and of one that nobody reaches."""

ROUTE_COLOR = "#5b2be0"
"""Apart from every road and every band."""


def group_color(number: int) -> str:
    """Return the colour of a group; numbers count from 1, and colours begin again."""
    return PEOPLE_COLORS[(number - 1) % len(PEOPLE_COLORS)]


@dataclass(frozen=True, slots=True)
class Palette:
    """What the ground looks like, as CSS colours; the names are those of the tiles' classes."""

    land: str
    wood: str
    grass: str
    farmland: str
    scrub: str
    rock: str
    sand: str
    glacier: str
    wetland: str
    residential: str
    industrial: str
    park: str
    water: str
    waterway: str
    building: str
    building_edge: str
    motorway: str
    motorway_casing: str
    primary: str
    primary_casing: str
    minor: str
    minor_casing: str
    path: str
    rail: str
    ferry: str
    boundary: str
    boundary_glow: str
    ink: str
    soft_ink: str
    halo: str
    water_ink: str
    water_halo: str
    peak_ink: str
    shield_paper: str
    shield_ink: str
    shield_edge: str
    route_casing: str


DAY = Palette(
    land="#f6f3ec",
    wood="#cbe0bd",
    grass="#e1edd0",
    farmland="#f1efdc",
    scrub="#dbe6c6",
    rock="#e6e3dd",
    sand="#f3e9cb",
    glacier="#eef6fb",
    wetland="#d9e8de",
    residential="#ece7e2",
    industrial="#e7e3e6",
    park="#d5e9c4",
    water="#a9d3ea",
    waterway="#8cc2e2",
    building="#ded8d0",
    building_edge="#cdc5bb",
    motorway="#fbb066",
    motorway_casing="#e08d3c",
    primary="#fddb90",
    primary_casing="#e2b458",
    minor="#ffffff",
    minor_casing="#d3cbbf",
    path="#b59e86",
    rail="#a9a4a8",
    ferry="#5f97c4",
    boundary="#8a7398",
    boundary_glow="#c9b8d3",
    ink="#2a2d45",
    soft_ink="#575b6f",
    halo="#ffffff",
    water_ink="#3f78a8",
    water_halo="#e6f3fa",
    peak_ink="#77503c",
    shield_paper="#ffffff",
    shield_ink="#4a4a55",
    shield_edge="#b9b3aa",
    route_casing="#ffffff",
)

NIGHT = Palette(
    land="#1b1f26",
    wood="#1f2e28",
    grass="#212d29",
    farmland="#23272a",
    scrub="#222f29",
    rock="#262a30",
    sand="#2d2c29",
    glacier="#2b3743",
    wetland="#1d2d2f",
    residential="#24282f",
    industrial="#272933",
    park="#20332a",
    water="#12354b",
    waterway="#1f5675",
    building="#2f343c",
    building_edge="#3c424c",
    motorway="#a8713c",
    motorway_casing="#12151a",
    primary="#80694a",
    primary_casing="#12151a",
    minor="#444b57",
    minor_casing="#15181d",
    path="#6d6459",
    rail="#575d68",
    ferry="#4f86ad",
    boundary="#9c86ad",
    boundary_glow="#3a3145",
    ink="#eceef4",
    soft_ink="#b3b8c4",
    halo="#14171c",
    water_ink="#8cc4e6",
    water_halo="#10222f",
    peak_ink="#d5b49c",
    shield_paper="#2c323b",
    shield_ink="#e2e4ea",
    shield_edge="#6a7280",
    route_casing="#0b0d11",
)
