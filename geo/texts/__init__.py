"""Sentences of several pages, and helpers for sentences; one module holds those of each page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MapTexts:
    """Every word of the component itself, in one place to be translated."""

    map: str = "Map. Arrow keys move it, plus and minus zoom, Enter starts at the crosshair."
    click: str = "Click the map to start there, or drag the star"
    press: str = "Press and hold to start there"
    origin: str = "The start"
    more: str = "{name}, and {count} more here"
    details: str = "Details"
    zoom_in: str = "Zoom in"
    zoom_out: str = "Zoom out"
    fit: str = "Show everything"
    locate: str = "Start at my position"
    no_position: str = "The browser gave no position."
    no_map: str = "The map cannot be drawn here: this browser has no WebGL. The list works."
    legend: str = "Drive"


PRODUCT = "Crossroads"
NEAR = "Near me"
HALFWAY = "Meet halfway"
REGIONS = "Regions"
AUDIT = "Audit"
COLLEAGUES = "Colleagues"
PROFILE = "My profile"
ROSTER = "Roster"
MEETUPS = "Kept plans"
PLAN = "Plan meetups"
COVERAGE = "Coverage"
VENUES = "Own venues"
MORE = "More"
PAGE_NOT_FOUND = "There is no page here"
PAGE_NOT_FOUND_HELP = "The link may be old or cut off. These pages are here:"

NEAR_INTRO = "Where can you work or meet people, within a real drive?"
NEAR_EMPTY = "Type where you start, or choose it on the map"
HALFWAY_INTRO = "Where is it fair to meet, if each of you starts somewhere else?"
HALFWAY_EMPTY = "Add two or more starting points: type them, or choose them on the map"
HALFWAY_ONE_START = "One more starting point, and places to meet are found"
REGIONS_INTRO = "What this app knows: each region is built once and answered from memory."

START = "Start"
START_HINT = "Town, street, postcode or 52.67, -0.73"
ADD_START = "Add a starting point"
TOO_MANY = "That is more than {most} starting points; remove one first."
START_IN = "Start in {name}"
START_IN_EITHER = "Try {first} and {second}"
UNMATCHED = "Not on the map: {words}"
SEARCH_WEB = "Search the web for this address"
NAMES_FAILED = "The names could not be fetched. Try again."
NAMES_FOUND = "{count} names"
LONGEST_DRIVE = "Longest drive there"
MINUTES = "Minutes"
KINDS = "Look for"
ALL_KINDS_HELP = "With none chosen: everything that is usual to work or meet at."
WHEN = "When"
ANY_TIME, NOW, AT_TIME = "Any time", "Open now", "Open at"
WHEN_OPTIONS = (ANY_TIME, NOW, AT_TIME)
AT_TIME_LABEL = "Day and time there"
ROADS = "State of the roads"
ROAD_STATES = {"dry": "Dry roads", "mud": "Mud season", "winter": "Winter roads"}
FERRIES, TOLLS = "Take ferries", "Take toll roads"
NO_FERRIES, NO_TOLLS = "no ferries", "no tolls"
ORDER = "Order of the list"
NEAREST, BEST_FOR_WORK = "Nearest first", "Best to work at"
REGION = "Region"
NO_SUCH_REGION = "The link asks for the region “{name}”, which is not installed here."
FICTIONAL = "This county is fictional: nobody lives there, and no such place exists."
EXACT_START = "Exact start in links and files"
EXACT_START_HELP = (
    "Off, links and files are made as if you started in the middle of your settlement, so nobody"
    " can tell where you live from them."
)
SHARE = "Share"
SHARE_PENDING = "Making the link…"
SHARE_LINK = "This link opens the same view:"
QR = "QR code of the link"
LINK_TOO_LONG = "The link is too long for a QR code."
FILES = "Save what was found:"
INVITE = "Invite to {name}:"
INVITE_HELP = "Open a place in the list to make an invitation to it."
INVITE_AT = "When, in the place's own time"
INVITE_TITLE = "Meet at {name}"
INVITE_FILE = "Invitation"
CHANGED_INVITATION = "Changed invitation"
CANCEL_INVITATION = "Call it off"
OBJECTIVES = {"fairest": "Fairest", "total": "Least driving", "mix": "A bit of both"}
OBJECTIVE_HELP = {
    "fairest": "the longest drive is as short as can be",
    "total": "all drives together are as short as can be",
    "mix": "the longest drive and the mean weigh alike",
}
RANK_BY = "What counts"
REMOVE = "Remove {name}"
CLEAR = "Start over"
WITH_COLLEAGUES = "With colleagues"
EVERYONE = "in everyone's reach"
OUTSIDE_ROADS = (
    "That is {distance} from the nearest road of this region. Choose a point nearer to its roads."
)
ACROSS_WATER = "Water separates this point from the roads around it. Choose a point next to a road."
ADD_KIND = "Also look for {kinds}"
REMOVE_REGION = "Remove"
REMOVE_CONFIRM = "Yes, remove {name}"
REMOVE_HELP = "Its {megabytes} MB are deleted; the extract that it was built from is not touched."
NO_REGIONS = "None yet. Open “Near me”, and the fictional sample county is built."
BUILD_HELP = "Or build one from an OpenStreetMap extract that you have:"
BUILDING_SAMPLE = "Building the fictional sample county, once…"
NO_DATE = "not known"
STATES = {"open": "Open", "closed": "Closed", "unknown": "Hours not known"}
WEBSITE = "Website"
EDIT_ON_OSM = "Fix on OpenStreetMap"
SERVICES = {
    "osm": "OpenStreetMap",
    "google": "Google Maps",
    "apple": "Apple Maps",
    "waze": "Waze",
    "geo": "Map app",
}
HALFWAY_MAP = MapTexts(
    map="Map. Arrow keys move it, plus and minus zoom, Enter adds a start at the crosshair.",
    click="Click the map to add a starting point",
    press="Press and hold to add a starting point",
    locate="Add my position",
)
COUNTS = {
    "places": "places to work or meet at",
    "names": "names and addresses",
    "junctions": "junctions",
}
OPEN_AT_LABEL = "Open {at:%a %H:%M}"
RETURN_DRIVE = "{text} back"
TOTAL_DRIVE = "{text} in all"
STATE_UNTIL = "{state} until {clock}"
NO_SUCH_NAME = "“{{text}}” is not in {region}. Check the spelling, or choose on the map."
ADDRESS_IN_OTHER_REGION = "That is in {{place}}, not in {region}."
NO_PLACES_WITHIN = "Nothing like that is within {limit}."
PERSON_NUMBER = "Person {number}"
PERSON_FROM = "{number} · {label}"
REGION_AGE = "Map data of {date}, from {source}, built {built}."


def capitalise(text: str) -> str:
    """Return a text that begins with a capital; the rest is kept as it is."""
    return text[:1].upper() + text[1:]


def join_names(names: Sequence[str], *, most: int | None = None) -> str:
    """Return names as a sentence lists them.

    Examples
    --------
    >>> join_names(["Ana", "Ben", "Cleo"]), join_names(["a", "b", "c", "d", "e"], most=4)
    ('Ana, Ben and Cleo', 'a, b, c and 2 others')
    """
    if most is not None and len(names) > most:
        names = [*names[: most - 1], f"{len(names) - most + 1} others"]
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def plural(count: int, one: str, many: str | None = None) -> str:
    """Return a number of things, as "1 meetup" or "2 people"; `many` is `one` with an s if None."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def non_breaking(text: str) -> str:
    """Return a measure that no line break may tear apart."""
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def minutes(value: float) -> str:
    """Return a drive as bands and sliders say it."""
    return f"{value:g}\N{NO-BREAK SPACE}min"


