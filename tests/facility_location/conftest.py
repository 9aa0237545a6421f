"""Small problems that can be tried out completely, and the road problems of the OR-Library."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse.csgraph import shortest_path

ORLIB = Path(__file__).parents[3] / "shared" / "orlib"


@dataclass(frozen=True)
class Case:
    """A problem of at most 8 x 8, small enough for `sets` to list all its plans."""

    seconds: np.ndarray
    p: int
    weights: np.ndarray | None
    forced: list[int]
    banned: list[int]

    @property
    def counts(self) -> np.ndarray:
        return np.ones(len(self.seconds)) if self.weights is None else self.weights

    @property
    def rules(self) -> dict:
        return {"weights": self.weights, "forced": self.forced, "banned": self.banned}

    def sets(self, p: int | None = None) -> Iterator[list[int]]:
        """List the sets of p sites that the rules allow."""
        allowed = [j for j in range(self.seconds.shape[1]) if j not in self.banned]
        for sites in itertools.combinations(allowed, self.p if p is None else p):
            if set(self.forced) <= set(sites):
                yield list(sites)

    def drives(self, sites: Sequence[int]) -> np.ndarray:
        return self.seconds[:, list(sites)].min(axis=1, initial=np.inf)

    def totals(self, cap_s: float = np.inf) -> tuple[int, float]:
        """Return the fewest rows nowhere, and then the least weighted total."""
        best = (len(self.seconds) + 1, 0.0)
        for sites in self.sets():
            drive = self.drives(sites)
            placed = drive <= min(cap_s, 1e300)
            total = float((self.counts[placed] * drive[placed]).sum())
            best = min(best, (int((~placed).sum()), total))
        return best


def random_case(random: np.random.Generator) -> Case:
    """Make a case: whole or other numbers, many equal or none, some that cannot."""
    n, m = random.integers(1, 9, 2)
    if random.random() < 0.7:
        seconds = random.integers(0, random.choice([4, 20, 1000]), (n, m)).astype(np.float64)
    else:
        seconds = random.uniform(0, 1000, (n, m)).astype(np.float32).astype(np.float64)
    seconds[random.random((n, m)) < random.choice([0.0, 0.2, 0.5, 0.8])] = np.inf
    weights = [None, random.integers(0, 4, n).astype(float), random.uniform(0, 3, n)]
    sites = random.permutation(m).tolist()
    banned = sites[: random.integers(0, max(1, m // 2))]
    free = sites[len(banned) :]
    forced = free[: random.integers(0, min(3, len(free)) + 1)]
    p = int(random.integers(max(1, len(forced)), len(free) + 1))
    return Case(seconds, p, weights[random.integers(3)], forced, banned)


@pytest.fixture(scope="session")
def cases() -> Callable[[int, int], Iterator[Case]]:
    """Return a maker of cases: a seed and how many."""

    def make(seed: int, number: int) -> Iterator[Case]:
        random = np.random.default_rng(seed)
        for _ in range(number):
            yield random_case(random)

    return make


@pytest.fixture(scope="session")
def orlib() -> Callable[[int], tuple[np.ndarray, int]]:
    """Return a reader of the OR-Library's p-median problems: lengths (n, n), and p."""

    def read(number: int) -> tuple[np.ndarray, int]:
        path = ORLIB / f"pmed{number}.txt"
        if not path.exists():
            pytest.skip("../shared/orlib is not here")
        n, edges, p, *rest = map(int, path.read_text().split())
        lengths = np.zeros((n, n))
        for a, b, length in np.reshape(rest[: 3 * edges], (edges, 3)):
            lengths[a - 1, b - 1] = lengths[b - 1, a - 1] = length
        return shortest_path(lengths, method="D"), p

    return read


def plane(n: int, m: int, seed: int) -> np.ndarray:
    """Return (n, m) float32 seconds in 100 x 80 km at 1.4 min/km; beyond 90 min is ``inf``."""
    random = np.random.default_rng(seed)
    people = random.uniform((0, 0), (100, 80), (n, 2))
    sites = random.uniform((0, 0), (100, 80), (m, 2))
    minutes = 1.4 * np.hypot(*(people[:, None] - sites[None]).transpose(2, 0, 1))
    minutes[minutes > 90] = np.inf
    return (60 * minutes).astype(np.float32)


@pytest.fixture(scope="session")
def county() -> Callable[[int, int, int], np.ndarray]:
    """Return a maker of people and sites spread evenly: n, m, seed."""
    return plane
