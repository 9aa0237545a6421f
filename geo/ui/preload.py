"""What the pages need, made ready before somebody waits for it.

What they import is imported before the first visitor comes: it takes more than a second. What is
compiled is loaded after the first answer, while that is being read.
"""

from functools import cache
from threading import Thread

from geo.export import coverage, formats, plan_pack
from geo.isochrone import isochrones
from geo.meetup import meet_halfway, plan_meetups
from geo.network import warm
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
    venue_editor,
)
from geo.ui.lasting import keep_for_good
from geo.ui.plan import answer, comparing, office, saving

__all__ = [
    "adding",
    "answer",
    "cards",
    "comparing",
    "controls",
    "coverage",
    "desk",
    "elsewhere",
    "errands",
    "finder",
    "formats",
    "isochrones",
    "keep_for_good",
    "meet_halfway",
    "near_me",
    "office",
    "origin",
    "page",
    "people",
    "plan_meetups",
    "plan_pack",
    "regions",
    "saving",
    "share",
    "venue_editor",
    "warm_beside",
]


@cache
def warm_beside() -> None:
    """Load what searches compile, in a thread of its own; once, however often it is called."""
    Thread(target=_warm, name="warm").start()


def _warm() -> None:
    warm()
    keep_for_good()
