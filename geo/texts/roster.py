"""Sentences about reading a roster, on every page that works for one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from geo.texts import plural

if TYPE_CHECKING:
    from geo.people.plan_inputs import PlanDemand


class RosterPrompt(NamedTuple):
    """How a page asks whose roster it should use: its headings, and a note on the stored one."""

    title: str
    stored_title: str
    stored_how: str


UPLOAD = "Roster"
UPLOAD_HELP = "CSV or Excel, one row per person."
SAMPLE = "Use the sample roster"
RANDOM_PEOPLE = "Try 40 made-up people"
SAMPLE_NAME = "Sample roster"
COLUMNS_HELP = """\
Exports of personnel systems are recognized by their column names. Otherwise name the columns:

- **id**: the employee ID. Names are not needed.
- **address**, **town**, **state**, **postcode**, **country**, or **lat** and **lon**: the home.
- **team**, **weight** (how much the drive counts) and **conditions** (*paved*, *daylight*, \
*no-ferries*, *no-tolls*, *mud*, *winter*): optional.
"""
COLUMNS = "Columns"
COLUMN_MAPPING_HELP = (
    "Choose which column of your file holds each value. Files with the same columns are then read"
    " the same way until you close this tab."
)
NO_COLUMN = "Not in this file"
COLUMN_NAMES = {
    "id": "Employee ID",
    "name": "Name",
    "first_name": "First name",
    "last_name": "Last name",
    "email": "Work e-mail",
    "team": "Team",
    "address": "Home address",
    "town": "Home town",
    "county": "County",
    "state": "State or province",
    "postcode": "Postcode",
    "country": "Country",
    "lat": "Latitude",
    "lon": "Longitude",
    "weight": "Weight",
    "planning": "Planning",
    "conditions": "Conditions",
}
PRIVATE = (
    "Homes become areas while the file is read, and drives are measured from the areas. The file is"
    " not stored, and nobody else sees its addresses or positions."
)
STORED = "Use the stored roster"
STORED_NAME = "the stored roster"
STORED_NONE = "Nobody on the roster has set an area in this region."
STORED_DRIVING_HISTORY = "Attendance entered under “Saved plans” counts here."
INCLUDE_RECENT = "Include them anyway"
MOOD_FIRST = {
    "quiet": "more people prefer quiet places, so a quiet place is used where two are close.",
    "lively": "more people prefer lively places, so a lively place is used where two are close.",
}
SIZES_APPLY = "Use this size"
TEMPLATE = "Download template"
USE_PEOPLE = "Use these {people}"
OTHER_FILE = "Choose another file"
NOBODY = "No row of {name} can be used."
PROBLEMS = "Rows that cannot be used"
DUPLICATES = "Rows that may be one person"
NOTES = "Columns that could be confused"
MORE = "… and {count} more."
PREVIEW = "Nothing is used yet. Check the rows first."
LINE = "Line"
CHECK, CHECK_ADDRESS = "Check", "Address only partly found"
ROSTER_SOURCE = "From {name}"
DRIVING_HISTORY = "Fairness over time"
DRIVING_HISTORY_HELP = (
    "A CSV file with the employee ID and the minutes driven to past meetups. People who drove more"
    " than average get closer meetups."
)
HISTORY_WEIGHT = "Influence of past drives"
HISTORY_WEIGHTS = {0.0: "None", 0.5: "Low", 1.0: "Normal", 2.0: "High"}
DRIVING_HISTORY_USED = "{people} with past drives, {minutes} minutes in total."
DRIVING_HISTORY_CLEAR = "Remove driving history"
VIDEO = "By video (not planned for)"
VIDEO_BACK = "Include everyone again"
SIZE_MATCHES = "{count} of {asked} people with a preferred group size get it."


def preview_heading(people: str) -> str:
    """Return the heading of a preview."""
    return f"{people} {'is' if people.startswith('1 ') else 'are'} ready"


def problem_summary(unusable: int, duplicates: int) -> str:
    """Return what is wrong with a roster in one line; empty where nothing is."""
    parts = [plural(unusable, "row cannot be used", "rows cannot be used")] if unusable else []
    if duplicates:
        sets = plural(duplicates, "set of rows", "sets of rows")
        parts.append(f"{sets} may be one person")
    return " · ".join(parts)


def stored_roster_notes(demand: PlanDemand, anonymous: int) -> list[str]:
    """Return what is said of those on the stored roster who take part otherwise, or not."""
    sentences = []
    if anonymous:
        sentences.append(f"{anonymous} counted anonymously, by area.")
    if demand.left_out:
        sentences.append(
            f"{demand.left_out} anonymous people left out: so few could be identified."
        )
    if demand.without_area:
        sentences.append(f"{demand.without_area} have no home area yet.")
    if demand.elsewhere:
        sentences.append(other_region_people(demand.elsewhere))
    if demand.away:
        sentences.append(f"{demand.away} are away on the day.")
    return sentences


def other_region_people(count: int) -> str:
    """Return how many people live in another region."""
    return f"{count:,} {'person lives' if count == 1 else 'people live'} in another region."


def no_stored_people(other_region: int) -> str:
    """Return why nobody of the stored roster can be planned for."""
    if other_region:
        return f"Nobody on the roster lives in this region. {other_region_people(other_region)}"
    return STORED_NONE


def uncertain_addresses(count: int) -> str:
    """Return how many addresses were found in part only."""
    if count == 1:
        return "1 address was only partly found; the row to check is at the top."
    return f"{count:,} addresses were only partly found; the rows to check are at the top."


def usual_sizes(least: int, most: int) -> str:
    """Return which groups most people want."""
    return f"Most people with a preference want groups of {_sizes(least, most)}."


def agreed_sizes(least: int, most: int) -> str:
    """Return which groups are planned because most people want them."""
    return (
        f"Groups of {_sizes(least, most)}, because at least half of the people prefer that. Change"
        " this under the group size."
    )


def recent_attendees(count: str, included: bool) -> str:
    """Return how many met more recently than they wish, and what becomes of them."""
    who = "1 person was" if count == "1" else f"{count} people were"
    end = "they are included anyway" if included else "they are skipped this time"
    return f"{who} at a meetup more recently than they prefer; {end}."


def _sizes(least: int, most: int) -> str:
    if most >= 60:
        return f"{least} or more"
    return str(least) if least == most else f"{least} to {most}"
