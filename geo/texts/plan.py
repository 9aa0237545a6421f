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

EMPTY = "Choose “Plan meetups” above; people stand at their settlement, never at their home"
INTRO = "Which meetups are fair to everybody, and how sure is that?"

ROSTER_PROMPT = RosterPrompt(
    title="Whom do you plan for?",
    stored_title="Plan for the roster",
    stored_how=(
        "Those who allow planning take part by name; the others count in their area without a name."
    ),
)
BEST_NUMBER = "As many as are worth it"
NUMBER = "Number of meetups"
NUMBER_LABEL = "How many meetups"
CHOSEN_NUMBER = "A number I choose"
OBJECTIVES = {name: texts.capitalise(goal) for name, goal in exported_plan.GOALS.items()}
OBJECTIVE_HELP = {
    "total": "all drives together are as short as can be",
    "fairest": "the longest drive is as short as can be",
    "coverage": "as many people as can be have a meetup",
    "fewest": "as few meetups as can be for all within the longest drive",
}
OBJECTIVE = "What counts"
LONGEST = "Longest drive for anybody"
NO_LIMIT = "No limit"
GROUPS = "Any group size"
GROUPS_HELP = "People at each meetup; 0 means any number."
AT_LEAST, AT_MOST = "At least", "At most"
KINDS_HELP = "With none chosen: every kind that can host a group."
ANY_DAY, ON_A_DAY = "No date yet", "On a day"
WHEN_HELP = "With a date, places closed then are left out, and calendar files are made."
DAY_IN_PAST = "This day is over."
HOURS = "Hours it lasts"
RULES = "Rules"
RULES_HELP = "Everything here is optional."
FIND_PLACE = "Find a place by its name"
PLACE_NOT_FOUND = "No named place here is called “{text}”."
FORCE_PLACE, BAN_PLACE = "Use it", "Never use it"
FOUND_PLACE = "Place"
PEOPLE = "People by id"
TOGETHER, APART, EXCLUDE_PERSON = "Keep together", "Keep apart", "Not there"
TOGETHER_NEEDS = "Choose two people or more."
EXCLUDE_NEEDS = "Choose who, and find the place above."
LIMIT = "Time limit in seconds"
HISTORY_SHARE = "Maximum extra drive for driving history"
HISTORY_SHARE_HELP = (
    "People who drove far to past meetups get closer venues, as long as the total drive does not"
    " rise by more than this."
)

PLAN_MEETUPS, PLAN_AGAIN, STOP = "Plan meetups", "Plan again", "Stop"
SETTINGS_CHANGED = "The questions above have changed since this plan was made."
WAITING = "Waiting until another plan on this computer is done…"
MEASURING = "Measuring every drive…"
IMPROVING = "Improving the plan…"
FINDING_REPAIRS = "Looking for what would help those who are left out…"
STOPPING = "Stopping with the best plan so far…"
FAILED = "The plan could not be made; the log of the app says why. Try again."
STOPPED = "Stopped before there was a plan."
NO_PEOPLE_LEFT = "Everybody takes part by video; bring somebody back to plan meetups."

PLACED, LONGEST_DRIVE, MEAN_DRIVE, TOTAL_DRIVE = "people", "longest drive", "mean drive", "in all"
PLANS = "Plans so far"
LOCK = "Lock {name} and plan again"
PLAN_WITHOUT = "Plan without {name}"
UNLOCK = "Unlock {name} and plan again"
CHOOSE_MEETUP = "Choose a meetup to lock it, or to plan without it."
LEFT_OUT = "Without a meetup"
LEFT_OUT_WHY = "Why, and what each can be offered"
REPAIR_PROVEN = "No smaller change of this sort helps them all."
VIDEO_ALL = "All of them by video"
ATTENDEES = "Who goes where"
CURVE = "How many meetups"
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
    "why": "Why not",
    "offer": "What can be offered",
    "before": "Before",
    "after": "After",
    "change": "Drive",
    "weight": "Counts",
    "conditions": "Roads",
}
CURVE_HELP = (
    "Each point is a plan with that many meetups and all other settings as they are. Choose one to"
    " see it. More meetups than the ringed one save little."
)
CURVE_X, CURVE_Y = "meetups", "total drive"
CURVE_NONE = (
    "Plan with “As many as are worth it” to see the total drive for each number of meetups."
)
CURVE_FEW = "Fewer than {count} meetups leave more people out, so they are not shown."
CURVE_TABLE = "The same as a table"
COMPARE_NONE = "Make a second plan, with other questions, to compare the two."
FIRST_PLAN, SECOND_PLAN = "First plan", "Second plan"
DIFFERENCE = "Difference"
NO_MEETUP = "Without a meetup"
SAME_PEOPLE = "Nobody goes elsewhere."
ROWS = {
    "meetups": "Meetups",
    "placed": "People with a meetup",
    "longest": "Longest drive",
    "mean": "Mean drive",
    "total": "All drives together",
    "gap": "Proof",
}
PROVEN = "proven"
OFFICE_LABEL = "Office"
COMPARE_OFFICE = "Weigh the office"
OFFICE_HELP = (
    "“If one person is remote, everyone is remote”: three ways to meet are planned, and what each"
    " costs those who are remote stands beside it."
)
OFFICE_NONE = "Add an office with its number of staff under “Own venues” to weigh it here."
OFFICE_COLUMNS = ("Way to meet", "Remote people", "Their drives", "Longest", "Staff’s drives")
SAVE_HELP = (
    "The pack holds everything, with a calendar file and a page for each meetup and each person; a"
    " person’s own files show their own drive alone."
)
PACK = "Everything (zip)"
FILES = {"html": "Page to print", "xlsx": "Excel", "csv": "CSV", "geojson": "GeoJSON", "kml": "KML",
         "ics": "Calendar", "json": "JSON"}  # fmt: skip
