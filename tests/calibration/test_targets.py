"""Finding what a row measured: in a folder, in the zoo, or in the row itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from costmodel import zoo
from costmodel.calibration import Row, finder
from costmodel.calibration.targets import layer_network
from costmodel.errors import CalibrationError, CostModelError
from costmodel.network import files as module


def row(**cells: str) -> Row:
    return Row(7, (), (cells.get("network", ""),), 1.0, cells)


class TestZoo:
    """The zoo network of that name, with the cells as its parameters."""

    def test_width_and_resolution_are_parameters(self) -> None:
        network = finder()(row(network="mobilenet_v1", width="0.50", resolution="160"))
        assert network.cost().macs == zoo.mobilenet_v1(width=0.5, resolution=160).cost().macs

    def test_empty_cells_are_defaults(self) -> None:
        network = finder()(row(network="mobilenet_v1", width="", resolution=""))
        assert network.cost().macs == 568_740_352

    def test_batch_is_a_parameter(self) -> None:
        assert finder()(row(network="mobilenet_v1", batch="8")).cost().macs == 8 * 568_740_352

    def test_parameter_out_of_range_is_refused_with_its_line(self) -> None:
        with pytest.raises(CalibrationError, match="line 7: mobilenet_v1: parameter 'width' must be a number above 0"):
            finder()(row(network="mobilenet_v1", width="5000"))

    def test_unknown_network_is_refused_with_its_line_and_the_nearest(self) -> None:
        with pytest.raises(
            CalibrationError, match=r"line 7: there is no zoo network named 'mobilenetv1'.*mobilenet_v1.*; --models DIR"
        ):
            finder()(row(network="mobilenetv1"))

    def test_network_is_built_once(self) -> None:
        find = finder()
        assert find(row(network="resnet18")) is find(row(network="resnet18"))


class TestFolder:
    """A file of the network's name comes before the zoo."""

    def test_file_comes_first(self, tmp_path: Path) -> None:
        (tmp_path / "resnet18.json").write_text(zoo.mobilenet_v1().to_json(), encoding="utf-8")
        assert finder(tmp_path)(row(network="resnet18")).cost().macs == 568_740_352
        assert finder(tmp_path)(row(network="resnet18.json")).cost().macs == 568_740_352
        assert finder(tmp_path)(row(network="resnet34")).name == "resnet34"

    def test_other_formats_have_readers(self, tmp_path: Path) -> None:
        (tmp_path / "mine.net").write_bytes(b"")
        find = finder(tmp_path, {".net": lambda path: zoo.resnet18().renamed(path.stem)})
        assert find(row(network="mine")).name == "mine"

    @pytest.mark.parametrize("name", ["../secret", "/secret", "a/b", "..", "", "a\x00b"])
    def test_name_does_not_lead_out_of_it(self, tmp_path: Path, name: str) -> None:
        (tmp_path / "secret.json").write_text(zoo.resnet18().to_json(), encoding="utf-8")
        inside = tmp_path / "inside"
        inside.mkdir()
        with pytest.raises(CalibrationError, match=r"there is no zoo network named .*; nor a file in "):
            finder(inside)(row(network=name))

    def test_broken_file_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "broken.json").write_text("{", encoding="utf-8")
        with pytest.raises(CalibrationError, match=r"line 7: .*broken\.json: a network must be valid JSON"):
            finder(tmp_path)(row(network="broken"))

    def test_huge_file_is_refused(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "huge.json").write_text(" " * 100, encoding="utf-8")
        monkeypatch.setattr(module, "MAX_BYTES", 99)
        with pytest.raises(CalibrationError, match=r"huge\.json is larger than 99 bytes"):
            finder(tmp_path)(row(network="huge"))

    def test_that_is_none_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(CalibrationError, match="must be a folder of networks, and is none"):
            finder(tmp_path / "nowhere")


class TestLayer:
    """A row may hold a layer instead."""

    def test_is_a_network_of_one(self) -> None:
        find = finder()
        network = find(
            row(
                layer='{"kind": "conv2d", "out_channels": 64, "kernel": 7, "bias": false}', input_shape="[1, 9, 25, 25]"
            )
        )
        assert network.cost().macs == 10_188_864

    @pytest.mark.parametrize("shape", ["1x20", "1,20", "(1, 20)", "[1 x 20]"])
    def test_shapes_are_read_as_people_write_them(self, shape: str) -> None:
        assert layer_network('{"kind": "linear", "out_features": 10}', shape).cost().macs == 200

    @pytest.mark.parametrize("shape", ["1x3x32x32", ""])
    def test_may_be_a_whole_network(self, shape: str) -> None:
        block = zoo.mobilenet_v1(width=0.25, resolution=32)
        assert finder()(row(layer=block.to_json(), input_shape=shape)) == block

    @pytest.mark.parametrize(
        ("spec", "shape", "sentence"),
        [
            (zoo.lenet_5().to_json(), "1x3x28x28", "'input_shape' must be that of the network, 1x1x28x28"),
            ('{"format": "costmodel-network"}', "1x20", "'version' must be 1"),
            ('{"format": "other", "version": 1}', "1x20", '"format": "costmodel-network"'),
            ("{", "1x20", "'layer' must be a layer spec in JSON"),
            ("[" * 100_000, "1x20", "'layer' must be a layer spec in JSON"),
            ("[1]", "1x20", "a layer must be an object with a 'kind'"),
            ('{"kind": "liner"}', "1x20", "no layer kind named 'liner'; the nearest are linear"),
            ('{"kind": "linear", "out_features": 10}', "", "'input_shape' must be sizes such as 1x3x224x224"),
            ('{"kind": "linear", "out_features": 10}', "1x-2", "'input_shape' must be sizes such as 1x3x224x224"),
            ('{"kind": "linear", "out_features": 10}', "1x0", "input"),
            ('{"kind": "conv2d", "out_channels": 1, "kernel": 3}', "1x20", "conv2d"),
        ],
    )
    def test_wrong_one_is_refused(self, spec: str, shape: str, sentence: str) -> None:
        with pytest.raises(CostModelError, match=sentence):
            layer_network(spec, shape)


class TestMeasuredBatch:
    """A row's batch holds for networks of files too."""

    def test_replaces_that_of_the_file(self, tmp_path: Path) -> None:
        (tmp_path / "mine.json").write_text(zoo.resnet18().to_json(), encoding="utf-8")
        find = finder(tmp_path)
        assert find(row(network="mine", batch="8")).cost().macs == 8 * find(row(network="mine")).cost().macs

    def test_binds_a_symbol_of_the_file(self, tmp_path: Path) -> None:
        (tmp_path / "mine.json").write_text(zoo.resnet18(batch="batch").to_json(), encoding="utf-8")
        assert finder(tmp_path)(row(network="mine", batch="8")).inputs["image"][0] == 8

    def test_name_longer_than_any_file_has_is_refused_by_line(self, tmp_path: Path) -> None:
        with pytest.raises(CalibrationError, match="line 7: there is no zoo network named"):
            finder(tmp_path)(row(network="x" * 300))
