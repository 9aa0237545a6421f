"""Sentences of the colleagues page: who is near, and asking them to meet."""

from __future__ import annotations

from collections.abc import Sequence

from geo.privacy import count_label
from geo.texts import MapTexts, capitalise, join_names

INTRO = "Which colleagues live near you, and where could you meet?"
COLLEAGUES = "colleagues"
OWN_AREA = "your area"
YOU = "You"
MAP = MapTexts(
    map="Map of home areas. Arrow keys move it, plus and minus zoom.",
    legend="Lives within",
)

WITHIN = "Within"
TEAM = "Team"
ANY_TEAM = "All teams"
CHOOSE_COLLEAGUES = "Whom would you like to meet?"
SUGGEST = "Suggest a place to meet"
SUGGEST_HELP = "Choose one or more colleagues, and a place is found that is fair to all of you."
CLEAR = "Start over"
CHOOSE_OTHERS = "Choose others"
INVITE = "Invite them"
INVITE_TEXT = "Text to send"
INVITE_HINT = "Open a place in the list to invite to it; now it is the first one."
NO_PLACE = "No place that suits all of you was found. Choose colleagues who live nearer."

HOME_TITLE = "First, say roughly where you live"
HOME_HELP = "Type your town, street or postcode. That is all: one step."
CONSENT_TITLE = "Let colleagues see you, and you see them"
CONSENT_HELP = "Whoever does not show does not see. You can change or pause this at any time."
SHOW_ALL = "Show me to everyone"
SHOW_TEAM = "Show me to my team"
NO_TEAM = "You are in no team yet; whoever looks after the roster can put you in one."

NOBODY_TITLE = "Nobody to see yet"
NOBODY = (
    "Colleagues appear here once they have said where they live and let you see them. Ask them:"
    " here is a text to send."
)
NOBODY_TEAM = "You let your team alone see you, so you see your team alone."
NOBODY_WITHIN = "None of them is within {minutes} of you."
ASK_COLLEAGUES = """\
I use Crossroads to find colleagues nearby and places to meet halfway. It knows roughly where we \
live, never our addresses, and shows us to each other only if we both say so. \
Will you join? {url}"""
INVITE_BY_MAIL = "Invite by e-mail"
TO_PROFILE = "My profile"


GROUP_SIZE_HELP = {
    "one to one": "You like to meet one other: this is who lives nearest.",
    "small": "You like small groups: these live nearest.",
    "large": "You like to meet many: these live nearest.",
}
OTHER_GROUP_SIZE = {
    "one to one": "You like to meet one other; these are more.",
    "small": "You like small groups of up to five; these are more.",
    "large": "You like to meet many, six or more; these are fewer.",
}
BAND_HEADING = "Within {minutes} · {count}"
DRIVE_LABEL = "{name}: {band}"


def suggestion_label(names: Sequence[str]) -> str:
    """Return what the button says that chooses whom one likes to meet.

    Examples
    --------
    >>> suggestion_label(["Avis"]), suggestion_label(["Avis", "Bram", "Cleo"])
    ('By your wishes: Avis', 'By your wishes: Avis and 2 more')
    """
    more = f" and {len(names) - 1} more" if names[1:] else ""
    return f"By your wishes: {names[0]}{more}"


def colleagues_within(count: int, minutes: str) -> str:
    """Return what a list of places says of colleagues.

    Examples
    --------
    >>> [colleagues_within(count, "30 min") for count in (0, 1, 4)]
    ['', 'A few colleagues within 30 min.', '4 colleagues within 30 min.']
    """
    if not count:
        return ""
    return f"{capitalise(count_label(count))} colleagues within {minutes}."


def area_residents(area: str, names: Sequence[str], more: int) -> str:
    """Return who lives in an area."""
    others = f" and {more} more" if more else ""
    return f"{area}: {', '.join(names)}{others}"


def participants(names: Sequence[str]) -> str:
    """Return who meets, the visitor included."""
    return join_names(["You", *names])


def invitation_text(names: Sequence[str], place: str, when: str, url: str) -> str:
    """Return a text that asks colleagues to meet.

    Examples
    --------
    >>> invitation_text(["Avis", "Bram"], "The Kettle", "3 March, 10:00", "geo:1,2").split("? ")[0]
    'Hello Avis and Bram, shall we meet at The Kettle on 3 March, 10:00'
    """
    invitation = f"Hello {join_names(names)}, shall we meet at {place} on {when}?"
    return f"{invitation} It is a fair drive for all of us. {url}"
