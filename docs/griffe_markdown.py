"""An extension of the API reference: it shows docstrings as Markdown."""

from __future__ import annotations

from typing import Any

import griffe
from markdown_text import as_markdown


class MarkdownDocstrings(griffe.Extension):
    """Rewrites every docstring once it is read."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Rewrite the docstring of a module, class, function or attribute."""
        if obj.docstring:
            obj.docstring.value = as_markdown(obj.docstring.value)
