"""What is said where a roster is read and looked through, on every page that works for one."""

from __future__ import annotations

UPLOAD = "Roster"
UPLOAD_HOW = "CSV or Excel, one person a row."
UPLOAD_TITLE = "Whom do you plan for?"
SAMPLE = "Use the sample roster"
MADE_UP = "Try 40 made-up people"
SAMPLE_NAME = "Sample roster"
COLUMNS_HOW = """\
The first row names the columns:

- **id**: what the plan calls the person; no name is needed.
- **lat** and **lon**, or **address**, **town**, **postcode**: where they start.
- **team**, **weight** (how much their drive counts) and **conditions** (*paved*, *daylight*, \
*no-ferries*, *no-tolls*, *mud*, *winter*), if you like.
"""
PRIVATE = (
    "The file stays in your session on this computer and is never stored. Maps and tables name the"
    " settlement that somebody starts from, never a position or an address."
)
TEMPLATE = "Empty table to fill in"
USE = "Use these {people}"
OTHER = "Choose another file"
NOBODY = "Not one row of {name} can be used."
PROBLEMS = "Rows that cannot be used"
DUPLICATES = "Rows that may be one person"
MORE = "… and {count} more."
PREVIEW = "Nothing is used yet: look through it first."
CHIP = "{people}"
FROM = "From {name}"
LEDGER = "Fairness over time"
LEDGER_HOW = (
    "A CSV with id and minutes driven to past meetups. The drives of those who drove more than the"
    " mean then count more, so the next meetups move towards them."
)
STRENGTH = "How much the past counts"
STRENGTHS = {0.0: "Not at all", 0.5: "A little", 1.0: "As usual", 2.0: "A lot"}
LEDGER_USED = "{people} have driven before; {minutes} minutes in all."
LEDGER_FORGET = "Forget the ledger"
VIDEO = "By video, so not planned for"
VIDEO_BACK = "Bring everybody back"


def ready(people: str) -> str:
    """Return the heading of a preview."""
    return f"{people} {'is' if people.startswith('1 ') else 'are'} ready"


def counted(bad: int, twins: int) -> str:
    """Return what is wrong with a roster in one line; empty where nothing is."""
    said = []
    if bad:
        said.append("1 row cannot be used" if bad == 1 else f"{bad} rows cannot be used")
    if twins:
        said.append("1 set of rows may be one person" if twins == 1 else
                    f"{twins} sets of rows may be one person")  # fmt: skip
    return " · ".join(said)
