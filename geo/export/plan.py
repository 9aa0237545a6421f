"""A plan as JSON values, CSV and a listing of its meetups; the fields are the contract."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any

from geo.export.links import map_links
from geo.export.listing import Attribution, Column, Listing, ListingRow
from geo.export.tables import csv_text
from geo.meetup import Attendee, CurvePoint, Meetup, MeetupPlan, PlanObjective
from geo.meetup.history import DrivingHistory, HistoryCost
from geo.meetup.repairs import Alternative, Repair
from geo.places import label, opening
from geo.region import Manifest
from geo.text import strip_controls
from geo.texts import exported_plan, exports
from geo.units import Measures


@dataclass(frozen=True, slots=True)
class Remedies:
    """What would help those whom a plan leaves out.

    Attributes
    ----------
    repairs
        Changes of the request.
    offers
        For each person.
    """

    repairs: tuple[Repair, ...] = ()
    offers: tuple[Alternative, ...] = ()


PEOPLE_COLUMNS = (
    "id", "meetup", "osm_id", "name", "kind", "lat", "lon", "minutes", "return_minutes", "reason",
)  # fmt: skip


def plan_values(
    plan: MeetupPlan, manifest: Manifest, remedies: Remedies | None = None
) -> dict[str, Any]:
    """Return a plan as JSON values.

    Parameters
    ----------
    plan
        The plan.
    manifest
        Of the region that was searched.
    remedies
        What would help those who are left out.
    """
    request = plan.request
    return {
        "region": manifest.name,
        **Attribution.of(manifest).values(),
        "objective": request.objective,
        "objective_value": _to_objective_unit(plan, plan.value),
        "lower_bound": _to_objective_unit(plan, _lower_bound(plan), down=True),
        "upper_bound": plan.bound if request.objective == "coverage" else None,
        "gap": math.ceil(plan.gap * 1e6) / 1e6 if math.isfinite(plan.gap) else None,
        "proven": plan.proven,
        "placed": plan.placed,
        "total_minutes": minutes(plan.total_s),
        "worst_minutes": minutes(plan.worst_s),
        "max_minutes": minutes(request.cutoff_s),
        "starts_at": request.starts_at.isoformat() if request.starts_at else None,
        "duration_minutes": minutes(request.duration.total_seconds()),
        "meetups": [
            _meetup_values(meetup, number, plan)
            for number, meetup in enumerate(plan.meetups, start=1)
        ],
        "unplaced": [
            {
                "id": one.person.id,
                "reason": exported_plan.reason(one, request),
                "rule": one.rule,
                "nearest_minutes": minutes(one.nearest_s),
            }
            for one in plan.unplaced
        ],
        "curve": [_curve_point(point, request.objective) for point in plan.curve],
        "history": _history_values(plan.history),
        "repairs": [_repair_values(one) for one in remedies.repairs] if remedies else [],
        "offers": [_alternative_values(one, plan) for one in remedies.offers] if remedies else [],
    }


def plan_json(plan: MeetupPlan, manifest: Manifest, remedies: Remedies | None = None) -> str:
    """Return a plan as JSON text for people: indented; as `plan_values`."""
    values = plan_values(plan, manifest, remedies)
    return json.dumps(values, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def plan_csv(plan: MeetupPlan, manifest: Manifest) -> str:
    """Return a plan as CSV: one line for each person, in the order of the meetups."""
    source = Attribution.of(manifest).line
    rows = [
        [strip_controls(str(cell)) if isinstance(cell, str) else cell for cell in (*row, source)]
        for row in people_rows(plan)
    ]
    return csv_text([*PEOPLE_COLUMNS, "source"], rows)


def ledger_csv(ledger: DrivingHistory) -> str:
    """Return a ledger of minutes driven as the CSV that the next plan can weigh people by."""
    rows = [
        [strip_controls(identity), round(value, 3)] for identity, value in ledger.minutes.items()
    ]
    return csv_text(["id", "minutes"], rows)


def people_rows(plan: MeetupPlan) -> list[list[Any]]:
    """Return the cells of `PEOPLE_COLUMNS` for each person; empty where there is nothing."""
    rows: list[list[Any]] = []
    for number, meetup in enumerate(plan.meetups, start=1):
        place = meetup.place
        where = [place.osm_id, label(place), place.kind, place.point.lat, place.point.lon]
        for one in meetup.attendees:
            back = minutes(one.return_time_s)
            drive = [minutes(one.travel_time_s), "" if back is None else back]
            rows.append([one.person.id, number, *where, *drive, ""])
    for left in plan.unplaced:
        why = exported_plan.reason(left, plan.request)
        rows.append([left.person.id, "", "", "", "", "", "", "", "", why])
    return rows


def plan_listing(
    plan: MeetupPlan, manifest: Manifest, *, measures: Measures | None = None
) -> Listing:
    """Return the meetups of a plan as a listing; it tells nobody's home."""
    return Listing(
        title=exported_plan.title(plan),
        summary={"region": manifest.name},
        source=Attribution.of(manifest),
        starts=(),
        columns=(
            Column("meetup", exports.NUMBER, "text", "meetup", shown=False),
            Column.simple("osm_id", "text", shown=False),
            Column.simple("name", "text"),
            Column.simple("kind", "kind"),
            Column.simple("lat", "degrees", shown=False),
            Column.simple("lon", "degrees", shown=False),
            Column("people", exported_plan.TITLES["people"], "text", "people", short="people"),
            Column.simple("worst_minutes", "minutes"),
            Column("mean_minutes", exported_plan.TITLES["mean_minutes"], "minutes", "mean_minutes",
                   short="mean"),
            Column.simple("total_minutes", "minutes"),
        ),
        entries=tuple(
            ListingRow(meetup.place, _listing_row(meetup, number, plan))
            for number, meetup in enumerate(plan.meetups, start=1)
        ),
        notes=tuple(plan_notes(plan)),
        measures=measures or Measures(),
    )  # fmt: skip