def within_label(value: float) -> str:
    """Return what the chip of the longest drive says."""
    return f"Within {minutes(value)}"


def kinds_label(plurals: Sequence[str]) -> str:
    """Return what the chip of the kinds says.

    Examples
    --------
    >>> kinds_label([]), kinds_label(["cafés"]), kinds_label(["cafés", "libraries", "pubs"])
    ('Any place', 'Cafés', 'Cafés + 2')
    """
    if not plurals:
        return "Any place"
    more = f" + {len(plurals) - 1}" if len(plurals) > 1 else ""
    return capitalise(plurals[0]) + more


def places_heading(count: int, limit: str) -> str:
    """Return the heading of what is near."""
    return f"{plural(count, 'place')} within {limit}"


def rank_label(position: int, count: int, kind: str, kind_position: int) -> str:
    """Return why a place stands where it does, by its drive."""
    if position == 1:
        return "The nearest of all."
    nearest = f"the nearest {kind}" if kind_position == 1 else f"{kind} number {kind_position}"
    return f"Number {position} of {count} by the drive there; {nearest}."


def work_score_label(score: int, reasons: list[str]) -> str:
    """Return how well one can work at a place, and why."""
    known = f": {', '.join(reasons)}." if reasons else "; the map knows no more about it."
    return f"To work at, {score} of 100{known}"


def nearest_beyond_heading(count: int) -> str:
    """Return what is said over the nearest places beyond the limit."""
    if not count:
        return "The map knows none farther away either."
    return "These are the nearest beyond it." if count > 1 else "This is the nearest beyond it."


def meeting_places(count: int) -> str:
    """Return the heading of where to meet."""
    return plural(count, "place to meet", "places to meet")
