"""``python -m tests.bench [NAME]...``: measure beside the peers and print one table.

Each ``bench_NAME.py`` has a function ``rows()`` that yields `Row` after `Row`.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.bench.table import Row, print_rows

HERE = Path(__file__).parent


def _rows(names: list[str]) -> Iterator[Row]:
    for path in sorted(HERE.glob("bench_*.py")):
        if not names or path.stem.removeprefix("bench_") in names:
            yield from importlib.import_module(f"tests.bench.{path.stem}").rows()


if __name__ == "__main__":
    sys.exit(0 if print_rows(_rows(sys.argv[1:])) else 1)
