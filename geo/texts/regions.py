"""Sentences of the regions page, and of offers to add a region."""

from __future__ import annotations

from datetime import datetime

from geo.region import RefreshManifest
from geo.texts import capitalise, plural
from geo.units import day

ADD = "Add a region"
WHERE = "Which part of the world?"
WHERE_HINT = "Vermont, Andorra, DE-BY, or 43.9, -72.6"
CATALOGUE_HELP = (
    "The list of regions comes from {host} once a day and is searched on this computer: what you"
    " type is not sent."
)
POINT_HELP = (
    "Regions that include your point, smallest first. The point was rounded to about a kilometre"
    " and compared with the list on this computer; nothing was sent."
)
QUERYING = "Contacting {host}…"
CATALOGUE_STALE = "{host} cannot be reached. This is its list from {day}."
NOTHING_FOUND = "No region named “{text}”. Try a country, a state or coordinates."
NO_REGION_AT_POINT = "No listed region includes that point."
CHOOSE = "Choose one or more adjacent regions to combine:"
ADD_NEIGHBOUR = "Add adjacent region"
ADD_NEIGHBOUR_HELP = (
    "Combines them into one region, so that searches cover both sides of the border."
)
TOGETHER = "Combined with **{titles}**, so that searches cover both sides of the border."
REMOVE_NEIGHBOUR = "Remove"
FAR_APART = "These are too far apart to combine. Download them one by one."
NAME = "Name in Crossroads"
TRY_AGAIN = "Try again"
SIZE_UNKNOWN = "Download size unknown."
GET = "Download {names}"
DOWNLOADING = "Downloading {name}"
UPDATING = "Updating {name}"
REFRESHING = "Refreshing places in {name}"
BAD_NAME = "Use up to 64 lowercase letters, digits, - and _, for example new-england."
REPLACES = "Replaces the region of that name once the new one is complete."
NO_CONTACT = (
    "Map servers ask for a contact address. Set **CROSSROADS_CONTACT** to your e-mail or"
    " website and"
    " restart Crossroads. Installed regions work without it."
)
AREA = "Download only a small area"
AREA_HELP = "For places in very large regions: downloads roads and places around one point."
AREA_WHERE = "Centre"
AREA_HINT = "43.9, -72.6"
AREA_KM = "Radius"
AREA_NAME = "my-area"
GET_AREA = "Download area"
NO_POINT = "Not a valid position. Use a form like 43.9, -72.6."
STOP = "Stop"
STOPPING = "Stopping…"
FAILED = "unexpected error; the app log has the details."
STOPPED = "Stopped. Downloaded data is kept; start again to continue."
DISMISS = "Hide"
SHOW_REGION = "Show {name}"
BUSY = "Another download is running. Try again when it is finished."
UPDATE = "Update"
REBUILD = "Download and rebuild"
REFRESH = "Refresh places"
REFRESH_NOW = "Refresh from OpenStreetMap"
REFRESH_DUE = "More than {days} days old; places may have opened, moved or closed."
ALL_FRESH = "Places refreshed; data of **{day}**."
SOME_FRESH = "Places refreshed in {squares} of {all} squares; latest data of **{day}**."
MANY_SQUARES = "Too large to refresh at once. Refresh around a starting point on “Near me”."

OUTSIDE_REGION = "That point is {distance} from the nearest road in {region}."
SWITCH_REGION = "Switch to {name}"
ADD_REGION_THERE = "Add a region for that point"
ADD_REGION_THERE_HELP = (
    "The point, rounded to about a kilometre, is compared with a list of regions on this computer."
    " Nothing is sent."
)
ASK_OPERATOR = "Your Crossroads administrator can add a region for that point."
SEARCH_NOTICE = "To search the web for “{text}”, only this text is sent to **{host}**."
SEARCH_NEEDS_CONTACT = (
    "Searching the web for addresses needs a contact address: set **CROSSROADS_CONTACT** to your"
    " e-mail or website and restart Crossroads."
)
SEARCH_NOW = "Send to {host}"
CLOSE_OFFER = "Cancel"
PLACES_OF = "Map data: {month}"
ADDRESS_DATA = "Addresses © OpenStreetMap contributors (ODbL), found by Nominatim."
ADDRESS_NOT_FOUND = "Not found by {host} either. Check the spelling, or choose a point on the map."
FOUND_ON_WEB = "Found by {host}:"


def megabytes(size: float) -> str:
    """Return a size as people say it."""
    if size >= 1e9:
        return f"{size / 1e9:.1f}\N{NO-BREAK SPACE}GB"
    return f"{max(size / 1e6, 0.1):,.{0 if size >= 1e7 else 1}f}\N{NO-BREAK SPACE}MB"


def size(download: int, room: float) -> str:
    """Return how large a download is, and how much room it takes to build."""
    return (
        f"**{megabytes(download)}** to download; building needs about {megabytes(room)} of disk"
        f" space."
    )


def squares_notice(count: int, host: str) -> str:
    """Return what asking for squares of the grid tells, and whom."""
    return (
        f"Asks **{host}** for {plural(count, 'square')} of a fixed grid, each 10 km wide."
        " Everybody's squares are the same, so your position is not told."
    )


def region_ready(name: str) -> str:
    """Return what is sentence of a region that was got."""
    return f"**{capitalise(name)}** is ready."


def nothing_newer(name: str, of: datetime) -> str:
    """Return what is sentence of a region that needs no update, with the day of its data."""
    return f"**{capitalise(name)}** is already the newest that is published: of {day(of)}."


def remove_places(count: int) -> str:
    """Return the button that accepts that places are gone."""
    return "Remove 1 place" if count == 1 else f"Remove {count:,} places"


def refresh_result(name: str, fresh: RefreshManifest, missing: int) -> str:
    """Return what a refresh of places has brought."""
    changes = f"{fresh.new} new, {fresh.changed} changed, {fresh.gone} gone"
    sentence = f"Places of **{capitalise(name)}** refreshed: {changes}."
    if missing:
        number = plural(missing, "square was", "squares were")
        sentence += f" {number} not answered; there nothing has changed."
    return sentence


def freshness(fresh: RefreshManifest) -> str:
    """Return how fresh the places of a region are."""
    latest = fresh.latest
    when = day(latest) if latest else "a day that is not known"
    if fresh.is_whole:
        return ALL_FRESH.format(day=day(fresh.osm_timestamp) if fresh.osm_timestamp else when)
    return SOME_FRESH.format(squares=fresh.squares, all=fresh.squares_in_all, day=when)
