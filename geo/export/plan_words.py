"""The English of a plan, in one place, ready to be translated."""

from __future__ import annotations

import math

from geo.measures import drive
from geo.meetup import MeetupPlan, PlanRequest, Unplaced
from geo.meetup.offices import OfficeChoice
from geo.meetup.repairs import Offer, Repair
from geo.places import label

OBJECTIVES = {
    "total": "least drive for all together",
    "fairest": "shortest longest drive",
    "coverage": "most people",
    "fewest": "fewest meetups",
}

TITLES = {
    "id": "Person",
    "meetup": "Meetup",
    "people": "People",
    "reason": "Why not",
    "mean_minutes": "Mean drive",
    "leave_by": "Leave by",
    "total": "All drives",
}

OFFICE_WAYS = {
    "at the office": "Meet at the office",
    "apart": "Office staff stay there, the others meet elsewhere",
    "everyone remote": "All meet elsewhere, office staff too",
}

PEOPLE = "People"
PLACES = "Meetups"
HELP = "What would help"
UNPLACED = "Without a meetup"
CURVE = "All drives together, by the number of meetups"
HISTOGRAM = "How long people drive"
NOBODY = "Nobody can be placed under these rules."


def title(plan: MeetupPlan) -> str:
    """Return the heading of a plan."""
    return f"{_count(len(plan.meetups), 'meetup')} for {_count(plan.placed, 'person', 'people')}"


def meetup_title(number: int, place: str) -> str:
    """Return the heading of one meetup."""
    return f"Meetup {number}: {place}"


def invitation(place: str) -> str:
    """Return what an attendee's calendar shows."""
    return f"Meetup at {place}"


def reason(one: Unplaced, request: PlanRequest) -> str:
    """Return why somebody goes nowhere, as a sentence."""
    minutes = f"{request.cutoff_s / 60:g} min"
    match one.rule:
        case "off_road":
            return "No road of the region is near where this person starts."
        case "no_way":
            return "No road leads from this person to any place where a meetup could be."
        case "too_far":
            return f"The nearest place is {drive(one.nearest_s)} away, beyond {minutes}."
        case "daylight":
            return "No place can be reached and left again by daylight."
        case "group":
            return "No group of the size that was asked for takes this person."
        case _:
            return f"With so few meetups, none is within {minutes} of this person."


def repair(one: Repair) -> str:
    """Return a repair as a sentence."""
    whom = _count(len(one.ids), "more person", "more people")
    value = f"{one.value:g}"
    match one.sort:
        case "minutes":
            return f"A longest drive of {value} min places {whom}."
        case "meetups":
            return f"{value} meetups place {whom}."
        case "max_size":
            return f"Groups of up to {value} place {whom}."
        case "min_size":
            return f"Groups of {value} or more place {whom}."
        case _:
            return f"{_count(int(one.value), 'person', 'people')} can take part by video."


def offer(one: Offer, plan: MeetupPlan) -> str:
    """Return what one person can be offered, as a sentence."""
    choices = []
    if one.join is not None:
        place = label(plan.meetups[one.join - 1].place)
        extra = f", {drive(one.beyond_s)} beyond the limit" if one.beyond_s > 0 else ""
        choices.append(f"join meetup {one.join} ({place}) with {drive(one.join_s)}{extra}")
    if one.pair_id is not None and one.pair_place is not None:
        place = label(one.pair_place)
        choices.append(f"meet {one.pair_id} at {place} with {drive(one.pair_s)}")
    choices.append("take part by video")
    return f"{one.id} can {', or '.join(choices)}."


def office_choice(choice: OfficeChoice) -> str:
    """Return what one way of meeting around an office costs, as a sentence."""
    staff = f"; staff {drive(choice.staff_total_s)} in all" if choice.staff_total_s else ""
    remote = _count(choice.remote_placed, "remote person drives", "remote people drive")
    return (
        f"{OFFICE_WAYS[choice.way]}: {remote} {drive(choice.remote_total_s)} in all,"
        f" the longest {drive(choice.remote_worst_s)}{staff}."
    )


def proof(plan: MeetupPlan) -> str:
    """Return how good the plan surely is, as a sentence."""
    if plan.proven:
        return f"Proven: no other plan is better ({OBJECTIVES[plan.request.objective]})."
    if plan.gap == 0 or not math.isfinite(plan.gap):
        return "The best plan found in the time given; how good it is could not be proven."
    return (
        f"No other plan is better by more than {max(plan.gap * 100, 0.01):.2f} %"
        f" ({OBJECTIVES[plan.request.objective]})."
    )


def drives(plan: MeetupPlan) -> str:
    """Return the drives of a plan as a sentence."""
    if not plan.placed:
        return NOBODY
    mean = plan.total_s / plan.placed
    return (
        f"The longest drive is {drive(plan.worst_s)}, the mean {drive(mean)},"
        f" all together {drive(plan.total_s)}."
    )


def weighed(plan: MeetupPlan) -> str:
    """Return that some drives count more than others; empty where all count alike."""
    weights = [one.person.weight for meetup in plan.meetups for one in meetup.attendees]
    if not weights or max(weights) == min(weights):
        return ""
    heavy = sum(weight > 1 for weight in weights)
    return (
        f"Drives are weighed: those of {_count(heavy, 'person', 'people')} count more than once,"
        " as the roster or the ledger of past meetups says."
    )


def left_out(plan: MeetupPlan) -> str:
    """Return how many go nowhere; empty where nobody is left out."""
    count = len(plan.unplaced)
    if not count:
        return ""
    return f"{_count(count, 'person', 'people')} cannot be placed; the table says why."


def knee(plan: MeetupPlan) -> str:
    """Return why there are so many meetups; empty where the number was given."""
    if not plan.curve:
        return ""
    return f"More than {len(plan.meetups)} meetups save little; the curve shows what others give."


def own_drive(there_s: float, back_s: float) -> str:
    """Return one person's drives, for their own eyes."""
    back = f" Back: {drive(back_s)}." if math.isfinite(back_s) else ""
    return f"Your drive there: {drive(there_s)}.{back}"


def leave_by(clock: str) -> str:
    """Return when to leave."""
    return f"Leave by {clock}."


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
