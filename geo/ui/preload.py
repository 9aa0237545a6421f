"""What the pages need, made ready before somebody waits for it.

What they import is imported before the first visitor comes: it takes more than a second. What is
compiled is loaded after the first answer, while that is being read.
"""

from functools import cache
from threading import Thread

from geo.export import formats
from geo.isochrone import isochrones
from geo.meetup import meet_halfway
from geo.network import warm
from geo.proximity import near_me
from geo.ui import cards, controls, finder, origin, page, people, regions, share

__all__ = [
    "cards",
    "controls",
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
    "warm_beside",
]


@cache
def warm_beside() -> None:
    """Load what searches compile, in a thread of its own; once, however often it is called."""
    Thread(target=warm, name="warm").start()
