"""The exception tree: what its classes are, and how its sentences are cut and hinted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel import errors
from costmodel.errors import CostModelError, MissingExtraError, UnknownNameError, shorten

BUILTIN = {
    "SpecError": ValueError,
    "ShapeError": ValueError,
    "GraphError": ValueError,
    "ExpressionError": ValueError,
    "DivisibilityError": ArithmeticError,
    "UnknownNameError": LookupError,
    "FileFormatError": ValueError,
    "ReadingError": ValueError,
    "UnsupportedError": ValueError,
    "RewriteError": ValueError,
    "HardwareError": ValueError,
    "CalibrationError": ValueError,
    "SizingError": ValueError,
    "SweepError": RuntimeError,
    "InfeasibleError": ValueError,
    "MeasuringError": RuntimeError,
    "MissingExtraError": ImportError,
}


@pytest.mark.parametrize("name", BUILTIN)
def test_an_error_is_one_of_ours_and_the_nearest_builtin(name: str) -> None:
    error = getattr(errors, name)
    assert issubclass(error, CostModelError)
    assert issubclass(error, BUILTIN[name])
    assert name in (errors.__doc__ or "")


def test_every_error_is_in_the_tree() -> None:
    defined = {
        name for name, value in vars(errors).items() if isinstance(value, type) and value.__module__ == errors.__name__
    }
    assert defined == {*BUILTIN, "CostModelError"}


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("conv2", "; the nearest are conv2d, conv1d"),
        ("xyz", "; there are conv1d, conv2d, linear"),
        ("linaer", "; the nearest are linear"),
    ],
)
def test_an_unknown_name_comes_with_the_nearest_ones(name: str, hint: str) -> None:
    assert str(UnknownNameError("layer kind", name, ["linear", "conv2d", "conv1d"])) == (
        f"there is no layer kind named '{name}'{hint}"
    )


def test_where_nothing_is_near_the_first_few_names_are_listed() -> None:
    assert str(UnknownNameError("device", "xyz", list("gfedcba"))) == (
        "there is no device named 'xyz'; there are a, b, c, d, e and others"
    )


def test_where_nothing_is_known_there_is_no_hint() -> None:
    assert str(UnknownNameError("device", "x", [])) == "there is no device named 'x'"


def test_a_missing_package_names_the_extra() -> None:
    assert str(MissingExtraError("scipy", "calibrate")) == (
        "scipy is not installed; install it with: pip install 'costmodel[calibrate]'"
    )


@given(
    text=st.one_of(st.text(max_size=100), st.text(min_size=20, max_size=40).map(lambda part: part * 5)),
    limit=st.integers(9, 99),
)
def test_a_long_value_is_cut_in_the_middle(text: str, limit: int) -> None:
    cut = shorten(text, limit)
    assert len(cut) <= limit
    assert cut == text if len(text) <= limit else "..." in cut
    assert text.startswith(cut.partition("...")[0])
