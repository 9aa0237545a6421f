"""What the pages import, imported before the first visitor comes: it takes more than a second."""

from geo.export import formats
from geo.isochrone import isochrones
from geo.meetup import meet_halfway
from geo.proximity import near_me
from geo.ui import (
    adding,
    cards,
    controls,
    desk,
    elsewhere,
    errands,
    finder,
    origin,
    page,
    people,
    regions,
    share,
)

__all__ = [
    "adding",
    "cards",
    "controls",
    "desk",
    "elsewhere",
    "errands",
    "finder",
    "formats",
    "isochrones",
    "meet_halfway",
    "near_me",
    "origin",
    "page",
    "people",
    "regions",
    "share",
]
