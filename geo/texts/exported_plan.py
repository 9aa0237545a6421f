"""Sentences about a plan, in exports, on the page and on the command line."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from geo.places import label
from geo.texts import plural
from geo.units import drive

if TYPE_CHECKING:
    from geo.meetup import MeetupPlan, PlanRequest, Unplaced
    from geo.meetup.compare import OfficeOption
    from geo.meetup.repairs import Alternative, Repair

OBJECTIVES = {
    "total": "shortest total drive",
    "fairest": "shortest longest drive",
    "coverage": "most people",
    "fewest": "fewest meetups",
}

GOALS = {
    "total": "least driving",
    "fairest": "fairest",
    "coverage": "most people",
    "fewest": "fewest meetups",
}

TITLES = {
    "id": "Person",
    "meetup": "Meetup",
    "people": "People",
    "reason": "Reason",
    "mean_minutes": "Average drive",
    "leave_by": "Leave by",
    "total": "Total drive",
}

OFFICE_OPTIONS = {
    "at the office": "Meet at the office",
    "apart": "Office staff stay there, everyone else meets elsewhere",
    "everyone remote": "Everyone meets elsewhere, office staff too",
}

PEOPLE = "People"
PLACES = "Meetups"
HELP = "Options"
UNPLACED = "Without a meetup"
CURVE = "Total drive by number of meetups"
HISTOGRAM = "Drive times"
NOBODY = "Nobody can be placed with these settings."
MEETUP_TITLE = "Meetup {number}: {place}"
INVITATION = "Meetup at {place}"
LEAVE_AT = "Leave by {clock}."


def title(plan: MeetupPlan) -> str:
    """Return the heading of a plan."""
    return f"{plural(len(plan.meetups), 'meetup')} for {plural(plan.placed, 'person', 'people')}"


def reason(one: Unplaced, request: PlanRequest) -> str:
    """Return why somebody goes nowhere, as a sentence."""
    minutes = f"{request.cutoff_s / 60:g} min"
    return {
        "off_road": "No road in the region is near this person's starting point.",
        "no_way": "No road leads from this person to any possible meetup place.",
        "too_far": f"The nearest place is {drive(one.nearest_s)} away, beyond {minutes}.",
        "daylight": "No place can be reached and left in daylight.",
        "group": "No group of the required size can include this person.",
        "company": "No meetup satisfies the keep-together or keep-apart rules for this person.",
        "meetups": f"With this number of meetups, none is within {minutes} of this person.",
    }[one.rule]


def repair(one: Repair) -> str:
    """Return a repair as a sentence."""
    whom = plural(len(one.ids), "more person", "more people")
    value = f"{one.value:g}"
    match one.kind:
        case "minutes":
            return f"A longest drive of {value} min places {whom}."
        case "meetups":
            return f"{value} meetups place {whom}."
        case "max_size":
            return f"Groups of up to {value} place {whom}."
        case "min_size":
            groups = f"Groups of {value} or more" if one.value > 1 else "Groups of any size"
            return f"{groups} place {whom}."
        case _:
            return f"{plural(int(one.value), 'person', 'people')} can take part by video."


def alternative(one: Alternative, plan: MeetupPlan) -> str:
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


def office_choice(choice: OfficeOption) -> str:
    """Return what one way of meeting around an office costs, as a sentence."""
    staff = (
        f"; office staff drive {drive(choice.staff_total_s)} in total"
        if choice.staff_total_s
        else ""
    )
    remote = plural(choice.remote_placed, "remote person drives", "remote people drive")
    return (
        f"{OFFICE_OPTIONS[choice.kind]}: {remote} {drive(choice.remote_total_s)} in total,"
        f" the longest {drive(choice.remote_worst_s)}{staff}."
    )


def request_label(request: PlanRequest) -> str:
    """Return what a plan was asked for, in a few words."""
    number = "" if request.meetups is None else f"{plural(request.meetups, 'meetup')}, "
    label_text = f"{number}{GOALS[request.objective]}"
    if math.isfinite(request.cutoff_s):
        label_text += f", {request.cutoff_s / 60:g} min"
    return label_text


def request_sentence(request: PlanRequest) -> str:
    """Return what a plan was asked for, as a sentence."""
    conditions = [OBJECTIVES[request.objective]]
    if math.isfinite(request.cutoff_s):
        conditions.append(f"nobody drives longer than {drive(request.cutoff_s)}")
    if request.min_size > 1 or request.max_size is not None:
        conditions.append(_sizes(request.min_size, request.max_size))
    return f"Settings: {'; '.join(conditions)}."


def _sizes(least: int, most: int | None) -> str:
    if most is None:
        return f"groups of {least} or more"
    return f"groups of {least} to {most}" if least > 1 else f"groups of up to {most}"


def proof(plan: MeetupPlan) -> str:
    """Return how good the plan surely is, as a plain sentence."""
    if not plan.placed:
        return NOBODY
    rest = _proof_scope(plan)
    if plan.proven:
        best = {
            "total": f"No plan{rest} has a shorter total drive",
            "fairest": f"No plan{rest} has a shorter longest drive",
            "coverage": f"No plan{rest} finds a meetup for more people",
            "fewest": f"No plan{rest} needs fewer meetups",
        }[plan.request.objective]
        return f"{best} (proven)."
    limit = _bound_text(plan)
    if plan.gap == 0 or not math.isfinite(plan.gap) or not limit:
        return "Best plan found within the time limit; not proven."
    subject = {
        "total": "The total drive is",
        "fairest": "The longest drive is",
        "coverage": "The number of people is",
        "fewest": "The number of meetups is",
    }[plan.request.objective]
    return f"{subject} within {percent(plan.gap)} of the best possible: no plan{rest} {limit}."


def _proof_scope(plan: MeetupPlan) -> str:
    """Return which plans a proof is of, as a part of a sentence."""
    number = plan.request.meetups or len(plan.meetups)
    of = "" if plan.request.objective == "fewest" else f" with {plural(number, 'meetup')}"
    if plan.unplaced and plan.request.objective != "coverage":
        of += f"{' and' if of else ' with'} as many people placed"
    return of


def _bound_text(plan: MeetupPlan) -> str:
    """Return what no plan can do, as a part of a sentence; empty where that says nothing."""
    count = math.ceil(plan.bound - 1e-9)
    match plan.request.objective:
        case "coverage":
            return f"finds a meetup for more than {math.floor(plan.bound + 1e-9)}"
        case "fewest":
            return f"needs fewer than {count}" if count > 0 else ""
        case "fairest":
            shortest = "has a longest drive below"
        case _:
            shortest = "counts less than" if weights_note(plan) else "has a total drive below"
    whole_s = 60.0 * math.floor(plan.bound / 60)
    return f"{shortest} {drive(whole_s)}" if whole_s > 0 else ""


def percent(fraction: float) -> str:
    """Return a fraction as a percentage that is never rounded down to nothing.

    Examples
    --------
    >>> percent(0.0042), percent(0.00001), percent(0.25)
    ('0.5 %', '0.1 %', '25 %')
    """
    value = max(100 * fraction, 0.1)
    return f"{value:.0f} %" if value >= 10 else f"{math.ceil(value * 10 - 1e-9) / 10:.1f} %"


def drives_sentence(plan: MeetupPlan) -> str:
    """Return the drives of a plan as a sentence."""
    if not plan.placed:
        return NOBODY
    mean = plan.total_s / plan.placed
    return (
        f"Longest drive {drive(plan.worst_s)}, average {drive(mean)}, total {drive(plan.total_s)}."
    )


def weights_note(plan: MeetupPlan) -> str:
    """Return that the roster has weights; empty where all drives count alike."""
    weights = [one.person.weight for meetup in plan.meetups for one in meetup.attendees]
    if not weights or max(weights) == min(weights):
        return ""
    weighted = sum(weight > 1 for weight in weights)
    return (
        f"Drives are weighted: those of {plural(weighted, 'person', 'people')} count more than once"
        " (weights from the roster)."
    )


def history_cost(plan: MeetupPlan) -> str:
    """Return what it costs to spare those who drove far to past meetups; empty without history."""
    cost = plan.history
    if cost is None:
        return ""
    share = f"{100 * cost.share:g} %"
    if not cost.spared:
        return f"Driving history makes no difference within {share} extra total drive."
    price = drive(cost.extra_s) if cost.extra_s else "nothing"
    return (
        f"Sparing {plural(cost.spared, 'person', 'people')} who drove far to past meetups costs"
        f" {price} in total (at most {share} of the total drive)."
    )


def left_out_sentence(plan: MeetupPlan) -> str:
    """Return how many go nowhere; empty where nobody is left out."""
    count = len(plan.unplaced)
    if not count:
        return ""
    return f"{plural(count, 'person', 'people')} cannot be placed; see the table for the reasons."


def knee(plan: MeetupPlan) -> str:
    """Return why there are so many meetups; empty where the number was given."""
    if not plan.curve:
        return ""
    meetups = plural(len(plan.meetups), "meetup")
    return f"More than {meetups} would save little; see the curve for other numbers."


def own_drive(there_s: float, back_s: float) -> str:
    """Return one person's drives, for their own eyes."""
    back = f" Back: {drive(back_s)}." if math.isfinite(back_s) else ""
    return f"Your drive there: {drive(there_s)}.{back}"
