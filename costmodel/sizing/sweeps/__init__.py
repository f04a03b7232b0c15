"""Sweeps: every row of a space into files, memory or its front, on several cores or machines, resumed.

Public names are those of `costmodel.sizing`.
"""

__all__: list[str] = []
