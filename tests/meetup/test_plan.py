"""Plans: counted by hand on a road, held to plain HiGHS, and to the network's own matrix."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import combinations

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from geo.errors import InputError, UnknownName
from geo.facility_location import SolveBudget
from geo.meetup import PLAN_OBJECTIVES, MeetupPlan, PlanObjective, PlanRequest, plan_meetups
from geo.meetup.candidates import daylight_s
from geo.meetup.curve import trade_off_curve
from geo.meetup.plan import PlanInstance
from geo.meetup.request import Problem
from geo.meetup.solve import solve
from geo.model import Place, Point
from geo.network import Conditions
from geo.region import Region
from geo.roster import Person

MakeRegion = Callable[..., Region]
At = Callable[..., tuple[Point, ...]]
Roads = list[tuple[int, int, float]]


def persons(points: Sequence[Point]) -> list[Person]:
    return [Person(f"p{i}", point) for i, point in enumerate(points)]


def random_people(region: Region, count: int, seed: int = 0) -> list[Person]:
    graph, random = region.network.graph, np.random.default_rng(seed)
    chosen = random.choice(len(graph.junction_lon), count, replace=False)
    return persons(
        [Point(float(graph.junction_lon[k]), float(graph.junction_lat[k])) for k in chosen]
    )


def groups(plan: MeetupPlan) -> dict[str, list[str]]:
    return {m.place.osm_id: [a.person.id for a in m.attendees] for m in plan.meetups}


# --- known answers: junctions 0..4 on one road, five minutes apart ---


def test_the_least_total_is_in_the_middle(
    make_region: MakeRegion, at: At, five_minutes: Roads
) -> None:
    region = make_region(5, five_minutes, [0, 1, 2, 3, 4])
    plan = plan_meetups(PlanRequest(meetups=1), region=region, people=persons(at(0, 1, 4)))
    assert groups(plan) == {"n1": ["p0", "p1", "p2"]}
    assert (plan.value, plan.bound, plan.proven) == (1200.0, 1200.0, True)
    assert (plan.total_s, plan.worst_s) == (1200.0, 900.0)


def test_the_fairest_shortens_the_longest_drive(
    make_region: MakeRegion, at: At, five_minutes: Roads
) -> None:
    region = make_region(5, five_minutes, [0, 1, 2, 3, 4])
    request = PlanRequest(meetups=1, objective="fairest")
    plan = plan_meetups(request, region=region, people=persons(at(0, 1, 4)))
    assert groups(plan) == {"n2": ["p0", "p1", "p2"]}
    assert (plan.value, plan.bound, plan.proven) == (600.0, 600.0, True)


def test_more_people_go_before_shorter_drives(
    make_region: MakeRegion, at: At, five_minutes: Roads
) -> None:
    region = make_region(5, five_minutes, [0, 3])
    request = PlanRequest(meetups=1, cutoff_s=900)
    plan = plan_meetups(request, region=region, people=persons(at(0, 0, 0, 4)))
    assert groups(plan) == {"n3": ["p0", "p1", "p2", "p3"]}


def test_who_goes_nowhere_is_told_with_the_rule(
    make_region: MakeRegion, at: At, five_minutes: Roads
) -> None:
    region = make_region(5, five_minutes, [0, 3])
    people = [*persons(at(0, 4, 2)), Person("far", Point(30.0, 30.0))]
    plan = plan_meetups(PlanRequest(meetups=1, cutoff_s=200), region=region, people=people)
    assert groups(plan) == {"n0": ["p0"]}
    assert [(one.person.id, one.rule) for one in plan.unplaced] == [
        ("p1", "too_far"),
        ("p2", "too_far"),
        ("far", "off_road"),
    ]
    assert plan.unplaced[0].nearest_s == 300
    few = plan_meetups(PlanRequest(meetups=1, cutoff_s=300), region=region, people=people)
    assert {(one.person.id, one.rule) for one in few.unplaced} == {
        ("p0", "meetups"),
        ("far", "off_road"),
    }


def test_coverage_and_fewest(make_region: MakeRegion, at: At, five_minutes: Roads) -> None:
    region = make_region(5, five_minutes, [0, 1, 2, 3, 4])
    people = persons(at(0, 1, 2, 3, 4))
    most = plan_meetups(
        PlanRequest(meetups=1, objective="coverage", cutoff_s=300), region=region, people=people
    )
    assert (most.value, most.bound, most.proven) == (3.0, 3.0, True)
    fewest = plan_meetups(
        PlanRequest(objective="fewest", cutoff_s=300), region=region, people=people
    )
    assert (fewest.value, fewest.bound, fewest.proven) == (2.0, 2.0, True)
    assert not fewest.unplaced
    one = plan_meetups(
        PlanRequest(meetups=1, objective="fewest", cutoff_s=300), region=region, people=people
    )
    assert (one.placed, one.value, one.bound) == (3, 1.0, 1.0)


def test_groups_have_the_size_asked_for(
    make_region: MakeRegion, at: At, five_minutes: Roads
) -> None:
    region = make_region(5, five_minutes, [0, 4])
    people = persons(at(0, 0, 0, 0, 4))
    for objective in PLAN_OBJECTIVES:
        request = PlanRequest(meetups=2, objective=objective, min_size=2, max_size=3)
        plan = plan_meetups(request, region=region, people=people)
        assert sorted(len(m.attendees) for m in plan.meetups) == [2, 3], objective
        assert plan.placed == 5
    assert plan_meetups(
        PlanRequest(meetups=2, min_size=2), region=region, people=people
    ).value == pytest.approx(1200)


def test_groups_that_cannot_be_filled_are_fewer(
    make_region: MakeRegion, at: At, five_minutes: Roads
) -> None:
    region = make_region(5, five_minutes, [0, 2, 4])
    request = PlanRequest(meetups=3, min_size=4)
    plan = plan_meetups(request, region=region, people=persons(at(0, 1, 2, 3, 4)))
    assert groups(plan) == {"n2": ["p0", "p1", "p2", "p3", "p4"]}


def test_a_full_place_sends_the_rest_elsewhere(
    make_region: MakeRegion, at: At, five_minutes: Roads
) -> None:
    small = Place("n9", "Small", "cafe", at(0)[0], {"capacity": "2"})
    region = make_region(5, five_minutes, [small, 3])
    plan = plan_meetups(PlanRequest(meetups=2), region=region, people=persons(at(0, 0, 0)))
    assert sorted(map(len, groups(plan).values())) == [1, 2]
    assert plan.value == 900


def test_unnamed_closed_and_banned_places_are_left_out(
    make_region: MakeRegion, at: At, five_minutes: Roads
) -> None:
    here = at(0)[0]
    unnamed = Place("n1", None, "cafe", here)
    shut = Place("n2", "Shut", "cafe", here, {"opening_hours": "Mo-Fr 18:00-22:00"})
    short = Place("n3", "Short", "cafe", here, {"opening_hours": "Mo-Fr 09:00-11:00"})
    lonely = Place("n4", "Alone", "fast_food", here)
    region = make_region(5, five_minutes, [unnamed, shut, short, lonely, 2, 4])
    people = persons(at(0))
    monday = datetime(2026, 5, 4, 10)

    def chosen(**rules: object) -> str:
        request = PlanRequest(meetups=1, starts_at=monday, **rules)  # type: ignore[arg-type]
        return next(iter(groups(plan_meetups(request, region=region, people=people))))

    assert chosen() == "n2"  # the café at junction 2, whose hours are not known
    assert chosen(duration=timedelta(hours=1)) == "n3"
    assert chosen(duration=timedelta(hours=1), banned=("n3",)) == "n2"
    assert chosen(kinds=("fast_food",)) == "n4"
    assert chosen(forced=("n4",)) == "n4"


def test_people_are_kept_together_and_apart(
    make_region: MakeRegion, at: At, five_minutes: Roads
) -> None:
    region = make_region(5, five_minutes, [0, 4])
    people = persons(at(0, 1, 3, 4))
    together = plan_meetups(
        PlanRequest(meetups=2, together=(("p0", "p3"),)), region=region, people=people
    )
    assert any({"p0", "p3"} <= set(ids) for ids in groups(together).values())
    assert (together.value, together.proven) == (1800.0, True)
    apart = plan_meetups(
        PlanRequest(meetups=2, apart=(("p0", "p1"),)), region=region, people=people
    )
    assert not any({"p0", "p1"} <= set(ids) for ids in groups(apart).values())
    assert (apart.value, apart.proven, apart.placed) == (1200.0, True, 4)
    both = plan_meetups(
        PlanRequest(meetups=2, objective="fairest", together=(("p0", "p3"),), max_size=3),
        region=region,
        people=people,
    )
    assert (both.value, both.placed, both.proven) == (1200.0, 4, True)


def test_a_veto_keeps_one_person_away(make_region: MakeRegion, at: At, five_minutes: Roads) -> None:
    region = make_region(5, five_minutes, [0, 4])
    request = PlanRequest(meetups=2, vetoes=(("p0", "n0"),))
    plan = plan_meetups(request, region=region, people=persons(at(0, 0, 4)))
    assert groups(plan) == {"n0": ["p1"], "n4": ["p0", "p2"]}


def test_the_number_is_found_at_the_knee(
    make_region: MakeRegion, at: At, five_minutes: Roads
) -> None:
    region = make_region(5, five_minutes, [0, 1, 2, 3, 4])
    people = persons(at(0, 0, 0, 0, 1, 4, 4, 4, 4, 3))
    plan = plan_meetups(PlanRequest(), region=region, people=people)
    assert [point.meetups for point in plan.curve] == [1, 2, 3, 4, 5]
    assert len(plan.meetups) == 2
    assert plan.curve[1].total_s == plan.value == 600


def test_weights_pull(make_region: MakeRegion, at: At, five_minutes: Roads) -> None:
    region = make_region(5, five_minutes, [0, 1, 2, 3, 4])
    first, second, third = persons(at(0, 1, 4))
    heavy = Person("p2", third.point, weight=5.0)
    plan = plan_meetups(PlanRequest(meetups=1), region=region, people=[first, second, heavy])
    assert list(groups(plan)) == ["n4"]
    assert plan.value == 1200 + 900


def test_nobody_and_nowhere_are_no_errors(
    make_region: MakeRegion, at: At, five_minutes: Roads
) -> None:
    region = make_region(5, five_minutes, [0])
    assert plan_meetups(PlanRequest(), region=region, people=[]).meetups == ()
    empty = plan_meetups(PlanRequest(kinds=("library",)), region=region, people=persons(at(0, 1)))
    assert [one.rule for one in empty.unplaced] == ["no_way", "no_way"]
    assert (empty.value, empty.bound, empty.gap) == (0.0, 0.0, 0.0)


def test_nobody_drives_longer_than_they_are_ready_for(
    make_region: MakeRegion, at: At, five_minutes: Roads
) -> None:
    region = make_region(5, five_minutes, [0])
    near, far = (Person(f"p{s}", at(4)[0], longest_s=s) for s in (1199.0, 1201.0))
    plan = plan_meetups(PlanRequest(meetups=1), region=region, people=[near, far])
    assert [one.person.id for one in plan.meetups[0].attendees] == ["p1201.0"]
    assert [one.rule for one in plan.unplaced] == ["too_far"]


def test_who_needs_daylight_gets_it(make_region: MakeRegion, at: At, five_minutes: Roads) -> None:
    region = make_region(5, five_minutes, [0])
    careful = Person("p0", at(4)[0], daylight=True)
    winter = PlanRequest(meetups=1, starts_at=datetime(2026, 12, 21, 15, 30))
    plan = plan_meetups(winter, region=region, people=[careful])
    assert [one.rule for one in plan.unplaced] == ["daylight"]
    noon = PlanRequest(meetups=1, starts_at=datetime(2026, 12, 21, 11))
    assert plan_meetups(noon, region=region, people=[careful]).placed == 1
    brave = Person("p0", at(4)[0], longest_dark_s=1200.0)
    assert plan_meetups(winter, region=region, people=[brave]).placed == 1
    timid = Person("p0", at(4)[0], longest_dark_s=1199.0)
    assert [one.rule for one in plan_meetups(winter, region=region, people=[timid]).unplaced] == [
        "daylight"
    ]
    # Almanac of Andorra la Vella, 21 June: the sun rises about 6:15 and sets about 21:40.
    before_s, after_s = daylight_s(
        Point(1.52, 42.51), datetime(2026, 6, 21, 12), timedelta(hours=1)
    )
    assert before_s / 3600 == pytest.approx(12 - 6.25, abs=0.2)
    assert after_s / 3600 == pytest.approx(21.66 - 13, abs=0.2)


@pytest.mark.parametrize(
    ("rules", "word"),
    [
        ({"meetups": 0}, "0 meetups"),
        ({"min_size": -1}, "-1"),
        ({"min_size": 5, "max_size": 4}, "largest group of 4"),
        ({"forced": ("n1",), "banned": ("n1",)}, "n1"),
        ({"meetups": 1, "forced": ("n1", "n2")}, "2 places"),
        ({"objective": "fewest", "cutoff_s": math.inf}, "longest drive"),
        ({"objective": "best"}, "fairest"),
        ({"duration": timedelta(0)}, "last"),
    ],
)
def test_wrong_requests_are_refused(rules: dict[str, object], word: str) -> None:
    with pytest.raises(InputError, match=word):
        PlanRequest(**rules)  # type: ignore[arg-type]


def test_wrong_names_are_refused(make_region: MakeRegion, at: At, five_minutes: Roads) -> None:
    region = make_region(5, five_minutes, [0])
    people = persons(at(0, 1))
    with pytest.raises(UnknownName, match="n77"):
        plan_meetups(PlanRequest(forced=("n77",)), region=region, people=people)
    with pytest.raises(InputError, match="p7"):
        plan_meetups(PlanRequest(together=(("p0", "p7"),)), region=region, people=people)
    with pytest.raises(InputError, match="same id"):
        plan_meetups(PlanRequest(), region=region, people=[people[0], people[0]])
    with pytest.raises(InputError, match="both together and apart"):
        plan_meetups(
            PlanRequest(together=(("p0", "p1"),), apart=(("p0", "p1"),)),
            region=region,
            people=people,
        )


# --- against plain HiGHS: what is claimed of small problems ---


def exact(problem: Problem, objective: PlanObjective, p: int) -> tuple[int, float]:
    """Return how many can be placed and the best value, by trying all sets of p sites.

    Sizes are met by an assignment that HiGHS finds for each set.
    """
    best = (-1, math.inf)
    sites = problem.seconds.shape[1]
    for chosen in combinations(range(sites), p):
        if not set(problem.forced_list) <= set(chosen):
            continue
        for solution in assignments(problem, list(chosen), objective):
            if (-solution[0], solution[1]) < (-best[0], best[1]):
                best = solution
    return best


def assignments(
    problem: Problem, chosen: list[int], objective: PlanObjective
) -> list[tuple[int, float]]:
    seconds = problem.seconds[:, chosen]
    caps = np.unique(seconds[np.isfinite(seconds)]) if objective == "fairest" else [np.inf]
    found = []
    for cap in caps:
        solved = assign(problem, np.where(seconds <= cap, seconds, np.inf), chosen)
        if solved is not None:
            placed, total = solved
            found.append((placed, float(cap) if objective == "fairest" else total))
    return found


def assign(
    problem: Problem, seconds: np.ndarray[tuple[int, int], np.dtype[np.float64]], chosen: list[int]
) -> tuple[int, float] | None:
    n, k = seconds.shape
    large = 1e5
    finite = np.isfinite(seconds)
    cost = np.where(finite, problem.weights[:, None] * np.where(finite, seconds, 0) - large, 0.0)
    rows = np.zeros((n + k, n * k))
    for i in range(n):
        rows[i, i * k : (i + 1) * k] = 1
    for j in range(k):
        rows[n + j, j::k] = 1
    low = np.concatenate([np.zeros(n), np.full(k, problem.min_size)])
    high = np.concatenate([np.ones(n), np.minimum(problem.max_sizes[chosen], n)])
    result = milp(
        cost.ravel(),
        constraints=LinearConstraint(rows, low, high),
        bounds=Bounds(0, finite.ravel().astype(float)),
        integrality=np.ones(n * k),
    )
    if result.x is None:
        return None
    placed = round(result.x.sum())
    return placed, float(result.fun + large * placed)


@pytest.mark.parametrize("objective", ["total", "fairest"])
@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("sized", [False, True])
def test_values_and_bounds_equal_plain_highs(
    objective: PlanObjective, seed: int, sized: bool
) -> None:
    random = np.random.default_rng(seed)
    seconds = random.uniform(60, 3000, (7, 5)).astype(np.float32).astype(np.float64)
    seconds[random.random((7, 5)) < 0.25] = np.inf
    problem = Problem(
        seconds=seconds,
        weights=np.ones(7) if seed % 2 else random.integers(1, 4, 7).astype(float),
        rooms=np.full(5, np.inf),
        min_size=2 if sized else 0,
        max_size=4.0 if sized else math.inf,
    )
    answer = solve(problem, objective, 2, SolveBudget(20))
    placed, value = exact(problem, objective, 2)
    assert answer.placed == placed
    assert answer.proven
    assert problem.value(objective, answer) == pytest.approx(value)
    assert answer.bound <= value * (1 + 1e-6)
    assert answer.bound == pytest.approx(value, rel=1e-6)
    assert problem.is_feasible(answer)


# --- real roads ---


class Visitor:
    """Somebody who presses Stop when the plan has been heard of so many times."""

    def __init__(self, patience: int) -> None:
        self.patience, self.heard = patience, 0
        self.gaps: list[float] = []

    def __call__(self, _elapsed_s: float, value: float, bound: float) -> bool:
        self.heard += 1
        if math.isfinite(value) and math.isfinite(bound):
            self.gaps.append(abs(value - bound) / max(value, bound, 1e-9))
        return self.heard < self.patience


RULES: dict[str, dict[str, object]] = {
    "groups": {"min_size": 4, "max_size": 12},
    "apart": {"apart": (np.array([0, 1, 2]), np.array([3, 4]))},
    "together, in groups": {"min_size": 4, "max_size": 12, "together": (np.array([0, 1, 2]),)},
}


@pytest.mark.parametrize("rules", RULES)
@pytest.mark.parametrize("patience", [1, 4])
@pytest.mark.parametrize("objective", PLAN_OBJECTIVES)
def test_every_search_ends_soon_after_stop(
    objective: PlanObjective, patience: int, rules: str
) -> None:
    random = np.random.default_rng(5)
    seconds = random.uniform(60, 3000, (120, 60))
    kept = RULES[rules]
    problem = Problem(seconds, np.ones(120), np.full(60, np.inf), **kept)  # type: ignore[arg-type]
    visitor = Visitor(patience)
    answer = solve(problem, objective, 12, SolveBudget(600, progress=visitor))
    assert patience <= visitor.heard < patience + 40  # of the ten minutes that it had
    assert problem.is_feasible(answer)
    assert answer.placed == 120
    if objective != "coverage":
        assert answer.bound <= answer.value


def test_a_curve_that_is_stopped_has_what_was_found() -> None:
    random = np.random.default_rng(5)
    seconds = random.uniform(60, 3000, (120, 60))
    problem = Problem(seconds, np.ones(120), np.full(60, np.inf), min_size=4, max_size=12)
    visitor = Visitor(40)
    points = trade_off_curve(problem, SolveBudget(600, progress=visitor))
    assert 1 <= len(points) < 12
    assert visitor.heard < 80
    assert [point.meetups for point in points] == sorted(point.meetups for point in points)


@pytest.mark.parametrize("objective", PLAN_OBJECTIVES)
def test_drives_are_the_matrix_and_the_rules_are_kept(
    real_region: Region, objective: PlanObjective
) -> None:
    people = random_people(real_region, 60)
    request = PlanRequest(meetups=4, objective=objective, cutoff_s=900)
    plan = plan_meetups(request, region=real_region, people=people)
    assert plan.proven
    assert plan.placed + len(plan.unplaced) == 60
    points = {person.id: person.point for person in people}
    for meetup in plan.meetups:
        ends = [points[one.person.id] for one in meetup.attendees]
        row = real_region.places.find(meetup.place.osm_id)
        assert row is not None
        to = real_region.place_snaps[row : row + 1]
        there = real_region.network.matrix(ends, to).seconds[:, 0]
        back = real_region.network.matrix(to, ends).seconds[0]
        assert [one.travel_time_s for one in meetup.attendees] == there.tolist()
        assert [one.return_time_s for one in meetup.attendees] == back.tolist()
        assert meetup.worst_s <= 900
        assert meetup.place.name


def test_thinning_out_changes_no_value(andorra: Region) -> None:
    people = random_people(andorra, 20, seed=3)
    request = PlanRequest(cutoff_s=1200, max_size=20)
    everything = PlanInstance.of(request, andorra, people)  # with sizes, many stay
    instance = PlanInstance.of(PlanRequest(cutoff_s=1200), andorra, people)
    assert len(instance.candidates) < len(everything.candidates) / 2
    objectives: tuple[PlanObjective, ...] = ("total", "fairest", "coverage")
    for objective in objectives:
        few = solve(instance.problem(), objective, 3, SolveBudget(20))
        many = solve(everything.problem(), objective, 3, SolveBudget(20))
        assert few.value == pytest.approx(many.value, rel=1e-6)
        assert few.placed == many.placed


def test_a_curve_never_rises(rutland: Region) -> None:
    people = random_people(rutland, 40, seed=1)
    problem = PlanInstance.of(PlanRequest(cutoff_s=2400), rutland, people).problem()
    curve = trade_off_curve(problem, SolveBudget(10))
    most = [point for point in curve if point.placed == curve[-1].placed]
    totals = [point.total_s for point in most]
    assert totals == sorted(totals, reverse=True)


def test_own_conditions_count(county: Region) -> None:
    careful = Conditions("mud", ferries=False)
    people = random_people(county, 12, seed=5)
    mixed = [
        Person(p.id, p.point, conditions=careful if i % 2 else None) for i, p in enumerate(people)
    ]
    plan = plan_meetups(PlanRequest(meetups=2, cutoff_s=math.inf), region=county, people=mixed)
    differing = 0
    for meetup in plan.meetups:
        for one in meetup.attendees:
            row = county.places.find(meetup.place.osm_id)
            assert row is not None
            to, start = county.place_snaps[row : row + 1], [one.person.point]
            own = one.person.conditions or PlanRequest().conditions
            there = county.network.matrix(start, to, conditions=own).seconds[0, 0]
            assert one.travel_time_s == there
            differing += int(there != county.network.matrix(start, to).seconds[0, 0])
    assert differing
