"""What fails a test: a warning of our own code, and nothing that another package does."""

from __future__ import annotations

import warnings

import pytest


@pytest.mark.parametrize(
    "module", ["geo", "geo.network.snapping", "tests.cli.test_plan", "__main__"]
)
@pytest.mark.parametrize("category", [DeprecationWarning, RuntimeWarning, UserWarning])
def test_a_warning_of_our_own_code_is_an_error(module: str, category: type[Warning]) -> None:
    with pytest.raises(category):
        warnings.warn_explicit("old", category, "some.py", 1, module=module)


@pytest.mark.parametrize("module", ["geopy.point", "pyogrio._io", "numpy", "tests_of_others"])
def test_a_warning_of_another_package_is_shown(module: str) -> None:
    with warnings.catch_warnings(record=True) as shown:
        warnings.warn_explicit("old", DeprecationWarning, "some.py", 1, module=module, registry={})
    assert [str(one.message) for one in shown] == ["old"]


def test_what_is_never_closed_is_an_error_wherever_it_is_found() -> None:
    with pytest.raises(ResourceWarning):
        warnings.warn_explicit("unclosed", ResourceWarning, "gc.py", 1, module="weakref")
