"""An ONNX file as a message, checked before anything in it is used."""

from __future__ import annotations

import mmap
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from costmodel.errors import FileFormatError, MissingExtraError, shorten
from costmodel.interop.onnx.wire import without_weights

if TYPE_CHECKING:
    ModelProto = Any

MAX_BYTES: Final = 64 * 1024 * 1024
"""The most that a model may have besides its weights."""
OLDEST_OPSET: Final = 7
NEWEST_OPSET: Final = 28


def load_model(path: str | os.PathLike[str]) -> ModelProto:
    """The model in a file, without its weights; raises `FileFormatError`, which begins with the file's name."""
    target, where = Path(path), shorten(path)
    try:
        if target.exists() and not target.is_file():
            raise FileFormatError(f"{where} is not a file of its own")
        with target.open("rb") as stream:
            if os.fstat(stream.fileno()).st_size == 0:
                raise FileFormatError(f"{where} is empty")
            return parse_model(mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ), where)
    except (OSError, ValueError) as problem:
        if isinstance(problem, FileFormatError):
            raise
        raise FileFormatError(f"{where} cannot be read: {getattr(problem, 'strerror', None) or problem}") from None


def parse_model(data: Any, where: str) -> ModelProto:
    """The model that some bytes encode."""
    try:
        from google.protobuf.message import DecodeError
        from onnx import ModelProto
    except ImportError:
        raise MissingExtraError("onnx", "onnx") from None
    try:
        small = without_weights(memoryview(data))
    except FileFormatError as problem:
        raise FileFormatError(f"{where} {problem}") from None
    if len(small) > MAX_BYTES:
        raise FileFormatError(f"{where} has more than {MAX_BYTES} bytes besides its weights")
    model = ModelProto()
    try:
        model.ParseFromString(small)
    except (DecodeError, ValueError, RecursionError):
        raise FileFormatError(
            f"{where} is no ONNX model: its protobuf message is damaged or nested too deeply"
        ) from None
    if not model.HasField("graph") or not model.graph.output:
        raise FileFormatError(f"{where} is no ONNX model: it holds no graph with outputs")
    return model


def opset_of(model: ModelProto) -> int:
    """The version of the standard operations that a model uses."""
    versions = [entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")]
    version: int = versions[0] if versions else OLDEST_OPSET
    if not versions and any(node.domain in ("", "ai.onnx") for node in model.graph.node):
        raise FileFormatError("it does not say which version of the operations (opset) it uses")
    if len(set(versions)) > 1:
        raise FileFormatError(f"it uses two versions of the operations (got opsets {shorten(sorted(set(versions)))})")
    if not OLDEST_OPSET <= version <= NEWEST_OPSET:
        raise FileFormatError(
            f"its operations are of opset {version}, and opsets {OLDEST_OPSET} to {NEWEST_OPSET} are read;"
            " convert the model with onnx.version_converter"
        )
    return version