NO_DATE = "Choose a day under “No date yet” to get calendar files too."
DRIVING_HISTORY_SAVE = "Ledger after this plan"
MAP = MapTexts(
    map="Map of the plan. Arrow keys move it, plus and minus zoom.",
    legend="Meetups",
)
OFFICE_WITH_STAFF = "{name}, staff of {staff}"
LONGEST_TO_MEETUP = "longest {worst}"
UNNAMED_PERSON = "Someone {number}"

SAVED_INTRO = "Plans that you keep: change a meetup, call one off, and enter who came."
NO_SAVED_PLANS = "No plan is kept yet. Make one under “Plan meetups” and keep it there."
SAVED_PLAN = "Plan"
MEETUP_STATES = {"planned": "Planned", "changed": "Changed", "called off": "Called off"}
MEETUP_TIME = "Day and time there"
MEETUP_MINUTES = "Minutes"
OPEN_DATE = "No date yet"
ATTENDANCE = "Who came"
ATTENDANCE_HELP = (
    "The drives of those who came count in the next plan: who drove much gets nearer places."
)
SAVE_ATTENDANCE = "Save who came"
SET_TIME = "Set a day and time"
CHANGE_TIME = "Change the time"
SAVE_CHANGE = "Save the change"
CHANGE_PLACE = "Change the place"
PLACES_HELP = "Places that hold as many, that all can reach, and that nobody's wishes rule out."
FIND_PLACES = "Look for other places"
NO_OTHER_PLACES = "There is no other place that all can reach."
OTHER_PLACE = "Another place, the least driving in all first"
MOVE_MEETUP = "Move the meetup there"
CHANGED_MEANWHILE = "Somebody else has changed this plan since you opened it."
CANCEL_MEETUP = "Call it off"
REINSTATE = "Plan it again"
CALENDAR_FILE = "Calendar file"
CANCELLATION_FILE = "Calendar file that calls it off"
CALENDAR_FILE_HELP = (
    "Send it to those who come: their calendar moves or removes the meetup by itself."
)
RELOAD_PLAN = "Open it again"
DELETE_PLAN = "Delete this plan…"
DELETE_CONFIRM = "Its meetups go too, and with them what was driven to them."
DELETE_YES = "Yes, delete it"
DELETE_NO = "Keep it"
DELETED = "The plan is deleted."
CHANGE_SAVED = "Saved."
PLAN_NAME = "Name of the plan"
SAVE_PLAN = "Keep this plan"
SAVE_PLAN_HELP = (
    "Kept plans stay after you close the app: meetups can be changed or called off, and who came"
    " counts towards fairness in the next plan."
)
PLAN_SAVED = "Kept. Find it under “Kept plans”."
SAVE_NEEDS_STORED_ROSTER = "Only plans for the stored roster can be kept; uploads are never stored."
PLAN_OPTION = "{name} · {day}"
OTHER_PLACE_OPTION = "{name} · longest {worst}, {total} in all"
CALENDAR_TITLE = "Meetup at {place}"


def people(count: int) -> str:
    """Return a number of people."""
    return texts.plural(count, "person", "people")


def meetups(count: int | None) -> str:
    """Return what the chip of the number says."""
    return "Best number" if count is None else texts.plural(count, "meetup")


def single_number_note(count: int, placed: int) -> str:
    """Return that no other number of meetups that was looked at places as many people."""
    return f"Of the numbers that were tried, only {meetups(count)} place {people(placed)}."


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
        return f"The best there is · {seconds}"
    return f"At most {exported_plan.percent(gap)} from the best possible · {seconds}"


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
    return texts.plural(count, "person goes elsewhere", "people go elsewhere")


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
    return f"Who comes: {', '.join(drives[:most])}{more}." if drives else "Nobody comes."


def attendee_count(count: int, anonymous: int) -> str:
    """Return how many come, and how many of them show no name."""
    people = texts.plural(count, "person", "people")
    return f"{people}, {anonymous} of them without a name" if anonymous else people
