"""Sentences of the colleagues page: who is near, and asking them to meet."""

from __future__ import annotations

from collections.abc import Sequence

from geo.privacy import count_label
from geo.texts import MapTexts, capitalise, join_names

INTRO = "Colleagues near you"
COLLEAGUES = "colleagues"
OWN_AREA = "your area"
YOU = "You"
MAP = MapTexts(
    map="Map of home areas. Use the arrow keys to move, and plus and minus to zoom.",
    legend="Lives within",
)

WITHIN = "Within"
TEAM = "Team"
ANY_TEAM = "All teams"
CHOOSE_COLLEAGUES = "Who would you like to meet?"
SUGGEST = "Suggest a place to meet"
SUGGEST_HELP = "Choose one or more colleagues to find a place that is fair to all of you."
CLEAR = "Start over"
CHOOSE_OTHERS = "Choose others"
INVITE = "Invite"
INVITE_TEXT = "Text to send"
INVITE_HINT = "Open a place in the list to invite people to it. Now: the first one."
NO_PLACE = "No place suits all of you. Choose colleagues who live closer."

HOME_TITLE = "First, tell us roughly where you live"
HOME_HELP = "Enter your town, street or postcode."
CONSENT_TITLE = "Show yourself to colleagues to see them"
CONSENT_HELP = "You see only people who can see you. Change or pause this at any time."
SHOW_ALL = "Show me to everyone"
SHOW_TEAM = "Show me to my team"
NO_TEAM = "You are not in a team yet. Ask the person who manages the roster."

NOBODY_TITLE = "No colleagues to show yet"
NOBODY = (
    "Colleagues appear here once they have set their area and let you see them. You can send them"
    " this text:"
)
NOBODY_TEAM = "Only your team can see you, so you see only your team."
NOBODY_WITHIN = "No colleagues within {minutes} of you."
ASK_COLLEAGUES = """\
I use Crossroads to find colleagues nearby and places to meet halfway. It knows roughly where we \
live, never our addresses, and shows us to each other only if we both agree. \
Will you join? {url}"""
INVITE_BY_MAIL = "Invite by e-mail"
TO_PROFILE = "My profile"


GROUP_SIZE_HELP = {
    "one to one": "You prefer to meet one person; this is who lives nearest.",
    "small": "You prefer small groups; these colleagues live nearest.",
    "large": "You prefer large groups; these colleagues live nearest.",
}
OTHER_GROUP_SIZE = {
    "one to one": "You prefer to meet one person; this group is larger.",
    "small": "You prefer groups of up to five; this group is larger.",
    "large": "You prefer groups of six or more; this group is smaller.",
}
BAND_HEADING = "Within {minutes} · {count}"
DRIVE_LABEL = "{name}: {band}"


def suggestion_label(names: Sequence[str]) -> str:
    """Return what the button says that chooses whom one likes to meet.

    Examples
    --------
    >>> suggestion_label(["Avis"]), suggestion_label(["Avis", "Bram", "Cleo"])
    ('Suggested: Avis', 'Suggested: Avis and 2 more')
    """
    more = f" and {len(names) - 1} more" if names[1:] else ""
    return f"Suggested: {names[0]}{more}"


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
