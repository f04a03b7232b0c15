"""Spaces: the configurations of a family, and programs that evaluate any rows of them. Public names are in costmodel.sizing."""

__all__: list[str] = []
