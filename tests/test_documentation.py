"""What the README, the docs, the docstrings and the examples show is run, and its output compared.

In Markdown, `python` and `pycon` blocks run, and in `console` blocks every `$ costmodel` command; `sh` blocks are
instructions that nothing runs. What needs PyTorch stands between comments that skip it where that is not installed.
"""

import doctest
import re
import shlex
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from unittest import SkipTest

import pytest
from sybil import Document, Example, Region, Sybil
from sybil.evaluators.doctest import DocTestEvaluator
from sybil.parsers.abstract.doctest import DocTestStringParser
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser, SkipParser
from sybil.parsers.rest import DocTestParser

from tests.conftest import CI, ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
MODULES = sorted(path for folder in ("costmodel", "docs") for path in (ROOT / folder).rglob("*.py"))
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
ENVIRONMENT = {"PYTHONPATH": str(ROOT)}


class SessionParser(CodeBlockParser):
    """Python sessions in `pycon` blocks."""

    language = "pycon"

    def __call__(self, document: Document) -> Iterable[Region]:
        parse = DocTestStringParser(DocTestEvaluator(doctest.ELLIPSIS))
        for block in super().__call__(document):
            for region in parse(block.parsed, document.path):
                region.adjust(block, block.parsed)
                yield region


def run_commands(example: Example) -> str | None:
    """Run the commands of a `console` block; what went wrong, if anything."""
    checker = doctest.OutputChecker()
    for session in f"\n{example.parsed}".split("\n$ ")[1:]:
        command, _, shown = session.partition("\n")
        printed = run(command)
        if not checker.check_output(shown.rstrip() + "\n", printed.rstrip() + "\n", doctest.ELLIPSIS):
            return f"$ {command}\nis shown to print\n{shown}\nbut printed\n{printed}"
    return None


def run(command: str) -> str:
    """What a costmodel command prints on a terminal of 100 columns without colours."""
    name, *arguments = shlex.split(command)
    if name != "costmodel":
        return f"(console blocks run costmodel; put {name!r} into an sh block)"
    done = subprocess.run(
        [sys.executable, "-m", "costmodel", *arguments],
        capture_output=True,
        check=False,
        cwd=ROOT,
        encoding="utf-8",
        env=ENVIRONMENT | {"COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb"},
        timeout=120,
    )
    return done.stdout + done.stderr


MARKDOWN = Sybil(
    parsers=[
        PythonCodeBlockParser(doctest_optionflags=doctest.ELLIPSIS),
        SessionParser(),
        CodeBlockParser("console", run_commands),
        SkipParser(),
    ]
)
DOCSTRINGS = Sybil(parsers=[DocTestParser(doctest.ELLIPSIS)])


def installed(package: str) -> bool:
    """Whether an optional package that a page shows is there; under CI each must be."""
    found = find_spec(package) is not None
    assert found or not CI, f"{package} is not installed"
    return found


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_what_a_page_shows_is_what_happens(page: Path) -> None:
    document = MARKDOWN.parse(page)
    document.namespace["installed"] = installed
    for example in document.examples():
        with suppress(SkipTest):
            example.evaluate()


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_what_a_docstring_shows_is_what_happens(module: Path) -> None:
    for example in DOCSTRINGS.parse(module).examples():
        example.evaluate()


@pytest.mark.parametrize("script", EXAMPLES, ids=name)
def test_an_example_does_what_its_docstring_says(script: Path, tmp_path: Path) -> None:
    told = re.search(
        r"^Run: python (-m pytest )?examples/(\w+\.py)( .+)?$", script.read_text(encoding="utf-8"), re.MULTILINE
    )
    assert told, "the docstring must say how to run the example"
    assert told[2] == script.name
    pytest_options = ["-m", "pytest", "-p", "no:cacheprovider"] if told[1] else []
    done = subprocess.run(
        [sys.executable, "-W", "error", *pytest_options, script],
        capture_output=True,
        check=False,
        cwd=tmp_path,
        encoding="utf-8",
        env=ENVIRONMENT,
        timeout=300,
    )
    if told[3]:  # tests/examples runs it on what it reads
        assert done.stderr == f"usage: python examples/{script.name}{told[3]}\n"
        return
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout


@pytest.mark.parametrize(
    "block",
    [
        "```python\n>>> 1 + 1\n3\n```",
        "```pycon\n>>> 1 + 1\n3\n```",
        "```python\n1 / 0\n```",
        "```console\n$ costmodel --version\nnonsense\n```",
        "```console\n$ ls\n```",
    ],
)
def test_a_page_that_shows_something_else_fails(block: str, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"# Page\n\n{block}\n")
    with pytest.raises((AssertionError, ZeroDivisionError)):
        test_what_a_page_shows_is_what_happens(page)


def test_a_docstring_that_shows_something_else_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    module = tmp_path / "module_with_a_wrong_docstring.py"
    module.write_text('"""Sums.\n\n>>> 1 + 1\n3\n"""\n')
    with pytest.raises(AssertionError):
        test_what_a_docstring_shows_is_what_happens(module)
