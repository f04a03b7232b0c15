"""Searches: spaces too large to enumerate, by a sampler that learns, in a study that goes on.

Public names are those of `costmodel.sizing`.
"""

__all__: list[str] = []
