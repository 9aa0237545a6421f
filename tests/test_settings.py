from __future__ import annotations

from pathlib import Path

import pytest

from geo.errors import UnknownName
from geo.settings import read_settings
from geo.tables import checkout


def test_the_data_live_in_the_checkout_unless_told_otherwise() -> None:
    root = checkout()
    assert root is not None
    assert read_settings({}).data_dir == root / "data"
    assert read_settings({"CROSSROADS_DATA_DIR": "/srv/x"}).regions_dir == Path("/srv/x/regions")


def test_a_misspelt_setting_is_refused_with_the_right_name() -> None:
    with pytest.raises(UnknownName, match="did you mean CROSSROADS_DATA_DIR"):
        read_settings({"CROSSROADS_DATADIR": "x"})
