"""Sentences of the sign-in page and of the profile: area, consent, preferences, data."""

from __future__ import annotations

from collections.abc import Sequence

from geo.privacy import Action, Audience, Role
from geo.texts import MapTexts, join_names, plural
from geo.units import Measures, drive

TITLE = "Sign in to Crossroads"
ABOUT = "Find places to work and people to meet, within a real drive of where you live."
PRIVATE = (
    "Your home is kept as an area, never as an address, and colleagues see it only if you say so."
)
SIGN_IN = "Sign in"
SIGN_IN_WITH = "Sign in with {provider}"
SIGN_OUT = "Sign out"
OTHER_ACCOUNT = "Use another account"

INVITED = "You are invited. Sign in with the address that the invitation came to."
SIGN_IN_ENDED = "Your sign-in has ended. Sign in again to go on."
SIGNED_OUT_IDLE = "You were away for a while, so you were signed out. Sign in again to go on."
REFUSED_TITLE = "This account cannot be used"
SIGN_IN_INVALID = "The sign-in did not say who you are. Try again, or ask whoever runs this app."
EMAIL_UNVERIFIED = (
    "Your sign-in gave no e-mail address that is verified, so you cannot be found on the roster."
    " Verify it with your provider, or use another account."
)
NOT_ON_ROSTER_TITLE = "You are not on the roster yet"
NOT_ON_ROSTER = (
    "Nobody here is known by {email}. Ask the person who plans your meetups to invite you, or use"
    " another account."
)
ACCESS_ENDED_TITLE = "Your access has ended"
ACCESS_ENDED = (
    "You were taken off the roster. If that is a mistake, ask the person who plans your meetups."
)

INVITATION_TITLE = "This invitation cannot be accepted"
UNAVAILABLE_TITLE = "Not to be reached just now"
UNAVAILABLE = "The app cannot look you up at the moment. Try again in a few minutes."

_ASK_ACCESS = "Ask one of them if you need it."
_FOR_PLANNERS = f"This page is for the people who plan meetups. {_ASK_ACCESS}"
_FOR_ADMINS = f"This page is for the people who look after this app. {_ASK_ACCESS}"
FORBIDDEN = {
    Action.PLAN: _FOR_PLANNERS,
    Action.CHANGE_VENUES: _FOR_PLANNERS,
    Action.SEE_ROSTER: _FOR_PLANNERS,
    Action.SEE_AUDIT: _FOR_ADMINS,
    Action.RUN_SYSTEM: _FOR_ADMINS,
}

SIGN_OUT_ALL = "Sign out everywhere"
SIGN_OUT_ALL_HELP = "Ends your sign-ins on every device, this one included."

YOU = "You"
ROLES = {Role.EMPLOYEE: "Employee", Role.PLANNER: "Planner", Role.ADMIN: "Admin"}


INTRO = "What is known of you here, who may see it, and what you want."

AREA_TITLE = "Your area"
HOME = "Where you live"
HOME_PRIVATE = (
    "What you type is turned into an area at once. Your address is not stored, logged or shown to"
    " anybody."
)
HOME_SAVED = "Your area is {area}. What you typed is forgotten."
HOME_UNCHANGED = (
    "That lies in your area, {area}, so the area stays as it is. To begin anew, delete it first."
)
HOME_DELETED = "Your area is deleted."
DELETE_HOME = "Delete my area"
NO_AREA = "You have not said where you live, so nobody sees you and no drive can be told."
OTHER_REGION = "You said where you live in another region: {region}. Say it here to change that."
AREA_SEEN = "This circle is all that others see: **{area}**."

MAP = MapTexts(
    map="Map of your area. Arrow keys move it, plus and minus zoom, Enter says you live at the"
    " crosshair.",
    click="Click the map to say where you live",
    press="Press and hold to say where you live",
    locate="I live where I am now",
    legend="Seen by others",
)

CONSENT_TITLE = "Who may see you"
AUDIENCE = "Show me to"
AUDIENCES = {
    Audience.NOBODY: "Nobody",
    Audience.TEAM: "My team",
    Audience.EVERYONE: "Everyone who shows too",
}
AUDIENCE_HELP = {
    Audience.NOBODY: "you see no colleagues either",
    Audience.TEAM: "you see those of your team who show too",
    Audience.EVERYONE: "you see everybody who shows to you",
}
PLANNING = "Planners may see my name and area beside the meetups they plan"
PAUSED = "Pause: nobody sees me for now"
SAVE_CONSENT = "Agree and save"
TEXT = "What you agree to"
TEXT_VERSION = "Text of version {version}"
CONSENT_SAVED = {
    Audience.NOBODY: "Saved. Nobody sees you, and you see nobody.",
    Audience.TEAM: "Saved. Your team sees you, and you see those who show too.",
    Audience.EVERYONE: "Saved. You see everybody who shows to you.",
}
PAUSE_SAVED = "Saved. Nobody sees you until you end the pause."
HISTORY = "What you agreed to before"
HISTORY_COLUMNS = ("When", "Shown to", "Planning", "Paused", "Text", "Said by")
SOURCES = {
    "person": "you",
    "roster": "whoever entered you",
    "sample": "the sample roster",
}
YES, NO = "yes", "no"

