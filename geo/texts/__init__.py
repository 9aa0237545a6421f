"""Sentences of several pages, and helpers for sentences; one module holds those of each page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MapTexts:
    """Every word of the component itself, in one place to be translated."""

    map: str = (
        "Map. Use the arrow keys to move, plus and minus to zoom, and Enter to start at the"
        " crosshair."
    )
    click: str = "Click the map to set your start, or drag the star"
    press: str = "Press and hold to set your start"
    origin: str = "Start"
    more: str = "{name}, and {count} more here"
    details: str = "Details"
    zoom_in: str = "Zoom in"
    zoom_out: str = "Zoom out"
    fit: str = "Show everything"
    locate: str = "Use my location"
    no_position: str = "Your browser did not share a location."
    no_map: str = "This browser cannot show the map (no WebGL). The list still works."
    legend: str = "Drive"


PRODUCT = "Crossroads"
NEAR = "Near me"
HALFWAY = "Meet halfway"
REGIONS = "Regions"
AUDIT = "Audit log"
COLLEAGUES = "Colleagues"
PROFILE = "My profile"
ROSTER = "Roster"
MEETUPS = "Saved plans"
PLAN = "Plan meetups"
COVERAGE = "Coverage"
VENUES = "Company venues"
MORE = "More"
PAGE_NOT_FOUND = "Page not found"
PAGE_NOT_FOUND_HELP = "The link may be out of date or incomplete. Go to:"

NEAR_INTRO = "Places to work and meet near you"
NEAR_EMPTY = "Enter your starting point, or choose it on the map"
HALFWAY_INTRO = "Fair places to meet for people who start far apart"
HALFWAY_EMPTY = "Add two or more starting points by typing or on the map"
HALFWAY_ONE_START = "Add one more starting point to find places to meet"
REGIONS_INTRO = "Installed map regions"

START = "Start"
START_HINT = "Town, street, postcode or 52.67, -0.73"
ADD_START = "Add a starting point"
TOO_MANY = "Only {most} starting points are possible. Remove one first."
START_IN = "Start in {name}"
START_IN_EITHER = "Try {first} and {second}"
UNMATCHED = "Not on the map: {words}"
SEARCH_WEB = "Search the web for this address"
NAMES_FAILED = "Suggestions could not be loaded. Try again."
NAMES_FOUND = "{count} names"
LONGEST_DRIVE = "Longest drive"
MINUTES = "Minutes"
KINDS = "Kinds of place"
ALL_KINDS_HELP = "Choose none to see all usual places to work and meet."
WHEN = "When"
ANY_TIME, NOW, AT_TIME = "Any time", "Open now", "Open at"
WHEN_OPTIONS = (ANY_TIME, NOW, AT_TIME)
AT_TIME_LABEL = "Day and local time"
ROADS = "Road conditions"
ROAD_STATES = {"dry": "Dry roads", "mud": "Mud season", "winter": "Winter roads"}
FERRIES, TOLLS = "Use ferries", "Use toll roads"
NO_FERRIES, NO_TOLLS = "no ferries", "no tolls"
ORDER = "Sort by"
NEAREST, BEST_FOR_WORK = "Nearest first", "Best for working"
REGION = "Region"
NO_SUCH_REGION = "The region “{name}” in this link is not installed here."
FICTIONAL = "This county and everyone in it are fictional."
EXACT_START = "Include my exact start in links and files"
EXACT_START_HELP = (
    "When this is off, links and files use the middle of your town or village, so that nobody can"
    " tell from them where you live."
)
SHARE = "Share"
SHARE_PENDING = "Creating the link…"
SHARE_LINK = "This link opens the same view:"
QR = "QR code of the link"
LINK_TOO_LONG = "The link is too long for a QR code."
FILES = "Download the results:"
INVITE = "Invite people to {name}:"
INVITE_HELP = "Open a place in the list to invite people to it."
INVITE_AT = "Day and local time"
INVITE_TITLE = "Meet at {name}"
INVITE_FILE = "Invitation"
CHANGED_INVITATION = "Updated invitation"
CANCEL_INVITATION = "Cancellation"
OBJECTIVES = {"fairest": "Fairest", "total": "Least driving", "mix": "Balanced"}
OBJECTIVE_HELP = {
    "fairest": "keeps the longest drive as short as possible",
    "total": "keeps the total drive as short as possible",
    "mix": "gives the longest and the average drive equal weight",
}
RANK_BY = "Goal"
REMOVE = "Remove {name}"
CLEAR = "Start over"
WITH_COLLEAGUES = "With colleagues"
EVERYONE = "within reach of everyone"
OUTSIDE_ROADS = (
    "That point is {distance} from the nearest road in this region. Choose one closer to a road."
)
ACROSS_WATER = "Water separates this point from every nearby road. Choose a point next to a road."
ADD_KIND = "Also look for {kinds}"
REMOVE_REGION = "Remove"
REMOVE_CONFIRM = "Yes, remove {name}"
REMOVE_HELP = "Deletes {megabytes} MB. The extract it was built from stays."
NO_REGIONS = "No regions yet. Open “Near me” to build the fictional sample county."
BUILD_HELP = "Or build one from your own OpenStreetMap extract:"
BUILDING_SAMPLE = "Building the fictional sample county. This happens only once…"
NO_DATE = "unknown"
STATES = {"open": "Open", "closed": "Closed", "unknown": "Hours unknown"}
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
    map="Map. Use the arrow keys to move, plus and minus to zoom, and Enter to add the crosshair.",
    click="Click the map to add a starting point",
    press="Press and hold to add a starting point",
    locate="Add my location",
)
COUNTS = {
    "places": "places to work and meet",
    "names": "names and addresses",
    "junctions": "junctions",
}
OPEN_AT_LABEL = "Open {at:%a %H:%M}"
RETURN_DRIVE = "{text} back"
TOTAL_DRIVE = "{text} total"
STATE_UNTIL = "{state} until {clock}"
NO_SUCH_NAME = (
    "“{{text}}” was not found in {region}. Check the spelling, or choose a point on the map."
)
ADDRESS_IN_OTHER_REGION = "That address is in {{place}}, not in {region}."
NO_PLACES_WITHIN = "No places found within {limit}."
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


def ordinal(number: int) -> str:
    """Return an ordinal number in figures.

    Examples
    --------
    >>> [ordinal(number) for number in (1, 2, 3, 4, 11, 12, 13, 21, 112)]
    ['1st', '2nd', '3rd', '4th', '11th', '12th', '13th', '21st', '112th']
    """
    teen = number % 100 in {11, 12, 13}
    return f"{number}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def rank_label(position: int, count: int, kind: str, kind_position: int) -> str:
    """Return why a place stands where it does, by its drive."""
    if position == 1:
        return "Nearest place."
    nearest = (
        f"nearest {kind}" if kind_position == 1 else f"{ordinal(kind_position)} nearest {kind}"
    )
    return f"{ordinal(position)} nearest of {count}; {nearest}."


def work_score_label(score: int, reasons: list[str]) -> str:
    """Return how well one can work at a place, and why."""
    known = f": {', '.join(reasons)}." if reasons else "; no details known."
    return f"Work score {score}/100{known}"


def nearest_beyond_heading(count: int) -> str:
    """Return what is said over the nearest places beyond the limit."""
    if not count:
        return "There are none elsewhere in this region either."
    return "The nearest ones are:" if count > 1 else "The nearest one is:"


def meeting_places(count: int) -> str:
    """Return the heading of where to meet."""
    return plural(count, "place to meet", "places to meet")
