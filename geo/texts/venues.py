"""Sentences of the page of company venues."""

from __future__ import annotations

from geo.texts import MapTexts, plural

INTRO = "Company venues and places to avoid"
EMPTY = "Enter where the venue is, or click the map"
ADD = "Venue address"
NEW = "New venue at {where}"
NAME, STATUS, KIND = "Name", "Status", "Kind of place"
CAPACITY, COST, HOURS, STAFF = "Capacity", "Cost per day", "Opening hours", "Staff"
HOURS_HELP = "In OpenStreetMap format, for example Mo-Fr 08:00-18:00. Leave empty if unknown."
STAFF_HELP = "For an office: people who work there anyway. Plans can compare meeting there."
CAPACITY_HELP = "0 if unknown."
SAVE, CANCEL = "Add venue", "Cancel"
NEEDS_NAME = "Enter a name."
STATUSES = {
    "office": "Our office",
    "partner": "Partner space",
    "membership": "Paid membership",
    "never": "Avoid",
}
COLORS = {"office": "#5f3dc4", "partner": "#0b7285", "membership": "#26793a", "never": "#b02a37"}
STATUS_HELP = (
    "Offices, partners and memberships appear in Near me, Meet halfway, plans and coverage. Places"
    " to avoid are left out everywhere."
)
TABLE = "Edit as a table"
TABLE_HELP = (
    "Edit cells, add rows at the end, or select rows and delete them. “Where” is a position such as"
    " {example}, or an address in this region."
)
NOT_SAVED = "Not saved yet:"
SAVED = "Saved."
FILE = "Import a file"
FILE_HELP = (
    "CSV or Excel with **id**, **name**, **lat** and **lon** or **address**, **town**,"
    " **postcode**, and if you like **kind**, **status** (office, partner, membership, never),"
    " **capacity**, **cost**, **hours**, **staff**. A row with the ID of an OpenStreetMap"
    " place, such"
    " as n123, and the status never avoids that place. Rows with an existing ID replace that venue."
)
UPLOAD = "Venues"
PROBLEMS = "Rows that cannot be used"
ADD_VENUES = "Import {count}"
DOWNLOAD = "Export as CSV"
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
VISIBILITY_NOTE = "Everyone who uses this app can see these venues. Never enter anyone’s home."
MAP = MapTexts(
    map="Map. Use the arrow keys to move, plus and minus to zoom, and Enter to add the crosshair.",
    click="Click the map where the venue is",
    press="Press and hold where the venue is",
    origin="New venue",
    locate="Use my location",
)
CAPACITY_LABEL = "Fits {count}"
STAFF_COUNT = "{count} staff"


def heading(count: int) -> str:
    """Return the heading of the list."""
    return plural(count, "venue")


def outside_region(count: int) -> str:
    """Return how many venues lie outside of the region."""
    return plural(count, "more is outside this region.", "more are outside this region.")
