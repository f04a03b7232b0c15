"""The documentation's pages of layer families, written from the registry, say all there is to say of each kind."""

from pathlib import Path

import pytest
from generate import prepare

from costmodel.layers import kinds

KINDS = sorted(name for name, kind in kinds().items() if kind.__module__.startswith("costmodel."))


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("build")
    prepare(folder)
    return folder


@pytest.fixture(scope="module")
def sections(pages: Path) -> dict[str, str]:
    """The text under the heading of each kind."""
    text = "".join(path.read_text(encoding="utf-8") for path in sorted((pages / "docs" / "layers").glob("*.md")))
    parts = [part.partition("` {") for part in f"\n{text}".split("\n## `")[1:]]
    return {name: section for name, _, section in parts}


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_is_documented_in_full(name: str, sections: dict[str, str]) -> None:
    kind, section = kinds()[name], sections[name]
    fields = [f"| `{field}` |" for field in kind.model_fields if field != "kind"]
    formulas = [f"| {quantity} | $" for quantity, _ in kind.formulas.items()]
    missing = [text for text in (*fields, *formulas, *kind.assumptions, kind.formulas.free) if text not in section]
    assert missing == []
    assert kind.source
    assert f"Source: {kind.source}." in section


def test_a_formula_is_in_the_order_of_the_textbook_and_its_symbols_have_meanings(sections: dict[str, str]) -> None:
    section = sections["conv2d"]
    assert r"| macs | $n \, c_{o} \, h_{o} \, w_{o} \, \frac{c_{i}}{g} \, k_{h} \, k_{w}$ |" in section
    assert "| $c_{o}$ | output channels |" in section


def test_the_navigation_has_every_page(pages: Path) -> None:
    configuration = (pages / "mkdocs.yml").read_text(encoding="utf-8")
    for page in (pages / "docs").rglob("*.md"):
        assert page.relative_to(pages / "docs").as_posix() in configuration
