"""Others' benchmarks as measurement files: what their programs print, read without trusting it."""

from costmodel.collecting.collection import FORMATS, Collected, Left, collect, read_source, recognize
from costmodel.collecting.rows import Format, Found, Row, Skipped, Source

__all__ = [
    "FORMATS",
    "Collected",
    "Format",
    "Found",
    "Left",
    "Row",
    "Skipped",
    "Source",
    "collect",
    "read_source",
    "recognize",
]
