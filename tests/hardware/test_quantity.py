"""Units and prefixes against literals, and what a quantity refuses."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from costmodel.hardware.quantity import BASE_UNITS, BINARY_PREFIXES, PREFIXES, Quantity, to_base

PREFIX_LITERALS = [
    ("p", 0.000000000001),
    ("n", 0.000000001),
    ("u", 0.000001),
    ("m", 0.001),
    ("", 1.0),
    ("k", 1000.0),
    ("M", 1000000.0),
    ("G", 1000000000.0),
    ("T", 1000000000000.0),
    ("P", 1000000000000000.0),
]


class TestPrefixes:
    """A prefix multiplies by exactly what its name says."""

    @pytest.mark.parametrize(("prefix", "factor"), PREFIX_LITERALS)
    @pytest.mark.parametrize("base", BASE_UNITS)
    def test_prefix_is_its_literal(self, prefix: str, factor: float, base: str) -> None:
        assert to_base(1.0, prefix + base) == (factor, base)

    @pytest.mark.parametrize(("prefix", "factor"), [("Ki", 1024.0), ("Mi", 1048576.0), ("Gi", 1073741824.0)])
    def test_binary_prefix_is_its_literal(self, prefix: str, factor: float) -> None:
        assert to_base(1.0, prefix + "B") == (factor, "B")

    def test_no_prefix_is_untested(self) -> None:
        assert {prefix for prefix, _ in PREFIX_LITERALS} == set(PREFIXES)
        assert set(BINARY_PREFIXES) == {"Ki", "Mi", "Gi"}

    @pytest.mark.parametrize(
        ("value", "unit", "expected"),
        [(15.7, "Top/s", 15.7e12), (2.3, "pJ/op", 2.3e-12), (25.6, "GB/s", 25.6e9), (0.115, "pJ/op", 0.115e-12)],
    )
    def test_decimal_values_are_exact(self, value: float, unit: str, expected: float) -> None:
        assert to_base(value, unit)[0] == expected


class TestQuantity:
    """A quantity has a known unit, a positive finite value and a source."""

    def test_gives_its_value_in_the_base_unit(self) -> None:
        assert Quantity(value=472, unit="Gop/s", source="a data sheet").si == 472_000_000_000.0

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("value", 0),
            ("value", -1.0),
            ("value", float("nan")),
            ("value", float("inf")),
            ("value", "15.7"),
            ("value", True),
            ("unit", "TFLOPS"),
            ("unit", "GiB/s"),
            ("unit", ""),
            ("source", ""),
            ("source", "   "),
            ("url", "file:///etc/passwd"),
            ("date", "May 2020"),
        ],
    )
    def test_refuses(self, field: str, value: object) -> None:
        with pytest.raises(ValidationError, match=field):
            Quantity.model_validate({"value": 1.0, "unit": "B/s", "source": "a data sheet"} | {field: value})

    def test_refuses_unknown_fields(self) -> None:
        with pytest.raises(ValidationError, match="sauce"):
            Quantity.model_validate({"value": 1.0, "unit": "B/s", "source": "a data sheet", "sauce": "x"})
