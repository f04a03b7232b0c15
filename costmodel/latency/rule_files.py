"""Rules of runtimes: those that are built in, by name, and those of a user's TOML file."""

from __future__ import annotations

import os
import re
from functools import cache, lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from costmodel.errors import FileFormatError, UnknownNameError, shorten
from costmodel.latency.fusion import FORMAT_VERSION, FusionRules
from costmodel.sentences import one_sentence
from costmodel.toml_files import check_version, parse_toml, read_bounded

DEFAULT: Final = "fused"
"""The rules where a runtime is not named, or not known."""


def rule_names() -> tuple[str, ...]:
    """The names of the built-in rules, sorted.

    >>> "onnxruntime" in rule_names()
    True
    """
    return tuple(sorted(_files()))


def find_rules(rules: str | os.PathLike[str] | FusionRules) -> FusionRules:
    """The rules of a runtime: a built-in name, the path of a TOML file, or rules themselves.

    A name is that of the rules or one of their `runtimes`, such as `torch` for `pytorch`. A text is a path where it
    ends in `.toml` or leads through a folder. Raises `UnknownNameError` with the nearest names.

    >>> find_rules("ncnn").name
    'ncnn'
    """
    if isinstance(rules, FusionRules):
        return rules
    if not isinstance(rules, str) or rules.endswith(".toml") or Path(rules).name != rules:
        return read_rules(rules)
    known = dict(_names()) | {name: name for name in _files()}
    if rules not in known:
        raise UnknownNameError("runtime", rules, rule_names())
    return _built_in(known[rules])


def rules_for(runtime: str) -> FusionRules:
    """The built-in rules for a runtime as a measurement file names it, with or without its version.

    Of several names in it the longest counts. A name that is not known, or empty, stands for what nearly every
    runtime does, the rules `fused`.

    >>> [rules_for(name).name for name in ("TFLite 2.16", "torch p2.1.0", "pytorch 2.4.0 + torch.compile", "")]
    ['tflite', 'pytorch', 'torch-compile', 'fused']
    """
    return _built_in(_named(runtime) or DEFAULT)


def is_known_runtime(runtime: str) -> bool:
    """Whether `rules_for` knows a runtime by a name that a measurement file gives it.

    >>> is_known_runtime("TFLite 2.16"), is_known_runtime("OpenVINO 2024")
    (True, False)
    """
    return _named(runtime) is not None


def runtime_rules() -> tuple[str, ...]:
    """The names of the built-in rules that are for a runtime, sorted.

    >>> runtime_rules()
    ('ncnn', 'onnxruntime', 'pytorch', 'tensorrt', 'tflite', 'torch-compile')
    """
    return tuple(name for name in rule_names() if _built_in(name).runtimes)


def read_rules(path: str | os.PathLike[str]) -> FusionRules:
    """The rules in a TOML file; raises `FileFormatError` with one sentence where it holds none."""
    where = shorten(os.fspath(path))
    return parse_rules(read_bounded(Path(path), where, "rules file"), where)


def parse_rules(text: str, where: str = "the rules") -> FusionRules:
    """The rules that a TOML text describes; `where` names it in errors.

    >>> lines = ["version = 1", "name = 'mine'", "[[joins]]", "kinds = ['relu']", "to = ['conv']"]
    >>> parse_rules(chr(10).join(lines)).joins[0].kinds
    ('relu',)
    """
    data = parse_toml(text, where, "rules file")
    check_version(data.get("version"), FORMAT_VERSION, where)
    try:
        return FusionRules.model_validate(data)
    except ValidationError as problem:
        raise FileFormatError(f"{where}: {one_sentence(problem)}") from None


@lru_cache(maxsize=1024)
def _named(runtime: str) -> str | None:
    """The name of the rules for a runtime, of several names in it the longest; None where none is known."""
    words = re.sub(r"[^a-z0-9]+", " ", runtime.lower()).strip()
    found = (rules for name, rules in _names() if re.search(rf"(?<![a-z]){re.escape(name)}(?![a-z])", words))
    return next(found, None)


@cache
def _names() -> tuple[tuple[str, str], ...]:
    """The names of runtimes with those of their rules, the longest first."""
    known = {runtime: name for name in _files() for runtime in _built_in(name).runtimes}
    return tuple(sorted(known.items(), key=lambda pair: -len(pair[0])))


@cache
def _files() -> dict[str, Traversable]:
    folder = files("costmodel.latency").joinpath("rules")
    return {entry.name.removesuffix(".toml"): entry for entry in folder.iterdir() if entry.name.endswith(".toml")}


@cache
def _built_in(name: str) -> FusionRules:
    return parse_rules(_files()[name].read_text(encoding="utf-8"), f"the built-in rules {name}")
