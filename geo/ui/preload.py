"""What the pages need, made ready before somebody waits for it.

What they import is imported before the first visitor comes: it takes more than a second. What is
compiled is loaded beside, while the first page is drawn.
"""

from functools import cache
from threading import Thread

from geo.export import coverage, formats, plan_pack
from geo.isochrone import isochrones
from geo.meetup import meet_halfway, plan_meetups
from geo.network import warm
from geo.proximity import near_me
from geo.ui import (
    add_region,
    cards,
    controls,
    job_status,
    outside_region,
    page,
    place_search,
    region_jobs,
    regions,
    share,
    starting_points,
    venue_editor,
)
from geo.ui.maintenance import freeze_garbage_collector
from geo.ui.plan import results, save

__all__ = [
    "add_region",
    "cards",
    "controls",
    "coverage",
    "formats",
    "freeze_garbage_collector",
    "isochrones",
    "job_status",
    "meet_halfway",
    "near_me",
    "outside_region",
    "page",
    "place_search",
    "plan_meetups",
    "plan_pack",
    "region_jobs",
    "regions",
    "results",
    "save",
    "share",
    "starting_points",
    "venue_editor",
    "warm_up_in_background",
]


@cache
def warm_up_in_background() -> None:
    """Load what searches compile, in a thread of its own; once, however often it is called."""
    Thread(target=_warm_up, name="warm").start()


def _warm_up() -> None:
    warm()
    freeze_garbage_collector()
