"""`zoo`, `devices`, `kinds` and `textbook`."""

import pytest

from costmodel.hardware import profile_names
from costmodel.layers import kinds
from costmodel.zoo import families
from tests.cli.conftest import Run


def test_the_zoo_lists_every_network_with_its_parameters(costmodel: Run) -> None:
    networks = {each["name"]: each for each in costmodel("zoo", "--json").json["networks"]}
    assert set(networks) == set(families())
    parameters = {each["name"]: each for each in networks["mobilenet_v1"]["parameters"]}
    assert parameters["width"]["default"] == 1
    assert parameters["rounding"]["range"] == "auto, none, exact"
    assert "depth" not in {each["name"] for each in networks["resnet50"]["parameters"]}
    assert all(each["source"] for each in networks.values())


def test_devices_have_their_numbers_in_base_units_with_sources(costmodel: Run) -> None:
    devices = {each["name"]: each for each in costmodel("devices", "--json").json["devices"]}
    assert set(devices) == set(profile_names())
    assert devices["v100"]["operations_per_s"]["float32"]["value"] == 15.7e12
    assert devices["v100"]["bytes_per_s"]["value"] == 900e9
    assert devices["pixel-1"]["is_calibrated"] is True
    assert all(peak["source"] for each in devices.values() for peak in each["operations_per_s"].values())


def test_kinds_have_their_fields_and_formulas(costmodel: Run) -> None:
    found = {each["name"]: each for each in costmodel("kinds", "--json").json["kinds"]}
    assert set(found) == set(kinds())
    assert found["conv2d"]["fields"]["out_channels"] is None
    assert found["conv2d"]["fields"]["stride"] == "1"
    assert found["linear"]["formulas"] == {"macs": "m*c_o*c_i", "additions": "b*m*c_o", "params": "c_o*c_i + b*c_o"}


def test_the_textbook_says_what_is_wrong(costmodel: Run) -> None:
    examples = {each["name"]: each for each in costmodel("textbook", "--json").json["examples"]}
    total = examples["problem 2: total"]
    assert (total["printed"], total["exact"], total["verdict"]) == ("210100", 153_730, "slip")
    assert total["erratum"]
    assert examples["average pooling of nine values"]["exact"] == "958/9"


@pytest.mark.parametrize("command", ["zoo", "devices", "kinds", "textbook"])
@pytest.mark.parametrize("columns", [80, 100])
def test_the_tables_fit(costmodel: Run, monkeypatch: pytest.MonkeyPatch, command: str, columns: int) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    done = costmodel(command)
    assert (done.status, done.errors) == (0, "")
    assert max(map(len, done.output.splitlines())) <= columns


def test_the_zoos_table_names_every_network_and_source(costmodel: Run) -> None:
    output = costmodel("zoo").output
    assert all(name in output for name in families())
    assert "1704.04861" in output


def test_no_name_is_both_a_kind_and_a_network() -> None:
    assert not set(kinds()) & set(families())
