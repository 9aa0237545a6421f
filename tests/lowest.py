"""Print the lowest versions that pyproject.toml allows, as constraints for pip.

python -m tests.lowest >constraints.txt
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

PYPROJECT = Path(__file__).resolve().parent.parent / "pyproject.toml"
EXTRAS = ("auth", "postgres")


def lowest_versions(pyproject: Path = PYPROJECT) -> Iterator[str]:
    """Yield ``name==version`` for each dependency of the app and of its extras."""
    project = tomllib.loads(pyproject.read_text("utf-8"))["project"]
    extras = (project["optional-dependencies"][extra] for extra in EXTRAS)
    for requirement in [*project["dependencies"], *(one for extra in extras for one in extra)]:
        found = re.match(r"([\w.-]+)(?:\[[\w,]+\])?>=([\w.]+)", requirement)
        if found is None:
            message = f"{requirement!r} has no lower bound in pyproject.toml; add one with >="
            raise ValueError(message)
        yield f"{found[1]}=={found[2]}"


if __name__ == "__main__":
    print("\n".join(lowest_versions()))
