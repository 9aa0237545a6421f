"""Sentences of the planning page and of saved plans: their meetups, changes, attendance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from geo import texts
from geo.texts import MapTexts, exported_plan
from geo.texts.roster import RosterPrompt
from geo.units import drive

if TYPE_CHECKING:
    from geo.meetup import MeetupPlan, PlanRequest
    from geo.meetup.repairs import Alternative, Repair

EMPTY = "Choose “Plan meetups” above. People are shown at their town, never at their home."
INTRO = "Plan meetups that are fair to everyone"

ROSTER_PROMPT = RosterPrompt(
    title="Who is the plan for?",
    stored_title="Plan for the roster",
    stored_how=(
        "People who allow planning are listed by name. Everyone else is counted anonymously."
    ),
)
BEST_NUMBER = "Recommend a number"
NUMBER = "Number of meetups"
NUMBER_LABEL = "Number of meetups"
CHOSEN_NUMBER = "Choose a number"
OBJECTIVES = {name: texts.capitalise(goal) for name, goal in exported_plan.GOALS.items()}
OBJECTIVE_HELP = {
    "total": "keeps the total drive as short as possible",
    "fairest": "keeps the longest drive as short as possible",
    "coverage": "finds a meetup for as many people as possible",
    "fewest": "uses as few meetups as possible within the longest drive",
}
OBJECTIVE = "Goal"
LONGEST = "Limit the longest drive"
NO_LIMIT = "No limit"
GROUPS = "Any group size"
GROUPS_HELP = "People at each meetup. 0 means no limit."
AT_LEAST, AT_MOST = "At least", "At most"
KINDS_HELP = "Choose none to use every kind that can host a group."
ANY_DAY, ON_A_DAY = "No date yet", "On a day"
WHEN_HELP = "With a date, closed places are left out and calendar files are created."
DAY_IN_PAST = "This day is in the past."
HOURS = "Duration in hours"
RULES = "Rules"
RULES_HELP = "Everything here is optional."
FIND_PLACE = "Find a place by name"
PLACE_NOT_FOUND = "No place named “{text}” was found."
FORCE_PLACE, BAN_PLACE = "Always use", "Never use"
FOUND_PLACE = "Place"
PEOPLE = "People by employee ID"
TOGETHER, APART, EXCLUDE_PERSON = "Keep together", "Keep apart", "Exclude from this place"
TOGETHER_NEEDS = "Choose two or more people."
EXCLUDE_NEEDS = "Find the place above, then choose people."
LIMIT = "Time limit (seconds)"
HISTORY_SHARE = "Maximum extra drive for driving history"
HISTORY_SHARE_HELP = (
    "People who drove far to past meetups get closer venues, as long as the total drive does not"
    " rise by more than this."
)

PLAN_MEETUPS, PLAN_AGAIN, STOP = "Plan meetups", "Plan again", "Stop"
SETTINGS_CHANGED = "Settings changed. Plan again to update."
WAITING = "Waiting for another plan on this computer…"
MEASURING = "Calculating drive times…"
IMPROVING = "Improving the plan…"
FINDING_REPAIRS = "Looking for options for people without a meetup…"
STOPPING = "Stopping and keeping the best plan so far…"
FAILED = "The plan failed. Try again; the app log has the details."
STOPPED = "Stopped before a plan was found."
NO_PEOPLE_LEFT = "Everyone takes part by video. Add someone back to plan meetups."

PLACED, LONGEST_DRIVE, MEAN_DRIVE, TOTAL_DRIVE = (
    "people",
    "longest drive",
    "average drive",
    "total drive",
)
PLANS = "Plans so far"
LOCK = "Lock {name} and plan again"
PLAN_WITHOUT = "Plan without {name}"
UNLOCK = "Unlock {name} and plan again"
CHOOSE_MEETUP = "Choose a meetup to lock it, or to plan without it."
LEFT_OUT = "Without a meetup"
LEFT_OUT_WHY = "Reasons and options"
REPAIR_PROVEN = "No smaller change would include all of them (proven)."
VIDEO_ALL = "Include all by video"
ATTENDEES = "Who goes where"
CURVE = "Number of meetups"
COMPARE = "Compare plans"
OFFICE = "With the office"
SAVE = "Save"
COLUMNS = {
    "id": "Person",
    "team": "Team",
    "meetup": "No.",
    "place": "Meetup",
    "there": "There",
    "back": "Back",
    "near": "Near",
    "why": "Reason",
    "offer": "Options",
    "before": "Before",
    "after": "After",
    "change": "Drive",
    "weight": "Weight",
    "conditions": "Roads",
}
CURVE_HELP = (
    "Each point is a plan with that number of meetups and the same settings. Select one to see it."
    " More meetups than the circled one save little."
)
CURVE_X, CURVE_Y = "meetups", "total drive"
CURVE_NONE = (
    "Choose “Recommend a number” and plan again to see the total drive for each number of meetups."
)
CURVE_FEW = "Plans with fewer than {count} meetups leave more people out and are not shown."
CURVE_TABLE = "Show as a table"
COMPARE_NONE = "Change settings and plan again to compare."
FIRST_PLAN, SECOND_PLAN = "First plan", "Second plan"
DIFFERENCE = "Difference"
NO_MEETUP = "Without a meetup"
SAME_PEOPLE = "Everyone goes to the same place in both."
ROWS = {
    "meetups": "Meetups",
    "placed": "People with a meetup",
    "longest": "Longest drive",
    "mean": "Average drive",
    "total": "Total drive",
    "gap": "Proof",
}
PROVEN = "proven"
OFFICE_LABEL = "Office"
COMPARE_OFFICE = "Compare"
OFFICE_HELP = (
    "“If one person is remote, everyone is remote.” Compares three ways to meet and what each means"
    " for remote people."
)
OFFICE_NONE = "Add an office and its number of staff under “Company venues” to compare it here."
OFFICE_COLUMNS = (
    "Option",
    "Remote people",
    "Their total drive",
    "Longest drive",
    "Office staff’s drive",
)
SAVE_HELP = (
    "The pack has everything, with a page and a calendar file for each meetup and each person. A"
    " person’s own files show only their own drive."
)
PACK = "Full pack (ZIP)"
FILES = {"html": "Print version", "xlsx": "Excel", "csv": "CSV", "geojson": "GeoJSON", "kml": "KML",
         "ics": "Calendar", "json": "JSON"}  # fmt: skip
NO_DATE = "Set a date under “No date yet” to get calendar files too."
DRIVING_HISTORY_SAVE = "Driving history (CSV)"
MAP = MapTexts(
    map="Map of the plan. Use the arrow keys to move, and plus and minus to zoom.",
    legend="Meetups",
)
OFFICE_WITH_STAFF = "{name}, {staff} staff"
LONGEST_TO_MEETUP = "longest {worst}"
UNNAMED_PERSON = "Anonymous {number}"

SAVED_INTRO = "Saved plans"
NO_SAVED_PLANS = "No saved plans yet. Create one under “Plan meetups” and save it."
SAVED_PLAN = "Plan"
MEETUP_STATES = {"planned": "Planned", "changed": "Changed", "called off": "Cancelled"}
MEETUP_TIME = "Day and local time"
MEETUP_MINUTES = "Minutes"
OPEN_DATE = "No date yet"
ATTENDANCE = "Attendance"
ATTENDANCE_HELP = (
    "Drives of people who came count in the next plan: people who drove far get closer venues."
)
SAVE_ATTENDANCE = "Save attendance"
SET_TIME = "Set date and time"
CHANGE_TIME = "Change time"
SAVE_CHANGE = "Save change"
CHANGE_PLACE = "Change place"
PLACES_HELP = "Places that fit everyone"
FIND_PLACES = "Find other places"
NO_OTHER_PLACES = "No other place is within reach of everyone."
OTHER_PLACE = "Other places, shortest total drive first"
MOVE_MEETUP = "Move meetup"
CHANGED_MEANWHILE = "Someone else changed this plan after you opened it."
CANCEL_MEETUP = "Cancel meetup"
CANCEL_CONFIRM = (
    "Nobody is notified: send the cancellation file to everyone who is coming. You can"
    " reinstate the"
    " meetup later."
)
CANCEL_YES = "Yes, cancel meetup"
REINSTATE = "Reinstate"
CALENDAR_FILE = "Calendar file (.ics)"
CANCELLATION_FILE = "Cancellation file (.ics)"
CALENDAR_FILE_HELP = "Send it to everyone who is coming; their calendars update the meetup."
RELOAD_PLAN = "Reload plan"
DELETE_PLAN = "Delete plan…"
DELETE_CONFIRM = "This deletes its meetups and their attendance too."
DELETE_YES = "Delete plan"
DELETE_NO = "Cancel"
DELETED = "Plan deleted."
CHANGE_SAVED = "Saved."
PLAN_NAME = "Plan name"
SAVE_PLAN = "Save plan"
SAVE_PLAN_HELP = (
    "Saved plans stay after you close the app. You can change or cancel meetups, and attendance"
    " makes the next plan fairer."
)
PLAN_SAVED = "Plan saved. Find it under “Saved plans”."
SAVE_NEEDS_STORED_ROSTER = (
    "Only plans for the stored roster can be saved. Uploads are never stored."
)
PLAN_OPTION = "{name} · {day}"
OTHER_PLACE_OPTION = "{name} · longest {worst}, total {total}"
CALENDAR_TITLE = "Meetup at {place}"


def attendance(came: int, invited: int) -> str:
    """Return how many of those with a name came to a meetup."""
    return f"Attendance: {came} of {invited}"


def people(count: int) -> str:
    """Return a number of people."""
    return texts.plural(count, "person", "people")


def meetups(count: int | None) -> str:
    """Return what the chip of the number says."""
    return "Best number" if count is None else texts.plural(count, "meetup")


def single_number_note(count: int, placed: int) -> str:
    """Return that no other number of meetups that was looked at places as many people."""
    return f"Of the numbers tried, only {meetups(count)} can place {people(placed)}."


def sizes(least: int, most: int) -> str:
    """Return what the chip of the group sizes says.

    Examples
    --------
    >>> sizes(0, 0), sizes(4, 12), sizes(4, 0), sizes(0, 12)
    ('Any group size', 'Groups of 4–12', 'Groups of 4 or more', 'Groups up to 12')
    """
    if least > 1 and most:
        return f"Groups of {least}–{most}"
    if least > 1:
        return f"Groups of {least} or more"
    return f"Groups up to {most}" if most else GROUPS


def when(at: datetime | None) -> str:
    """Return what the chip of the day says."""
    return f"{at:%a %d %b %H:%M}" if at else ANY_DAY


def rules(count: int) -> str:
    """Return what the chip of the rules says."""
    return f"{RULES} ({count})" if count else RULES


def locked_places(names: Sequence[str]) -> str:
    """Return which places are locked."""
    return f"Locked: {', '.join(names)}."


def progress_text(gap: float | None, elapsed_s: float) -> str:
    """Return how far a running plan is."""
    seconds = f"{elapsed_s:.0f} s"
    if gap is None:
        return seconds
    if gap <= 0:
        return f"Best possible · {seconds}"
    return f"Within {exported_plan.percent(gap)} of the best possible · {seconds}"


def plan_name(number: int, request: PlanRequest) -> str:
    """Return what to call one plan of several."""
    return f"{number}: {exported_plan.request_label(request)}"


def repair(one: Repair) -> str:
    """Return what the button says that applies a repair."""
    whom = texts.plural(len(one.ids), "more person", "more people")
    match one.kind:
        case "minutes":
            return f"Drive up to {one.value:g} min ({whom})"
        case "meetups":
            return f"Hold {one.value:g} meetups ({whom})"
        case "max_size":
            return f"Groups up to {one.value:g} ({whom})"
        case "min_size":
            least = f"Groups of {one.value:g} or more" if one.value > 1 else "Groups of any size"
            return f"{least} ({whom})"
        case _:
            return VIDEO_ALL if len(one.ids) > 1 else "By video"


def alternative(one: Alternative, plan: MeetupPlan) -> str:
    """Return what somebody can be offered, without saying again who that is."""
    return texts.capitalise(exported_plan.alternative(one, plan).removeprefix(f"{one.id} can "))


def meetups_word(count: int) -> str:
    """Return the word below the number of meetups."""
    return "meetup" if count == 1 else "meetups"


def origin_and_groups(settlement: str, groups: Mapping[int, int], left_out: int) -> str:
    """Return who starts from a settlement, and where they go.

    Examples
    --------
    >>> origin_and_groups("Oakham", {1: 2, 3: 1}, 0)
    'Oakham: 2 people to meetup 1, 1 person to meetup 3'
    """
    destinations = [f"{people(count)} to meetup {number}" for number, count in groups.items()]
    destinations += [f"{people(left_out)} without a meetup"] if left_out else []
    return f"{settlement}: {', '.join(destinations)}"


def origin_count(settlement: str, count: int) -> str:
    """Return how many people start from a settlement."""
    return f"{settlement}: {people(count)}"


def moved_people(count: int) -> str:
    """Return how many people go elsewhere."""
    return texts.plural(count, "person goes to another place", "people go to another place")


def signed_number(number: int) -> str:
    """Return a difference."""
    return f"{number:+d}".replace("-", "\N{MINUS SIGN}") if number else "–"


def signed_drive(seconds: float) -> str:
    """Return a difference of drives.

    Examples
    --------
    >>> signed_drive(300), signed_drive(-3900), signed_drive(4)
    ('+5 min', '−1 h 5 min', '–')
    """
    if abs(seconds) < 30:
        return "–"
    sign = "+" if seconds > 0 else "\N{MINUS SIGN}"
    return sign + drive(abs(seconds))


def attendee(identity: str, there: str, back: str) -> str:
    """Return one person's drives to a meetup."""
    return f"{identity} {there}" + (f" (back {back})" if back and back != there else "")


def attendees(drives: Sequence[str], most: int) -> str:
    """Return who comes to a meetup."""
    more = f", and {len(drives) - most} more" if len(drives) > most else ""
    return f"Attendees: {', '.join(drives[:most])}{more}." if drives else "No attendees."


def attendee_count(count: int, anonymous: int) -> str:
    """Return how many come, and how many of them show no name."""
    people = texts.plural(count, "person", "people")
    return f"{people}, {anonymous} anonymous" if anonymous else people
