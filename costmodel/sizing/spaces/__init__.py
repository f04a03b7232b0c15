"""Spaces: the configurations of a family, and programs that evaluate any rows of them.

Public names are those of `costmodel.sizing`.
"""

__all__: list[str] = []
