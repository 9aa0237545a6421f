"""Sentences of the page of company venues."""

from __future__ import annotations

from geo.texts import MapTexts, plural

INTRO = "Which places are yours, and which never again?"
EMPTY = "Type where a venue is, or click it on the map"
ADD = "Add a venue where"
NEW = "New venue at {where}"
NAME, STATUS, KIND = "Name", "What it is to you", "Kind of place"
CAPACITY, COST, HOURS, STAFF = "People who fit in", "Cost of a day", "Opening hours", "Staff there"
HOURS_HELP = "As OpenStreetMap writes them: Mo-Fr 08:00-18:00. Empty for not known."
STAFF_HELP = (
    "Of an office: people who work there anyway; plans can weigh what that means for others."
)
CAPACITY_HELP = "0 for not known."
SAVE, CANCEL = "Add it", "Cancel"
NEEDS_NAME = "Give it a name, so that others know what is meant."
STATUSES = {
    "office": "Our office",
    "partner": "Partner space",
    "membership": "Paid membership",
    "never": "Never again",
}
COLORS = {"office": "#5f3dc4", "partner": "#0b7285", "membership": "#26793a", "never": "#b02a37"}
STATUS_HELP = (
    "Offices, partners and memberships take part wherever places do: near, halfway, plans and"
    " coverage. Places of the status “Never again” are left out everywhere."
)
TABLE = "As a table"
TABLE_HELP = (
    "Change cells, add rows at the end, or mark rows and delete them. “Where” is a position such as"
    " {example}, or an address of this region."
)
NOT_SAVED = "Not saved yet:"
SAVED = "Saved."
FILE = "From a file"
FILE_HELP = (
    "CSV or Excel with **id**, **name**, **lat** and **lon** or **address**, **town**,"
    " **postcode**, and if you like **kind**, **status** (office, partner, membership, never),"
    " **capacity**, **cost**, **hours**, **staff**. A row with the id of a place of OpenStreetMap,"
    " as n123, and the status never bans that place. Rows with an id that is here already replace"
    " it."
)
UPLOAD = "Venues"
PROBLEMS = "Rows that cannot be used"
ADD_VENUES = "Add these {count}"
DOWNLOAD = "Save as CSV"
REMOVE = "Remove {name}"
BANNED = "Place of OpenStreetMap, {id}"
COLUMNS = {
    "name": NAME,
    "where": "Where",
    "kind": "Kind",
    "status": "Status",
    "capacity": "Fits",
    "cost": COST,
    "hours": HOURS,
    "staff": "Staff",
}
VISIBILITY_NOTE = "Everybody who uses this app sees these venues. Never enter anybody’s home."
MAP = MapTexts(
    map="Map. Arrow keys move it, plus and minus zoom, Enter adds a venue at the crosshair.",
    click="Click the map where a venue is",
    press="Press and hold where a venue is",
    origin="The new venue",
    locate="Add a venue at my position",
)
CAPACITY_LABEL = "Fits {count}"
STAFF_COUNT = "Staff of {count}"


def heading(count: int) -> str:
    """Return the heading of the list."""
    return plural(count, "venue here", "venues here")


def outside_region(count: int) -> str:
    """Return how many venues lie outside of the region."""
    return plural(count, "more lies outside of this region.", "more lie outside of this region.")
