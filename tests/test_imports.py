"""What importing costmodel loads, which module may import which, and the public names."""

import ast
import importlib
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import costmodel
from tests.conftest import ROOT

HEAVY = ("matplotlib", "numpy", "rich", "scipy", "sympy", "typer")

ORDER = (
    "errors",
    "sentences",
    "files",
    "toml_files",
    "remembering",
    "algebra",
    "counting",
    "layers",
    "network",
    "zoo",
    "reasoning",
    "transform",
    "textbook",
    "hardware",
    "latency",
    "calibration",
    "sizing",
)
"""A part may import itself and those before it."""

LEAVES = ("interop", "collecting", "measuring", "report", "cli", "__main__")
"""A leaf may import costmodel itself, every part and the leaves before it; no part imports a leaf."""

UPWARD = {"network/graph.py": {"costmodel.calibration", "costmodel.hardware", "costmodel.latency"}}
"""The one exception: `Network.latency` asks the calibration, when it is called (see docs/architecture.md)."""

MODULES = sorted((ROOT / "costmodel").rglob("*.py"))


def loaded_by(code: str) -> list[str]:
    """Which of the heavy packages are loaded once a new interpreter has run the code."""
    check = f"{code}\nimport sys\nprint(*sorted(set({HEAVY}) & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", check], capture_output=True, check=True, cwd=ROOT, encoding="utf-8", timeout=60
    )
    return done.stdout.split()


def test_importing_costmodel_loads_no_heavy_package() -> None:
    assert loaded_by("import costmodel") == []


def test_the_check_sees_a_heavy_package_that_is_loaded() -> None:
    assert loaded_by("import costmodel\nimport numpy") == ["numpy"]


def part(module: str) -> str:
    """The part of costmodel that a dotted name belongs to; "" for the package itself."""
    return module.partition(".")[2].partition(".")[0]


def imported(tree: ast.Module) -> Iterator[str]:
    """The dotted names of costmodel that a module imports, wherever it does."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.partition(".")[0] == "costmodel")
        elif isinstance(node, ast.ImportFrom) and node.module == "costmodel":
            yield from (f"costmodel.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("costmodel."):
            yield node.module or ""


def upward(importer: str, source: str) -> list[str]:
    """The imports in a part's source that do not point down."""
    ranks = (*ORDER, *LEAVES)
    below = ranks[: ranks.index(importer) + 1]
    names = imported(ast.parse(source))
    return [name for name in names if part(name) not in below and (part(name) in ranks or importer not in LEAVES)]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_imports_point_down(path: Path) -> None:
    relative = path.relative_to(ROOT / "costmodel")
    importer = relative.parts[0].removesuffix(".py")
    if importer == "__init__":
        importer = "interop"
    allowed = UPWARD.get(relative.as_posix(), set())
    assert set(upward(importer, path.read_text(encoding="utf-8"))) == allowed


def test_no_import_is_relative() -> None:
    for path in MODULES:
        nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        assert not [node for node in nodes if isinstance(node, ast.ImportFrom) and node.level], path


@pytest.mark.parametrize(
    ("importer", "source"),
    [
        ("counting", "from costmodel.layers import Layer"),
        ("layers", "from costmodel import network"),
        ("network", "def late():\n    import costmodel.latency.estimate"),
        ("latency", "from costmodel.report.tables import table"),
        ("network", "from costmodel import Builder"),
    ],
)
def test_the_check_sees_an_import_that_points_up(importer: str, source: str) -> None:
    assert len(upward(importer, source)) == 1


def packages() -> list[str]:
    """costmodel and its packages that list public names."""
    found = ["costmodel"]
    found += [module.name for module in pkgutil.walk_packages(costmodel.__path__, "costmodel.") if module.ispkg]
    return found


@pytest.mark.parametrize("package", packages())
def test_public_names_resolve(package: str) -> None:
    module = importlib.import_module(package)
    assert len(module.__all__) == len(set(module.__all__))
    assert [name for name in module.__all__ if not hasattr(module, name)] == []


def test_the_names_of_costmodel_are_sorted() -> None:
    assert costmodel.__all__ == sorted(costmodel.__all__)