PREFERENCES_TITLE = "How you like to meet"
PREFERENCES_HELP = (
    "Near me, Colleagues and plans follow this. Planners see none of it, only what it makes of the"
    " plan. What you leave open can be anything."
)
GROUP = "With how many"
GROUP_HELP = (
    "Colleagues suggests one, a few or many to you. A plan for the roster asks for the size that"
    " at least half of those with a name like, and says for how many it came true."
)
GROUPS = {
    "any": "Any number",
    "one to one": "One other",
    "small": "A small group (up to 5)",
    "large": "Many (6 and more)",
}
FREQUENCY = "How often"
FREQUENCIES = {
    "any": "As it comes",
    "weekly": "Every week",
    "monthly": "Every month",
    "quarterly": "Every three months",
    "rarely": "Rarely",
}
FREQUENCY_HELP = (
    "A plan for a day leaves you out if your last meetup was less than {days} days before it; the"
    " planner sees how many rest, and can take them in all the same."
)
FREQUENCY_ANY_HELP = (
    "Say it, and a plan for a day leaves you out if your last meetup was too recent."
)
MOOD = "Surroundings"
MOOD_HELP = (
    "Places that suit come first in Near me and Colleagues, judged by their kind and what the map"
    " says of them. In a plan the mood that more people want goes first where two places are a"
    " walk apart."
)
MOODS = {"any": "Either", "quiet": "Quiet", "lively": "Lively"}
KINDS = "Kinds of place"
KINDS_HELP = "They come first in Near me. Colleagues and plans take you to no other kind."
STEP_FREE = "There must be no steps"
STEP_FREE_HELP = (
    "Places that the map says have steps are left out for you everywhere; where it says nothing,"
    " Near me tells you so."
)
UNPAVED = "Avoid unpaved roads"
UNPAVED_HELP = "Your drives are those of the mud season, when unpaved roads are slow or shut."
LONGEST_BY_DAY = "Longest drive by day, minutes"
LONGEST_AFTER_DARK = "Longest drive after dark, minutes"
LONGEST_HELP = (
    "Plans and Colleagues send you no farther, and Near me begins with it. Empty is any; 0 after"
    " dark means by daylight only."
)
BY_PREFERENCES = "By your wishes"
PREFERENCES_OFF = "Wishes left out"
FOLLOW_PREFERENCES = "Follow my wishes"
FOLLOW_PREFERENCES_HELP = "Only you see this. Links and files say nothing of it."
TO_PREFERENCES = "Change them on My profile"
STEP_FREE_LABEL = "no steps"
MOODS_FIRST = {"quiet": "quiet places first", "lively": "lively places first"}
ANY = "any"
SAVE = "Save"
SAVED = "Saved."
AWAY = "Away"
AWAY_HELP = "Plans leave you out on these days."
AWAY_DATES = "First and last day away"
AWAY_ADD = "Add"
AWAY_REMOVE = "Remove {days}"

MEETUPS_TITLE = "Meetups you are asked to"
MEETUPS_COLUMNS = ("When", "Where", "State", "Your drive")
OPEN_DATE = "no date yet"

NAME_TITLE = "Your name"
NAME = "As colleagues know you"
DATA_TITLE = "Your data"
DATA_HELP = "Everything that is kept of you, as a file that other programs can read (JSON)."
DATA_SAVE = "Download my data"
DELETE_HELP = "Deletes all of it, everywhere. Of past meetups a number of people remains."
DELETE = "Delete me…"
DELETE_CONFIRM = "This cannot be taken back. Your area, consents, wishes and seats at meetups go."
DELETE_YES = "Yes, delete all that is kept of me"
DELETE_NO = "Keep it"
DELETED = "All that was kept of you is deleted."


def area_size(measures: Measures, radius_m: float, homes: int, margin_s: float) -> str:
    """Return how large an area is and what that means for drives."""
    return (
        f"It reaches {measures.distance(radius_m)} around its middle and holds {homes:,} homes of"
        f" the map, any of which could be yours. Drives are measured from its middle, so yours may"
        f" differ by up to {drive(margin_s)}."
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
    ('By your wishes: quiet places first.', 'By your wishes: no steps (2 places left out).')
    """
    omitted = f" ({plural(left_out, 'place')} left out)" if left_out else ""
    return f"{BY_PREFERENCES}: {', '.join(wishes)}{omitted}."


def date_range(first: str, last: str) -> str:
    """Return a time away."""
    return first if first == last else f"{first} – {last}"
