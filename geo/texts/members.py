"""Sentences of the roster page: list, import, invitations, merging, export."""

from __future__ import annotations

from collections.abc import Mapping

from geo.texts import join_names

INTRO = "Staff list, consent and import"
NOBODY = "The roster is empty. Import a table, or invite people by e-mail."

PEOPLE, IMPORT, INVITE, DUPLICATES = "People", "Import", "Invite", "Duplicates"
VISIBLE, PLANNED, WITH_AREA = "visible to colleagues", "named in plans", "with an area"
ON_ROSTER = "on the roster"
NOBODY_FOUND = "No matching people."
FILTER = "Search people"
FILTER_HINT = "Name, team, e-mail or employee ID"
ANY_STATUS, ANY_TEAM = "Any", "All teams"
PREVIOUS_PAGE, NEXT_PAGE = "Previous", "Next"
COLUMNS = ("Name", "Team", "E-mail", "Status", "Seen by", "Planning", "Area", "Role")
STATUSES = {"listed": "Listed", "invited": "Invited", "active": "Signed in", "left": "Left"}
SEEN_BY = {"nobody": "Nobody", "team": "Team", "everyone": "Everyone"}
PAUSED = "Paused"
YES, NO = "Yes", "No"
HIDDEN = "hidden"
NO_AREA = "–"
CHOOSE_ROW = "Select a row to edit a person."
SAMPLE = "Import the sample roster"
SAMPLE_DONE = "{count} fictional people imported."
EXPORT = "Export as CSV"
EXPORT_HELP = "Includes areas, not addresses, and only for people who allow planning."

CHANGE_TITLE = "Edit {name}"
NAME, TEAM, EMAIL, STATUS, ROLE = "Name", "Team", "E-mail", "Status", "Role"
SAVE, SAVED = "Save", "Saved."
END_SIGN_INS = "Sign out"
END_SIGN_INS_HELP = (
    "Signs this person out on every device. They can sign in again unless they have left."
)
SIGN_INS_ENDED = "Signed out on every device."
REMOVE = "Remove from the roster…"
ADMINS_ONLY = "Only admins can edit or remove an admin."
REMOVE_CONFIRM = "This deletes everything stored about {name}. Past meetups keep only a headcount."
REMOVE_YES, REMOVE_NO = "Delete", "Cancel"
REMOVED = "Deleted."

FILE = "Staff table"
FILE_HELP = (
    "CSV or Excel. Exports of personnel systems are recognized by their column names. The table"
    " needs an **employee ID**; name, work e-mail, team and home address are optional."
)
FILE_PRIVATE = (
    "Homes become areas while the file is read. No address or position is stored or logged, and"
    " only you see the addresses of your file, here, while you check them."
)
FILE_REGION = "Addresses are looked up in {region}."
READING, ENTERING = "Reading the table…", "Importing…"
BACKGROUND_NOTE = "You can use other pages and come back."
FAILED = (
    "The import failed and nothing was changed. Try again, or ask your Crossroads administrator."
)
PROBLEMS, DUPLICATE_ROWS = "Rows that cannot be used", "Rows that may be one person"
NOTES = "Columns that could be confused"
MORE = "… and {count} more."
CONSENT_STATED = "Everyone listed has agreed to be named in plans"
CONSENT_STATED_HELP = "Recorded with each consent as stated by you. Others are counted anonymously."
OWN_AREAS_KEPT = "{count} of them have signed in and set their own area, which stays as it is."
BETTER_AREAS_KEPT = (
    "{count} of them keep their area, which comes from a better source than this table."
)
HIDDEN_AREAS = (
    "{count} of them get the home area from this table. Theirs are hidden from you, so whether that"
    " changes anything is not shown."
)
INTERRUPTED = (
    "The import was interrupted because the page was reloaded or the server restarted. A table is"
    " imported completely or not at all. Choose the file again: people who are already on the"
    " roster are not added twice."
)
COMMIT = "Import"
CANCEL = "Cancel"
PREVIEW_COLUMNS = ("Line", "ID", "Name", "Team", "Area", "Planning")
PEOPLE_READ = "People"
CHECKS = "Addresses"
CHECKS_HELP = (
    "What your file says, and what was found on the map. Rows to check come first: correct a cell,"
    " then look the addresses up again. Corrections apply to this import, not to your file."
)
CHECKS_MORE = "The first {count} are shown. Correct these, or the file, to see the others."
LOOK_UP = "Look up corrected addresses"
LINE, FOUND, RESULT = "Line", "Found", "Result"
ADDRESS_COLUMNS = {
    "address": "Address",
    "address_2": "Address line 2",
    "town": "Town",
    "county": "County",
    "state": "State",
    "postcode": "Postcode",
    "country": "Country",
}
NOT_FOUND, OTHER_REGION = "Not found", "In another region"
FOUND_BY = {
    "position": "Position",
    "address": "Address",
    "town": "Town",
    "postcode": "Postcode",
}
FOUND_IN_PART = {
    "position": "Check: position",
    "address": "Check: not all words match",
    "town": "Check: only the town",
    "postcode": "Check: only the postcode",
}

