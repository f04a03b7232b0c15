"""`costmodel formula`: closed forms of layer kinds and of networks."""

from pathlib import Path

import pytest

from costmodel.algebra import parse
from costmodel.layers import kinds
from tests.cli.conftest import Run
from tests.cli.specs import SYMBOLIC, write


def test_the_smooth_form_of_mobilenet_v1_is_the_published_polynomial(costmodel: Run) -> None:
    found = costmodel("formula", "mobilenet_v1", "--symbols", "width,resolution", "--json").json
    smooth = parse("10752*width**2*resolution**2 + 1125*width*resolution**2/2 + 1024000*width")
    assert (parse(found["smooth"]) - smooth).expand() == 0
    assert found["valid_when"] == "resolution % 32 == 0"
    assert set(found["symbols"]) == {"width", "resolution"}
    assert found["symbols"]["width"] == {"meaning": "width multiplier", "assumed": "positive real"}


def mobilenet_v1_by_hand(sizes: tuple[int, int, int, int, int]) -> int:
    """Table 1 of the paper with feature maps of these sizes after 1, 2, 3, 4 and 5 halvings."""
    shapes = [
        (32, 64, 0), (64, 128, 1), (128, 128, 1), (128, 256, 2), (256, 256, 2), (256, 512, 3),
        *[(512, 512, 3)] * 5, (512, 1024, 4), (1024, 1024, 4),
    ]  # fmt: skip
    blocks = sum((9 * c_i + c_i * c_o) * sizes[at] ** 2 for c_i, c_o, at in shapes)
    return 3 * 3 * 3 * 32 * sizes[0] ** 2 + blocks + 1024 * 1000


@pytest.mark.parametrize(
    ("resolution", "macs"),
    [(224, mobilenet_v1_by_hand((112, 56, 28, 14, 7))), (97, mobilenet_v1_by_hand((49, 25, 13, 7, 4)))],
)
def test_the_exact_form_holds_at_every_resolution(costmodel: Run, resolution: int, macs: int) -> None:
    found = costmodel("formula", "mobilenet_v1", "--symbols", "width,resolution", "--json").json
    assert parse(found["expression"], {"width": 1, "resolution": resolution}) == macs
    counted = costmodel("summary", "mobilenet_v1", "--set", f"resolution={resolution}", "--json").json
    assert counted["totals"]["macs"] == macs


def test_symbols_keep_the_names_that_are_given(costmodel: Run) -> None:
    found = costmodel("formula", "mobilenet_v1", "--symbols", "alpha,r,n", "--json").json
    assert set(found["symbols"]) == {"alpha", "r", "n"}
    assert found["valid_when"] == "r % 32 == 0"


def test_symbols_and_settings_go_together(costmodel: Run) -> None:
    found = costmodel("formula", "mobilenet_v1", "--symbols", "width", "--set", "resolution=32*r", "--json").json
    assert (
        parse(found["expression"]) - parse("11010048*width**2*r**2 + 576000*width*r**2 + 1024000*width")
    ).expand() == 0
    assert found["valid_when"] is None
    assert found["smooth"] == found["expression"]


def test_without_symbols_the_usual_ones_are_left_open(costmodel: Run) -> None:
    assert set(costmodel("formula", "resnet18", "--json").json["symbols"]) == {"batch", "resolution", "width"}
    assert set(costmodel("formula", "resnet18", "--set", "batch=1", "--json").json["symbols"]) == {
        "resolution",
        "width",
    }


def test_no_symbol_gives_a_number(costmodel: Run) -> None:
    found = costmodel("formula", "resnet50", "--symbols", "", "--json").json
    assert (found["expression"], found["symbols"], found["valid_when"]) == ("4089184256", {}, None)


@pytest.mark.parametrize(
    "quantity", ["params", "flops", "activations", "weight_bytes", "peak_memory_bytes", "divisions"]
)
def test_other_quantities_agree_with_the_summary(costmodel: Run, quantity: str) -> None:
    found = costmodel("formula", "lenet_5", "--symbols", "batch", "--quantity", quantity, "--json").json
    totals = costmodel("summary", "lenet_5", "--batch", "3", "--json").json["totals"]
    assert parse(found["expression"], {"batch": 3}) == totals[quantity]


def test_a_layer_kind_prints_its_formula_in_the_textbooks_order(costmodel: Run) -> None:
    found = costmodel("formula", "conv2d", "--json").json
    assert found["expression"] == "n*c_o*h_o*w_o*(c_i/g)*k_h*k_w"
    assert found["latex"] == r"n \, c_{o} \, h_{o} \, w_{o} \, \frac{c_{i}}{g} \, k_{h} \, k_{w}"
    assert found["smooth"] == found["expression"]
    assert found["valid_when"] is None
    assert found["symbols"]["c_o"]["meaning"] == "output channels"
    assert "every window is booked in full, positions in the padding included" in found["assumptions"]
    assert found["source"].startswith("document 003")


def test_a_kind_without_macs_gives_the_first_quantity_that_it_books(costmodel: Run) -> None:
    assert costmodel("formula", "relu", "--json").json["quantity"] == "comparisons"
    assert costmodel("formula", "concat", "--json").json["expression"] == "0"
    assert costmodel("formula", "conv2d", "--quantity", "flops", "--json").json["expression"].startswith("2*n*c_o")


@pytest.mark.parametrize("kind", kinds())
def test_every_kind_has_a_page_of_formulas(costmodel: Run, kind: str) -> None:
    done = costmodel("formula", kind, "--format", "text,latex")
    assert (done.status, done.errors) == (0, "")
    assert done.output.startswith(f"{kind}: ")
    assert costmodel("formula", kind, "--json").json["of"] == kind


def test_the_formats_can_be_chosen(costmodel: Run) -> None:
    text = costmodel("formula", "linear", "--quantity", "macs").output
    latex = costmodel("formula", "linear", "--quantity", "macs", "--format", "latex").output
    assert "m*c_o*c_i" in text
    assert r"m \, c_{o} \, c_{i}" in latex
    assert "m*c_o*c_i" not in latex


def test_the_formula_of_a_file_is_in_its_symbols(costmodel: Run, tmp_path: Path) -> None:
    spec = write(tmp_path, SYMBOLIC)
    found = costmodel("formula", spec, "--set", "classes=10", "--symbols", "batch,height", "--json").json
    assert set(found["symbols"]) == {"alpha", "batch", "height"}
    assert found["valid_when"] == "height % 2 == 0"
    assert found["symbols"]["height"]["meaning"] == "a dimension of the network"


def test_the_batch_of_a_file_can_be_left_open(costmodel: Run, tmp_path: Path) -> None:
    spec = write(tmp_path, SYMBOLIC | {"inputs": {"image": [1, 3, 32, 32]}})
    assert "batch" in costmodel("formula", spec, "--symbols", "batch", "--json").json["symbols"]


def test_the_authors_rounding_is_told(costmodel: Run) -> None:
    found = costmodel("formula", "mobilenet_v1", "--symbols", "width", "--json").json
    assert any("rounded down, at least 8 channels" in sentence for sentence in found["assumptions"])
