"""The English of the roster page: who is on it, importing, inviting, merging, exporting."""

from __future__ import annotations

from collections.abc import Mapping

INTRO = "Who is on the roster, what they agreed to, and how they come in."
NOBODY = "Nobody is on the roster yet. Import a table, or invite people by e-mail."

PEOPLE, IMPORT, INVITE, DUPLICATES = "People", "Import", "Invite", "Duplicates"
SHOWN, PLANNED, WITH_AREA = "seen by colleagues", "planned for by name", "with an area"
ON_ROSTER = "on the roster"
NOBODY_FOUND = "Nobody like that is on the roster."
FILTER = "Find"
FILTER_HINT = "Name, team, e-mail or id"
ANY_STATUS, ANY_TEAM = "Any", "All teams"
BEFORE, AFTER = "Before", "Next"
COLUMNS = ("Name", "Team", "E-mail", "Status", "Seen by", "Planning", "Area", "Role")
STATUSES = {"listed": "Listed", "invited": "Invited", "active": "Signed in", "left": "Left"}
SEEN_BY = {"nobody": "Nobody", "team": "Team", "everyone": "Everyone"}
PAUSED = "Paused"
YES, NO = "Yes", "No"
HIDDEN = "hidden"
NO_AREA = "–"
CHOOSE = "Choose a row to change somebody."
SAMPLE = "Enter the sample roster"
SAMPLE_DONE = "{count} fictional people are on the roster."
EXPORT = "Save as CSV"
EXPORT_HOW = "Areas only, and those of people who allow planning."

CHANGE_TITLE = "Change {name}"
NAME, TEAM, EMAIL, STATUS, ROLE = "Name", "Team", "E-mail", "Status", "Role"
SAVE, SAVED = "Save", "Saved."
END_SIGN_INS = "End their sign-ins"
END_SIGN_INS_HOW = "Signs them out on every device; they may sign in again unless they have left."
SIGN_INS_ENDED = "Their sign-ins are over."
REMOVE = "Remove from the roster…"
ADMINS_ONLY = "Only an admin can change or remove an admin."
REMOVE_SURE = "All that is kept of {name} is deleted everywhere; of past meetups a number remains."
REMOVE_YES, REMOVE_NO = "Yes, delete all of it", "Keep"
REMOVED = "Deleted."

FILE = "Table of staff"
FILE_HOW = (
    "CSV or Excel. The first row names the columns: **id**, and any of **name**, **email**,"
    " **team**, **weight**, **planning** (*yes* for who allows it), and **town**, **address**,"
    " **postcode** or **lat** and **lon**."
)
FILE_PRIVATE = (
    "Homes become areas while the file is read. No address or position of it is stored, logged or"
    " shown, and people are seen by nobody until they say so themselves."
)
READING, ENTERING = "Reading the table…", "Entering them…"
MEANWHILE = "You may look at other pages meanwhile, and come back."
FAILED = "That went wrong; nothing was entered. Try again, or ask whoever looks after this app."
PROBLEMS, TWINS = "Rows that cannot be used", "Rows that may be one person"
MORE = "… and {count} more."
VOUCH = "Everybody in this table has agreed to be planned for by name"
VOUCH_HOW = "Kept with each consent as said by you. Others count without a name."
OWN = "{count} of them have signed in and say themselves where they live; that stays as it is."
COMMIT = "Enter them"
CANCEL = "Do not"
PREVIEW_COLUMNS = ("Line", "Id", "Name", "Team", "Area", "Planning")

ADDRESSES = "E-mail addresses"
ADDRESSES_HINT = "one@example.org, another@example.org"
MAKE = "Make invitations"
LINKS_HOW = (
    "Send each person their own link. It is shown this once, can be used once, and ends on {day}."
)
LINKS_LOCAL = (
    "Nobody but you can open this app yet. Set up sign-in and an address of its own first, as the"
    " hosting guide says; until then the links lead nowhere."
)
LINKS_DONE = "Hide the links"

NO_DUPLICATES = "No two people have the same name."
KEEP = "Whom to keep"
MERGE = "Make one of them"
MERGE_HOW = (
    "What the one who stays lacks is taken from the others, who are deleted. What they agreed to"
    " is not taken over."
)
MERGED = "They are one now."


def status(one: str | None, counts: Mapping[str, int]) -> str:
    """Return a status as the filter names it, with how many have it."""
    return ANY_STATUS if one is None else f"{STATUSES[one]} ({counts.get(one, 0):,})"


def shown(first: int, last: int, total: int) -> str:
    """Return which people of how many are shown."""
    return f"{first:,} to {last:,} of {total:,}"


def percent(done: float) -> str:
    """Return how far something is."""
    return f"{100 * done:.0f} %"


def would(new: int, changed: int) -> str:
    """Return what an import would do."""
    parts = []
    if new:
        parts.append(f"{new:,} new {'person' if new == 1 else 'people'}")
    if changed:
        parts.append(f"{changed:,} changed")
    return " and ".join(parts) or "Nothing to enter"


def done(new: int, changed: int) -> str:
    """Return what an import has done."""
    return f"{would(new, changed)}: done."


def counted(count: int, what: str) -> str:
    """Return a heading with its count."""
    return f"{what} ({count:,})"