ADDRESSES = "E-mail addresses"
ADDRESSES_HINT = "one@example.org, another@example.org"
MAKE_INVITATIONS = "Create invitations"
LINKS_HELP = (
    "Send each person their own link. Links are shown only now, work once, and expire on {day}."
)
LINKS_LOCAL = (
    "These links do not work yet: only you can open this app. Set up sign-in and a web"
    " address first"
    " (see the hosting guide)."
)
LINKS_DONE = "Hide links"

NO_DUPLICATES = "No two people have the same name."
KEEP_PERSON = "Person to keep"
MERGE = "Merge"
MERGE_HELP = (
    "Missing details are copied from the duplicates, which are then deleted. Their consents are not"
    " copied."
)
MERGE_DONE = "Merged."
SHOWN_RANGE = "{first:,} to {last:,} of {total:,}"
COUNTED_HEADING = "{what} ({count:,})"


def status(one: str | None, counts: Mapping[str, int]) -> str:
    """Return a status as the filter names it, with how many have it."""
    return ANY_STATUS if one is None else f"{STATUSES[one]} ({counts.get(one, 0):,})"


def percent(done: float) -> str:
    """Return how far something is."""
    return f"{100 * done:.0f} %"


def import_preview(new: int, changed: int, same: int = 0, unseen: int = 0) -> str:
    """Return what an import would do, in numbers of people as in its preview."""
    counts = [
        (new, "new person" if new == 1 else "new people"),
        (changed, "changed"),
        (same + unseen, "already on the roster"),
    ]
    if new or changed:
        parts = [f"{count:,} {what}" for count, what in counts if count]
        return join_names(parts)
    if unseen:
        return "Nothing changes, except perhaps home areas that are hidden from you"
    return "Nothing changes: everyone is already on the roster" if same else "Nothing to import"


def import_result(new: int, changed: int, same: int = 0, unseen: int = 0) -> str:
    """Return what an import has done."""
    if new or changed:
        return f"Imported: {import_preview(new, changed, same, unseen)}."
    return import_preview(0, 0, same, unseen).replace("Nothing changes", "Nothing changed") + "."


def addresses_to_check(uncertain: int, missing: int) -> str:
    """Return how many addresses a person should look at; empty for none."""
    parts = [f"{uncertain:,} only partly found"] if uncertain else []
    parts += [f"{missing:,} not found"] if missing else []
    return f"Addresses to check: {join_names(parts)}." if parts else ""


def lookup_result(state: str, source: str) -> str:
    """Return what came of looking an address up."""
    if state == "elsewhere":
        return OTHER_REGION
    if state == "not found":
        return NOT_FOUND
    return FOUND_IN_PART[source] if state == "uncertain" else FOUND_BY[source]
