"""Sentences of the page of saved plans: their meetups, changes, attendance."""

from __future__ import annotations

from geo.texts import plural

INTRO = "Plans that you keep: change a meetup, call one off, and enter who came."
NONE = "No plan is kept yet. Make one under “Plan meetups” and keep it there."
WHICH = "Plan"
STATES = {"planned": "Planned", "changed": "Changed", "called off": "Called off"}
WHEN = "Day and time there"
MINUTES = "Minutes"
OPEN_DATE = "No date yet"
ATTENDANCE = "Who came"
ATTENDANCE_HELP = (
    "The drives of those who came count in the next plan: who drove much gets nearer places."
)
SAVE_ATTENDANCE = "Save who came"
SET_TIME = "Set a day and time"
CHANGE_TIME = "Change the time"
CHANGE = "Save the change"
CHANGE_PLACE = "Change the place"
PLACES_HELP = "Places that hold as many, that all can reach, and that nobody's wishes rule out."
FIND_PLACES = "Look for other places"
NO_PLACES = "There is no other place that all can reach."
OTHER_PLACE = "Another place, the least driving in all first"
MOVE_MEETUP = "Move the meetup there"
CHANGED_MEANWHILE = "Somebody else has changed this plan since you opened it."
CANCEL = "Call it off"
REINSTATE = "Plan it again"
FILE = "Calendar file"
CANCELLATION_FILE = "Calendar file that calls it off"
FILE_HELP = "Send it to those who come: their calendar moves or removes the meetup by itself."
RELOAD = "Open it again"
DELETE = "Delete this plan…"
DELETE_CONFIRM = "Its meetups go too, and with them what was driven to them."
DELETE_YES = "Yes, delete it"
DELETE_NO = "Keep it"
DELETED = "The plan is deleted."
SAVED = "Saved."
NAME = "Name of the plan"
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


def attendees(count: int, anonymous: int) -> str:
    """Return how many come, and how many of them show no name."""
    people = plural(count, "person", "people")
    return f"{people}, {anonymous} of them without a name" if anonymous else people
