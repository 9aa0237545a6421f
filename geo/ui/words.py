"""The English of the app's pages, in one place, ready to be translated."""

from __future__ import annotations

PRODUCT = "Crossroads"
NEAR = "Near me"
HALFWAY = "Meet halfway"
REGIONS = "Regions"

NEAR_INTRO = "Where can you work or meet people, within a real drive?"
NEAR_EMPTY = "Type where you start, or click the map."
HALFWAY_INTRO = "Where is it fair to meet, if each of you starts somewhere else?"
HALFWAY_EMPTY = "Add two or more starting points: type them, or click the map."
REGIONS_INTRO = "The areas that this app knows, each built once and answered from memory."

START = "Start"
START_HINT = "A town, street, postcode or 52.67,-0.73"
PERSON = "Add a starting point"
TOO_MANY = "That is more than {most} starting points; remove one first."
TRY = "Start in {name}"
NOT_FOUND = "Nothing here is called {text}. Check the spelling, or click the map."
DRIVE = "Drive"
KINDS = "What"
ALL_KINDS = "Everything to work or meet at"
WHEN = "When"
ANY_TIME, NOW, AT_TIME = "Any time", "Open now", "Open at"
WHENS = (ANY_TIME, NOW, AT_TIME)
AT_WHICH = "Day and time there"
ROADS = "Roads"
ROAD_STATES = {"dry": "Dry", "mud": "Mud season", "winter": "Winter"}
FERRIES, TOLLS = "Take ferries", "Take toll roads"
ORDER = "Order"
NEAREST, BEST = "Nearest first", "Best to work at first"
REGION = "Region"
FICTIONAL = "This county is fictional: nobody lives there, and no such place exists."
EXACT = "Exact start in links and files"
EXACT_HELP = (
    "Off, links and files that you share name the settlement you start in, never the exact spot."
)
SHARE = "Share"
COPY = "This link opens the same view:"
TOO_LONG = "The link is too long for a QR code."
FILES = "Save what was found:"
INVITE = "Invite somebody to {name}:"
INVITE_HOW = "Open a place in the list to make an invitation to it."
INVITE_AT = "When, in the place's own time"
INVITE_TITLE = "Meet at {name}"
INVITE_FILE = "Invitation (.ics)"
OBJECTIVES = {"fairest": "Fairest", "total": "Least driving in all", "mix": "A bit of both"}
RANK_BY = "Best means"
REMOVE = "Remove {name}"
CLEAR = "Start over"
EVERYONE = "in everyone's reach"
OUTSIDE = (
    "That is {km:.0f} km from the nearest road of this region. Choose a point nearer to its roads."
)
REMOVE_REGION = "Remove this region"
REMOVE_SURE = "Yes, remove {name}"
BUILD_HELP = "To add a region, build it from an OpenStreetMap extract:"
BUILDING_SAMPLE = "Building the fictional sample county, once…"
NO_DATE = "not known"


def minutes(value: float) -> str:
    """Return a drive as bands and sliders say it."""
    return f"{value:g} min"


def found(count: int, limit: str) -> str:
    """Return the heading of what is near."""
    return f"{'1 place' if count == 1 else f'{count} places'} within {limit}"


def back(text: str) -> str:
    """Return the drive back."""
    return f"{text} back"


def rank(position: int, count: int, kind: str, kind_position: int) -> str:
    """Return why a place stands where it does, by its drive."""
    if position == 1:
        return "The nearest of all."
    nearest = f"the nearest {kind}" if kind_position == 1 else f"{kind} number {kind_position}"
    return f"Number {position} of {count} by the drive there; {nearest}."


def work(score: int, reasons: list[str]) -> str:
    """Return how well one can work at a place, and why."""
    known = f": {', '.join(reasons)}" if reasons else "; the map knows no more about it"
    return f"To work at: {score} of 100{known}."


def nothing_within(limit: str) -> str:
    """Return what is said where nothing is in reach."""
    return f"Nothing like that is within {limit}."


def other_kinds(kinds: list[str], limit: str) -> str:
    """Return which other kinds would help."""
    return f"Within {limit} there are {', '.join(kinds)}."


def beyond(limit: str) -> str:
    """Return the heading of the nearest places beyond the limit."""
    return f"The nearest beyond {limit}"


def person(number: int) -> str:
    """Return what to call somebody without a name."""
    return f"Person {number}"


def person_from(number: int, label: str) -> str:
    """Return what to call somebody without a name, by where they start."""
    return f"{number} · {label}"


def meeting_places(count: int) -> str:
    """Return the heading of where to meet."""
    return "1 place to meet" if count == 1 else f"{count} places to meet"
