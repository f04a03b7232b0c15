"""`explain`: an algebra, two costs compared, or what a change saves; and what it refuses."""

import pytest

from costmodel import parse
from costmodel.algebra import equal
from tests.cli.conftest import Run
from tests.cli.test_json_keys import documented_keys, undocumented_and_missing

SEPARABLE = "depthwise_separable_conv2d"
WAYS = {
    0: [["mobilenet_v1", "--depth", "2"], [SEPARABLE]],
    1: [
        [SEPARABLE, "--against", "conv2d", "--set", "k=3"],
        [SEPARABLE, "--against", "conv2d"],
        ["mobilenet_v2", "--against", "mobilenet_v1"],
    ],
    2: [["mobilenet_v1", "--change", "width=0.75"], ["vgg", "--change", "depth=11"]],
}
"""Commands for each of the section's tables of keys but the last, which is that of `--device`."""


@pytest.mark.parametrize("which", WAYS)
def test_the_keys_are_those_that_the_page_documents(costmodel: Run, which: int) -> None:
    printed = [costmodel("explain", *arguments, "--json").json for arguments in WAYS[which]]
    assert undocumented_and_missing(documented_keys("explain", which), printed) == (set(), set())


class TestOneCost:
    def test_of_a_network_with_its_parameters_defaults_as_the_point(self, costmodel: Run) -> None:
        found = costmodel("explain", "mobilenet_v1", "--json").json
        assert found["at"] == {"resolution": 224, "width": 1}
        assert found["order"] == "Theta(resolution**2*width**2)"
        assert {each["parameter"]: round(each["value"], 3) for each in found["elasticities"]} == {
            "resolution": 1.996, "width": 1.949,
        }  # fmt: skip

    def test_of_another_point(self, costmodel: Run) -> None:
        found = costmodel("explain", "mobilenet_v2", "--at", "width=0.5", "--quantity", "params", "--json").json
        assert found["at"] == {"width": "1/2"}
        assert found["elasticities"][0]["value"] < 1.2

    def test_of_the_symbols_that_are_named(self, costmodel: Run) -> None:
        found = costmodel("explain", "resnet18", "--symbols", "r", "--set", "width=2", "--json").json
        assert [each["parameter"] for each in found["growth"]] == ["r"]
        assert found["at"] == {"r": 224}

    def test_of_a_batch_that_is_set(self, costmodel: Run) -> None:
        one, two = (
            costmodel("explain", "lenet_5", "--symbols", "resolution", "--batch", batch, "--json").json["smooth"]
            for batch in ("1", "2")
        )
        assert equal(2 * parse(one), parse(two))

    def test_of_a_layer(self, costmodel: Run) -> None:
        assert "c_o/(k_h*k_w + c_o)" in costmodel("explain", SEPARABLE).output

    def test_in_latex(self, costmodel: Run) -> None:
        output = costmodel("explain", "mobilenet_v1", "--format", "latex").output
        assert r"C &= \Theta\left(\mathrm{resolution}^{2} \mathrm{width}^{2}\right)" in output
        assert "**" not in output


class TestTwoCosts:
    def test_the_textbooks_law(self, costmodel: Run) -> None:
        output = costmodel("explain", SEPARABLE, "--against", "conv2d").output
        assert "A/B  =  1/c_o + 1/(k_h*k_w)" in output
        assert "c_o > k_h*k_w/(k_h*k_w - 1)  k_h*k_w > 1" in output

    def test_two_small_kernels_beside_a_large_one(self, costmodel: Run) -> None:
        found = costmodel("explain", "2*conv2d:k=3,c_o=c_i", "--against", "conv2d:k=5,c_o=c_i", "--json").json
        assert (found["ratio"], found["break_even"]) == ("18/25", [])

    def test_two_networks(self, costmodel: Run) -> None:
        found = costmodel("explain", "mobilenet_v2", "--against", "mobilenet_v1", "--symbols", "width", "--json").json
        (solved,) = found["break_even"]
        assert [(each["less"], round(each["low"], 4)) for each in solved["regions"]] == [("B", 0.0), ("A", 0.1149)]
        assert found["valid_when"] == "width >= 1"


class TestAChange:
    def test_of_two_parameters_from_another_start(self, costmodel: Run) -> None:
        found = costmodel(
            "explain", "mobilenet_v1", "--set", "resolution=192", "--change", "width=0.5", "--change", "resolution=128",
            "--json",
        ).json  # fmt: skip
        before, after = (
            costmodel(
                "summary", "mobilenet_v1", "--set", f"resolution={size}", "--set", f"width={width}", "--json"
            ).json
            for size, width in ((192, 1), (128, 0.5))
        )
        assert (found["total"]["before"], found["total"]["after"]) == (
            before["totals"]["macs"],
            after["totals"]["macs"],
        )


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("arguments", "status", "said"),
        [
            (
                ["mobilenet_v1", "--device", "pixel-1", "--change", "width=2"],
                2,
                "--device and --change ask for different",
            ),
            (["mobilenet_v1", "--against", "conv2d"], 2, "a layer kind is compared with layer kinds"),
            (["mobilenet_v1", "--change", "width"], 2, "--change takes NAME=VALUE"),
            (["mobilenet_v1", "--format", "html"], 2, "--format takes text, latex"),
            (["mobilenet_v1", "--change", "width=2", "--at", "width=3"], 2, "--at says nothing of --change"),
            (["mobilenet_v1", "--device", "pixel-1", "--quantity", "params"], 2, "--quantity says nothing of --device"),
            (["conv2d", "--symbols", "c_o"], 2, "--symbols says nothing of a layer kind"),
            (["mobilenet_v9"], 1, "no layer kind or zoo network named 'mobilenet_v9'"),
            (["mobilenet_v1", "--change", "height=2"], 1, "no parameter of mobilenet_v1 named 'height'"),
            (["mobilenet_v1", "--at", "height=2"], 1, "no open symbol in mobilenet_v1 named 'height'"),
            (["mobilenet_v1", "--at", "width=0"], 1, "width must be a number above 0"),
            (["mobilenet_v1", "--quantity", "speed"], 1, "no quantity of mobilenet_v1 named 'speed'"),
            (["conv3d:g=0", "--against", "conv3d"], 1, "g must be a number above 0"),
            (["convolution:k=3", "--against", "conv2d"], 1, "no layer kind named 'convolution'"),
            (["conv2d:k=3 + pool", "--against", "conv2d"], 1, "no layer kind named 'pool'"),
        ],
    )
    def test_in_one_sentence(self, costmodel: Run, arguments: list[str], status: int, said: str) -> None:
        done = costmodel("explain", *arguments)
        assert (done.status, done.output) == (status, "")
        assert said in " ".join(done.errors.replace("│", " ").split())
