"""Sentences of the sign-in page and of the profile: area, consent, preferences, data."""

from __future__ import annotations

from collections.abc import Sequence

from geo.privacy import Action, Audience, Role
from geo.texts import MapTexts, join_names, plural
from geo.units import Measures, drive

TITLE = "Sign in to Crossroads"
ABOUT = "Find places to work and colleagues to meet near where you live."
PRIVATE = (
    "Your home is stored as an area, never as an address. Colleagues see it only if you agree."
)
SIGN_IN = "Sign in"
SIGN_IN_WITH = "Sign in with {provider}"
SIGN_OUT = "Sign out"
OTHER_ACCOUNT = "Use another account"

INVITED = "You are invited. Sign in with the e-mail address that received the invitation."
SIGN_IN_ENDED = "Your session has expired. Sign in again to continue."
SIGNED_OUT_IDLE = "You were signed out after a period of inactivity. Sign in again to continue."
REFUSED_TITLE = "This account cannot be used"
SIGN_IN_INVALID = (
    "Your sign-in provider did not say who you are. Try again, or ask your administrator."
)
EMAIL_UNVERIFIED = (
    "Your account has no verified e-mail address, so you cannot be found on the roster. Verify it"
    " with your provider, or use another account."
)
NOT_ON_ROSTER_TITLE = "You are not on the roster yet"
NOT_ON_ROSTER = (
    "{email} is not on the roster. Ask the person who plans your meetups to invite you, or use"
    " another account."
)
ACCESS_ENDED_TITLE = "Your access has ended"
ACCESS_ENDED = (
    "You were removed from the roster. If this is a mistake, ask the person who plans your meetups."
)

INVITATION_TITLE = "This invitation cannot be accepted"
UNAVAILABLE_TITLE = "Temporarily unavailable"
UNAVAILABLE = "The app cannot check your account right now. Try again in a few minutes."

_ASK_ACCESS = "Ask one of them for access."
_FOR_PLANNERS = f"Only planners can open this page. {_ASK_ACCESS}"
_FOR_ADMINS = f"Only admins can open this page. {_ASK_ACCESS}"
FORBIDDEN = {
    Action.PLAN: _FOR_PLANNERS,
    Action.CHANGE_VENUES: _FOR_PLANNERS,
    Action.SEE_ROSTER: _FOR_PLANNERS,
    Action.SEE_AUDIT: _FOR_ADMINS,
    Action.RUN_SYSTEM: _FOR_ADMINS,
}

SIGN_OUT_ALL = "Sign out everywhere"
SIGN_OUT_ALL_HELP = "Signs you out on every device, including this one."

YOU = "You"
ROLES = {Role.EMPLOYEE: "Employee", Role.PLANNER: "Planner", Role.ADMIN: "Admin"}


INTRO = "Your data, privacy and preferences"

AREA_TITLE = "Your area"
HOME = "Where you live"
HOME_PRIVATE = (
    "What you enter is turned into an area right away. Your address is not stored, logged or shown"
    " to anyone."
)
HOME_SAVED = "Your area is now {area}. The address you entered was not stored."
HOME_UNCHANGED = (
    "That is within your area, {area}, so nothing changes. Delete your area first to start over."
)
HOME_DELETED = "Your area was deleted."
DELETE_HOME = "Delete my area"
NO_AREA = "You have not set your area, so nobody can see you and no drive times can be shown."
OTHER_REGION = "Your area is in another region: {region}. Enter it here to change that."
AREA_SEEN = "Others see only this circle: **{area}**."

MAP = MapTexts(
    map="Map of your area. Use the arrow keys to move, plus and minus to zoom, and Enter to set"
    " your home there.",
    click="Click the map where you live",
    press="Press and hold where you live",
    locate="Use my current location",
    legend="Seen by others",
)

CONSENT_TITLE = "Who can see you"
AUDIENCE = "Show me to"
AUDIENCES = {
    Audience.NOBODY: "Nobody",
    Audience.TEAM: "My team",
    Audience.EVERYONE: "Everyone who shares too",
}
AUDIENCE_HELP = {
    Audience.NOBODY: "you see no colleagues either",
    Audience.TEAM: "you see team members who share too",
    Audience.EVERYONE: "you see everyone who shares with you",
}
PLANNING = "Planners can see my name and area in the meetups they plan"
PAUSED = "Pause: hide me for now"
SAVE_CONSENT = "Agree and save"
TEXT = "What you agree to"
TEXT_VERSION = "Version {version}"
CONSENT_SAVED = {
    Audience.NOBODY: "Saved. Nobody sees you, and you see nobody.",
    Audience.TEAM: "Saved. Your team sees you, and you see team members who share too.",
    Audience.EVERYONE: "Saved. You see everyone who shares with you.",
}
PAUSE_SAVED = "Saved. Nobody sees you until you end the pause."
HISTORY = "Consent history"
HISTORY_COLUMNS = ("When", "Shown to", "Planning", "Paused", "Text", "Entered by")
SOURCES = {
    "person": "you",
    "roster": "the person who added you",
    "sample": "the sample roster",
}
YES, NO = "yes", "no"