def plan_notes(plan: MeetupPlan) -> list[str]:
    """Return what must be said of a plan in sentences."""
    sentences = [
        exported_plan.drives_sentence(plan),
        exported_plan.request_sentence(plan.request),
        exported_plan.proof(plan) if plan.placed else "",
        exported_plan.history_cost(plan),
        exported_plan.weights_note(plan),
        exported_plan.knee(plan),
        exported_plan.left_out_sentence(plan),
    ]
    return [sentence for sentence in sentences if sentence]


def minutes(seconds: float) -> float | None:
    """Return minutes with three decimals; None, as JSON has no infinity, where infinite."""
    return round(seconds / 60, 3) if math.isfinite(seconds) else None


def _meetup_values(meetup: Meetup, number: int, plan: MeetupPlan) -> dict[str, Any]:
    place = meetup.place
    return {
        "meetup": number,
        "place": {
            "osm_id": place.osm_id,
            "name": label(place),
            "kind": place.kind,
            "lat": place.point.lat,
            "lon": place.point.lon,
            "open": _open_state(meetup, plan),
            "links": map_links(place),
        },
        "attendees": [_attendee_values(one) for one in meetup.attendees],
        "total_minutes": minutes(meetup.total_s),
        "worst_minutes": minutes(meetup.worst_s),
    }


def _attendee_values(one: Attendee) -> dict[str, Any]:
    values: dict[str, Any] = {
        "id": one.person.id,
        "minutes": minutes(one.travel_time_s),
        "return_minutes": minutes(one.return_time_s),
    }
    return values if one.person.weight == 1 else {**values, "weight": one.person.weight}


def _listing_row(meetup: Meetup, number: int, plan: MeetupPlan) -> dict[str, Any]:
    values = _meetup_values(meetup, number, plan)
    place = values.pop("place")
    count = len(meetup.attendees)
    return {
        **place,
        **values,
        "people": count,
        "mean_minutes": minutes(meetup.total_s / count) if count else None,
    }


def _open_state(meetup: Meetup, plan: MeetupPlan) -> str:
    request = plan.request
    if request.starts_at is None:
        return "unknown"
    return opening.open_throughout(meetup.place, request.starts_at, request.duration)


def _repair_values(repair: Repair) -> dict[str, Any]:
    return {
        "sort": repair.kind,
        "value": repair.value,
        "smallest": repair.smallest,
        "ids": list(repair.ids),
        "text": exported_plan.repair(repair),
    }


def _alternative_values(offer: Alternative, plan: MeetupPlan) -> dict[str, Any]:
    return {
        "id": offer.id,
        "join": offer.join,
        "join_minutes": minutes(offer.join_s),
        "beyond_minutes": minutes(offer.beyond_s),
        "pair": offer.pair_id,
        "pair_place": offer.pair_place.osm_id if offer.pair_place else None,
        "pair_minutes": minutes(offer.pair_s),
        "text": exported_plan.alternative(offer, plan),
    }


def _history_values(cost: HistoryCost | None) -> dict[str, Any] | None:
    if cost is None:
        return None
    return {
        "spared": cost.spared,
        "saved_minutes": minutes(cost.saved_s),
        "extra_minutes": minutes(cost.extra_s),
        "share": cost.share,
    }


def _curve_point(point: CurvePoint, objective: PlanObjective) -> dict[str, Any]:
    bound = point.solution.bound / 60
    return {
        "meetups": point.meetups,
        "placed": point.placed,
        "total_minutes": minutes(point.total_s),
        "worst_minutes": minutes(point.worst_s),
        "lower_bound": None if objective == "coverage" else _round_down(bound),
        "proven": point.solution.proven,
    }


def _lower_bound(plan: MeetupPlan) -> float:
    """Return what the best plan is worth at least; for coverage, that is what this one has."""
    return plan.value if plan.request.objective == "coverage" else plan.bound


def _to_objective_unit(plan: MeetupPlan, value: float, *, down: bool = False) -> float | None:
    """Return a value in the objective's unit: minutes, people or meetups."""
    if not math.isfinite(value):
        return None
    if plan.request.objective in {"coverage", "fewest"}:
        return float(round(value))
    return _round_down(value / 60) if down else round(value / 60, 3)


def _round_down(value: float) -> float:
    """Return a number with three decimals, never rounded up."""
    return math.floor(value * 1000) / 1000
