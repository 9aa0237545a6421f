"""Sentences of the coverage page."""

from __future__ import annotations

from collections.abc import Sequence

from geo.texts import MapTexts, plural
from geo.texts.roster import RosterPrompt

INTRO = "Who has a place to work within a drive, and who has none?"
ROSTER_PROMPT = RosterPrompt(
    title="Whose drives do you want to see?",
    stored_title="Look at the roster",
    stored_how=(
        "Those who allow planning are listed by name; the others count in their area without a"
        " name."
    ),
)
CUTOFFS = "Drives to look at, in minutes"
CUTOFFS_HELP = "The shortest one decides who needs help."
MEMBERSHIPS = "New coworking memberships to suggest"
MEMBERSHIPS_HELP = "Those among the coworking spaces of the region that reach most people."
MEASURING = "Measuring every drive…"
SUGGESTED, UNREACHED = "New membership", "Nobody reaches it"
SUGGESTED_NONE = "No coworking space that you have no membership of reaches anybody."
PROVEN = "No other choice of as many reaches more people; that is proven."
NOT_PROVEN = "The best choice found in the time given."
BY_KIND = "By kind"
BY_PERSON = "Person by person"
SAVE = "Save"
ANY = "Any of these"
KIND, PLACES = "Kind", "Places"
COLUMNS = {
    "id": "Person",
    "near": "Near",
    "team": "Team",
    "nearest": "Nearest place",
    "minutes": "Drive",
    "fallback": "Fallback",
    "fallback_minutes": "Drive to it",
}
ONLY_LACKING = "Only those without a place"
FALLBACK_HELP = (
    "A fallback is the nearest library, hall or hotel lobby, for those without a place within the"
    " shortest drive."
)
KINDS_HELP = "How many of {people} have at least one within the drive."
FILES = {"csv": "CSV", "geojson": "GeoJSON", "json": "JSON"}
FILES_HELP = (
    "People are told by their ids; the map file holds settlements and how many lack a place."
)
MAP = MapTexts(
    map="Map of who has a place. Arrow keys move it, plus and minus zoom.",
    legend="Nearest place",
)
COUNT_LABEL = "have one within {minutes:g} min"
COUNT_OF_TOTAL = "{count} of {everybody}"


def cutoffs_label(minutes: Sequence[float]) -> str:
    """Return what the chip of the drives says.

    Examples
    --------
    >>> cutoffs_label([30, 45, 60])
    'Within 30, 45, 60 min'
    """
    return f"Within {', '.join(f'{one:g}' for one in minutes)} min"


def memberships_label(count: int) -> str:
    """Return what the chip of new memberships says."""
    return plural(count, "new membership") if count else "No suggestions"


def level_label(lacking: int, minutes: Sequence[float]) -> str:
    """Return what a colour of the map means: how many of the drives are too short.

    Examples
    --------
    >>> level_label(0, [30, 60]), level_label(1, [30, 60]), level_label(2, [30, 60])
    ('Within 30 min', 'Within 60 min', 'None within 60 min')
    """
    if lacking < len(minutes):
        return f"Within {minutes[lacking]:g} min"
    return f"None within {minutes[-1]:g} min"


def marker_label(settlement: str, people: str, worst: str) -> str:
    """Return what a marker says."""
    return f"{settlement}: {people}. Nearest place: {worst[:1].lower()}{worst[1:]}"
