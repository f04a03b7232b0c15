"""What is shipped: every module, every data file, the marker of type information."""

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import costmodel
from tests.conftest import ROOT

SHIPPED = (".py", ".toml", ".json", ".csv", ".typed")


def test_the_wheel_has_every_module_and_every_data_file(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(build, capture_output=True, check=True, cwd=ROOT, timeout=120)
    (wheel,) = tmp_path.glob("*.whl")
    assert wheel.name == f"costmodel-{costmodel.__version__}-py3-none-any.whl"

    files = {path for path in (ROOT / "costmodel").rglob("*") if path.suffix in SHIPPED or path.name == "py.typed"}
    expected = {path.relative_to(ROOT).as_posix() for path in files}
    shipped = {name for name in ZipFile(wheel).namelist() if name.startswith("costmodel/")}
    assert "costmodel/py.typed" in expected
    assert shipped == expected