PREFERENCES_TITLE = "How you like to meet"
PREFERENCES_HELP = (
    "Near me, Colleagues and plans use these preferences. Planners cannot see them, only their"
    " effect on the plan. Leave anything open that does not matter to you."
)
GROUP = "Group size"
GROUP_HELP = (
    "Colleagues suggests groups of this size. Plans for the roster use the size that at least half"
    " of the named people prefer, and show for how many it worked out."
)
GROUPS = {
    "any": "Any number",
    "one to one": "One person",
    "small": "A small group (up to 5)",
    "large": "A large group (6 or more)",
}
FREQUENCY = "How often"
FREQUENCIES = {
    "any": "No preference",
    "weekly": "Every week",
    "monthly": "Every month",
    "quarterly": "Every three months",
    "rarely": "Rarely",
}
FREQUENCY_HELP = (
    "You are skipped if your last meetup was less than {days} days before. Planners see how many"
    " people are skipped and can include them anyway."
)
FREQUENCY_ANY_HELP = "You are skipped if your last meetup was too recent."
MOOD = "Atmosphere"
MOOD_HELP = (
    "Suitable places come first in Near me and Colleagues, judged by their kind and by what the map"
    " says. In plans, the atmosphere that more people prefer decides between two places within a"
    " short walk."
)
MOODS = {"any": "Either", "quiet": "Quiet", "lively": "Lively"}
KINDS = "Kinds of place"
KINDS_HELP = "They come first in Near me. Colleagues and plans use only these kinds for you."
STEP_FREE = "Step-free access only"
STEP_FREE_HELP = (
    "Places that are known to have steps are left out for you everywhere. Where nothing is known,"
    " Near me says so."
)
UNPAVED = "Avoid unpaved roads"
UNPAVED_HELP = (
    "Your drive times are those of the mud season, when unpaved roads are slow or closed."
)
LONGEST_BY_DAY = "Longest drive in daylight (minutes)"
LONGEST_AFTER_DARK = "Longest drive after dark (minutes)"
LONGEST_HELP = (
    "Plans and Colleagues never exceed this, and Near me starts with it. Leave empty for no"
    " limit; 0"
    " after dark means daylight only."
)
BY_PREFERENCES = "Your preferences"
PREFERENCES_OFF = "Preferences off"
FOLLOW_PREFERENCES = "Use my preferences"
FOLLOW_PREFERENCES_HELP = "Only you see this. It is not part of links or files."
TO_PREFERENCES = "Change in My profile"
STEP_FREE_LABEL = "step-free"
MOODS_FIRST = {"quiet": "quiet places first", "lively": "lively places first"}
ANY = "any"
SAVE = "Save"
SAVED = "Saved."
AWAY = "Absences"
AWAY_HELP = "Plans skip you on these days."
AWAY_DATES = "First and last day"
AWAY_ADD = "Add"
AWAY_REMOVE = "Remove {days}"

MEETUPS_TITLE = "Your meetups"
MEETUPS_COLUMNS = ("When", "Where", "Status", "Your drive")
OPEN_DATE = "no date yet"

NAME_TITLE = "Your name"
NAME = "Name that colleagues see"
DATA_TITLE = "Your data"
DATA_HELP = "Everything stored about you, as a JSON file."
DATA_SAVE = "Download my data"
DELETE_HELP = "Deletes everything stored about you. Past meetups keep only a headcount."
DELETE = "Delete my data…"
DELETE_CONFIRM = (
    "This cannot be undone. It deletes your area, consents, preferences and seats at meetups."
)
DELETE_YES = "Delete my data"
DELETE_NO = "Cancel"
DELETED = "Your data was deleted."


def area_size(measures: Measures, radius_m: float, homes: int, margin_s: float) -> str:
    """Return how large an area is and what that means for drives."""
    return (
        f"It has a radius of {measures.distance(radius_m)} and holds {homes:,} mapped homes, any of"
        f" which could be yours. Drives are measured from its centre, so yours may differ by up to"
        f" {drive(margin_s)}."
    )


def kinds_first(plurals: Sequence[str]) -> str:
    """Return which kinds go first.

    Examples
    --------
    >>> kinds_first(["cafés", "libraries"])
    'cafés and libraries first'
    """
    return f"{join_names(plurals)} first"


def preferences_note(wishes: Sequence[str], left_out: int) -> str:
    """Return what is said over a list in the order of wishes.

    Examples
    --------
    >>> preferences_note(["quiet places first"], 0), preferences_note(["no steps"], 2)
    ('Your preferences: quiet places first.', 'Your preferences: no steps (2 places left out).')
    """
    omitted = f" ({plural(left_out, 'place')} left out)" if left_out else ""
    return f"{BY_PREFERENCES}: {', '.join(wishes)}{omitted}."


def date_range(first: str, last: str) -> str:
    """Return a time away."""
    return first if first == last else f"{first} – {last}"
