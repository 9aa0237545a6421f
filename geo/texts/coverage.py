"""Sentences of the coverage page."""

from __future__ import annotations

from collections.abc import Sequence

from geo.texts import MapTexts, plural
from geo.texts.roster import RosterPrompt

INTRO = "Who has a place to work within reach"
ROSTER_PROMPT = RosterPrompt(
    title="Who should be covered?",
    stored_title="Use the roster",
    stored_how=(
        "People who allow planning are listed by name. Everyone else is counted anonymously."
    ),
)
CUTOFFS = "Drive times in minutes"
CUTOFFS_HELP = "The shortest one decides who counts as without a place."
MEMBERSHIPS = "New coworking memberships to suggest"
MEMBERSHIPS_HELP = "Suggests the coworking spaces in the region that most people can reach."
MEASURING = "Calculating drive times…"
SUGGESTED, UNREACHED = "New membership", "Nobody can reach it"
SUGGESTED_NONE = "No other coworking space is within reach of your staff."
PROVEN = "No other choice reaches more people (proven)."
NOT_PROVEN = "Best choice found within the time limit."
BY_KIND = "By kind"
BY_PERSON = "By person"
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
ONLY_LACKING = "Show only people without a place"
FALLBACK_HELP = (
    "The fallback is the nearest library, hall or hotel lobby for people without a place within the"
    " shortest drive."
)
KINDS_HELP = "How many of {people} have at least one within each drive time."
FILES = {"csv": "CSV", "geojson": "GeoJSON", "json": "JSON"}
FILES_HELP = (
    "Listed by employee ID. The map file shows towns and how many people there have no place."
)
MAP = MapTexts(
    map="Map of coverage. Use the arrow keys to move, and plus and minus to zoom.",
    legend="Nearest place",
)
COUNT_LABEL = "within {minutes:g} min"
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
