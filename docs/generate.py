"""Prepare the documentation in a folder: `python docs/generate.py build`, then build from `build/mkdocs.yml`.

The folder holds the pages of docs/ and those written here: for each family of layer kinds what `layer_pages` says
of it, and for each package its public names.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from api_pages import api_pages
from layer_pages import layer_pages

DOCS = Path(__file__).parent


def prepare(folder: Path) -> None:
    """Write the configuration and the pages."""
    pages = folder / "docs"
    shutil.rmtree(pages, ignore_errors=True)
    shutil.copytree(DOCS, pages, ignore=shutil.ignore_patterns("*.py", "*.yml", "*.txt", "__pycache__"))
    configuration = (DOCS / "mkdocs.yml").read_text(encoding="utf-8")
    configuration += add_section(pages, "Layers", layer_pages())
    configuration += add_section(pages, "Reference", api_pages())
    (folder / "mkdocs.yml").write_text(configuration, encoding="utf-8")


def add_section(pages: Path, title: str, texts: Mapping[str, str]) -> str:
    """Write a section's pages, by file name, and return its navigation."""
    folder = pages / title.lower()
    folder.mkdir()
    navigation = [f"  - {title}:"]
    for name, text in texts.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
        label = "Overview" if name == "index" else name.replace("_", " ").capitalize()
        navigation.append(f"      - {label}: {folder.name}/{name}.md")
    return "\n".join(navigation) + "\n"


if __name__ == "__main__":
    prepare(Path(sys.argv[1]))
