from __future__ import annotations

import tomllib

from geo.files import app_path, checkout_root, read_table, table_path


def test_every_table_travels_in_the_wheel() -> None:
    root = checkout_root()
    assert root is not None
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    carried = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    tables = {path.name for path in (root / "data").glob("*.toml")}
    assert tables == {name.removeprefix("data/") for name in carried if name.endswith(".toml")} - {
        ".streamlit/config.toml"
    }
    for source, target in carried.items():
        assert (root / source).exists()
        assert target.startswith("geo/data/")


def test_tables_are_found() -> None:
    assert table_path("sample").is_dir()
    assert app_path().is_file()
    assert read_table("kinds")["kinds"]["cafe"]["label"] == "café"
