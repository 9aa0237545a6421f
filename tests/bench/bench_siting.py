"""The solvers beside their peers: plain HiGHS (through SciPy) and, where installed, spopt.

Seconds are on the wall, since branches are looked at in two threads; the note tells those of the
processor, which a busy computer does not change much. Our loops are compiled before. A peer runs on
one thread, is stopped after `PEER_LIMIT_S`, and stands with at least that.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from scipy import optimize, sparse
from scipy.sparse.csgraph import shortest_path

from geo.facility_location import (
    Siting,
    solve_capacitated,
    solve_p_center,
    solve_p_median,
    warm,
)
from tests.bench.table import Row

PEER_LIMIT_S = 20.0

ORLIB = Path(__file__).parents[3] / "shared" / "orlib"
SIZES = [
    (n, p)
    for n in range(100, 1000, 100)
    for p in (5, 10, n // 10, n // 5, n // 3)
    if not (n >= 700 and p == n // 3) and not (n >= 800 and p == n // 5)
]
"""The sizes of the 40 problems of the OR-Library (Beasley 1985, EJOR 21: 270)."""


def road_problem(n: int, p: int, seed: int) -> np.ndarray:
    """Make a problem as the OR-Library's were made: n nodes, n^2 / 50 edges of length 1 to 100."""
    random = np.random.default_rng(seed)
    lengths = np.zeros((n, n))
    for node in range(1, n):  # a tree first, so that it is connected
        other = random.integers(node)
        lengths[other, node] = lengths[node, other] = random.integers(1, 101)
    edges = n - 1
    while edges < n * n // 50:
        a, b = random.integers(n, size=2)
        if a != b and lengths[a, b] == 0:
            lengths[a, b] = lengths[b, a] = random.integers(1, 101)
            edges += 1
    return shortest_path(lengths, method="D")


def orlib_problem(path: Path) -> tuple[np.ndarray, int]:
    """Read a p-median problem of the OR-Library: lengths between nodes, and p."""
    n, edges, p, *rest = map(int, path.read_text().split())
    lengths = np.zeros((n, n))
    for a, b, length in np.reshape(rest[: 3 * edges], (edges, 3)):
        lengths[a - 1, b - 1] = lengths[b - 1, a - 1] = length
    return shortest_path(lengths, method="D"), p


def plane(n: int, m: int, seed: int) -> np.ndarray:
    """Spread people and sites over 100 x 80 km; 1.4 min/km, beyond 90 min ``inf``; seconds."""
    random = np.random.default_rng(seed)
    people = random.uniform((0, 0), (100, 80), (n, 2)).astype(np.float32)
    sites = random.uniform((0, 0), (100, 80), (m, 2)).astype(np.float32)
    minutes = np.hypot(people[:, :1] - sites[:, 0], people[:, 1:] - sites[:, 1]) * np.float32(1.4)
    minutes[minutes > 90] = np.inf
    return np.asarray(60 * minutes, np.float32)


@dataclass(frozen=True, slots=True)
class Timed:
    """An answer, and the seconds that it took on the wall and of the processor."""

    siting: Siting
    wall_s: float
    cpu_s: float

    @property
    def note(self) -> str:
        return f"{self.cpu_s:.2f} s of processor"


def timed(solve: Callable[[], Siting]) -> Timed:
    """Solve, and look at both clocks."""
    wall, cpu = time.perf_counter(), time.process_time()
    siting = solve()
    return Timed(siting, time.perf_counter() - wall, time.process_time() - cpu)


def highs_p_median(seconds: np.ndarray, p: int, limit_s: float) -> tuple[float, str]:
    """Solve a p-median by plain HiGHS: the strong formulation, nothing else."""
    n, m = seconds.shape
    row, site = np.nonzero(np.isfinite(seconds))
    k = len(row)
    pair, ones = np.arange(k), np.ones(k)
    matrix = sparse.bmat(
        [
            [sparse.csr_matrix((ones, (row, pair)), shape=(n, k)), None],
            [sparse.eye(k), sparse.csr_matrix((-ones, (pair, site)), shape=(k, m))],
            [None, np.ones((1, m))],
        ],
        format="csc",
    )
    lower = np.concatenate([np.ones(n), np.full(k, -np.inf), [p]])
    upper = np.concatenate([np.ones(n), np.zeros(k), [p]])
    start = time.perf_counter()
    answer = optimize.milp(
        np.concatenate([seconds[row, site], np.zeros(m)]),
        constraints=optimize.LinearConstraint(matrix, lower, upper),
        bounds=optimize.Bounds(0, 1),
        integrality=np.repeat([0, 1], [k, m]),
        options={"time_limit": limit_s},
    )
    return time.perf_counter() - start, "proven" if answer.status == 0 else "not finished"


