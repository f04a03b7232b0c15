"""The JSON document of a network: what is read, and what is refused."""

from pathlib import Path

import pytest

from costmodel import Network, zoo
from costmodel.errors import FileFormatError
from costmodel.network.document import parse_document
from costmodel.network.files import read_network


def test_what_is_written_is_read() -> None:
    network = zoo.shufflenet_v1()
    assert Network.from_json(network.to_json()) == network
    assert Network.from_json(network.to_json(indent=2).encode()) == network


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "net.json"
    path.write_text(zoo.lenet_5().to_json())
    assert read_network(path) == zoo.lenet_5()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "must be valid JSON"),
        ("{", "must be valid JSON"),
        ("[]", "must be an object"),
        ('{"format": 1}', "must be an object with"),
        ('{"format": "costmodel-network"}', r"'version' must be 1, .* \(got None\)"),
        ('{"format": "costmodel-network", "version": "1"}', r"\(got '1'\)"),
        ('{"format": "costmodel-network", "version": 1.0}', r"\(got 1.0\)"),
        ('{"format": "costmodel-network", "version": 99}', r"\(got 99\)"),
        ('{"a": 1, "b": 2, "a": 3}', "two fields named 'a'"),
        ('{"a": {"b": 2, "b": 3}}', "two fields named 'b'"),
        (f'{{"a": {"9" * 81}}}', r"at most 80 digits \(got one of 81\)"),
        ('{"a":' * 100_000, "nested too deeply"),
        (b"\xff", "must be JSON in UTF-8, and byte 0 is not"),
    ],
)
def test_what_is_no_network_is_refused(text: str | bytes, sentence: str) -> None:
    with pytest.raises(FileFormatError, match=sentence):
        parse_document(text)