def spopt_p_median(seconds: np.ndarray, p: int, limit_s: float) -> tuple[float | None, str]:
    """Solve a p-median by spopt's model and its default solver, where spopt is installed."""
    try:
        import pulp
        from spopt.locate import PMedian
    except ImportError:
        return None, "spopt is not installed"
    start = time.perf_counter()
    model = PMedian.from_cost_matrix(seconds, np.ones(len(seconds)), p)
    model.problem.solve(pulp.PULP_CBC_CMD(msg=False, timeLimit=limit_s))
    status = "proven" if model.problem.sol_status == 1 else "not finished"
    return time.perf_counter() - start, status


def rows(peer_limit_s: float = PEER_LIMIT_S) -> Iterator[Row]:
    """Yield the rows, those with peers first."""
    warm()
    yield from _published(peer_limit_s)
    yield from _forty()
    yield from _planes()
    yield from _groups()


def _published(peer_limit_s: float) -> Iterator[Row]:
    optima = {1: 5819, 6: 7824, 16: 8162, 26: 9917}
    for number, optimum in optima.items():
        path = ORLIB / f"pmed{number}.txt"
        if not path.exists():
            continue
        lengths, p = orlib_problem(path)
        ours = timed(partial(solve_p_median, lengths, p))
        ours_s = ours.wall_s
        right = ours.siting.proven and ours.siting.objective == optimum
        name = f"pmed{number}, {'proven' if right else 'NOT the published optimum'}"
        yield Row(name, ours_s if right else math.inf, bar=3.0, unit="s", note=ours.note)
        peer_s, note = highs_p_median(lengths, p, peer_limit_s)
        yield Row(f"pmed{number}, peer {note}", ours_s, "HiGHS", peer_s, 1.0, "s")
        spopt_s, note = spopt_p_median(lengths, p, peer_limit_s)
        yield Row(f"pmed{number}, peer {note}", ours_s, "spopt", spopt_s, 1.0, "s")


def _forty() -> Iterator[Row]:
    for name, solve, bar in (("p-median", solve_p_median, 20), ("p-center", solve_p_center, 25)):
        all_ours = []
        for n, p in SIZES:
            lengths = road_problem(n, p, n + p)
            all_ours.append(timed(partial(solve, lengths, p)))
        proven = sum(ours.siting.proven for ours in all_ours)
        slowest = max(all_ours, key=lambda ours: ours.wall_s)
        whole_s = sum(ours.wall_s for ours in all_ours) if proven == len(SIZES) else math.inf
        note = f"{sum(ours.cpu_s for ours in all_ours):.2f} s of processor"
        what = f"{name}, {proven} of {len(SIZES)} road problems proven"
        yield Row(what, whole_s, bar=bar, unit="s", note=note)
        what = f"{name}, the slowest of them"
        yield Row(what, slowest.wall_s, bar=3.0, unit="s", note=slowest.note)


def _planes() -> Iterator[Row]:
    cases = [(1000, 300, 20, 1e-4, 1), (2000, 500, 50, 1e-4, 10)]
    cases += [(10_000, 2_000, 50, 0.01, 5), (10_000, 2_000, 50, 0.0035, 15)]
    for n, m, p, gap, bar in cases:
        for seed in range(3):
            seconds = plane(n, m, seed)
            ours = timed(partial(solve_p_median, seconds, p, gap=gap))
            name = f"p-median {n} x {m}, p={p}, seed {seed}, gap {ours.siting.gap:.3%}"
            yield _within(name, ours, gap, bar)


def _groups() -> Iterator[Row]:
    for p in (28, 32, 40):
        seconds = plane(300, 120, p)
        ours = timed(partial(solve_capacitated, seconds, p, min_size=4, max_size=12, gap=1e-3))
        fill = 300 / (12 * p)
        name = f"groups of 4-12, 300 x 120, {fill:.0%} full, gap {ours.siting.gap:.3%}"
        yield _within(name, ours, 1e-3, 30)


def _within(name: str, ours: Timed, gap: float, bar: float) -> Row:
    """Return the row of an answer that counts only within its gap."""
    seconds = ours.wall_s if ours.siting.gap <= gap else math.inf
    return Row(name, seconds, bar=bar, unit="s", note=ours.note)
