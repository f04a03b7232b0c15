"""Files that were right, with a few places changed: what readers of files from outside must expect."""

from __future__ import annotations

import re

from hypothesis import strategies as st

TOKENS = (
    "nan", "-1", "0", "-0", "1e400", "1e-400", "1e308", "9" * 40, "9" * 400, "2147483648", "null", "true", "inf", "NaN",
    '"', ",", "\n", "\r", "[", "]", "{", "}", "\\ud800", "\x00", "\ufeff", ";", "../../x", "\U0001f600",
)  # fmt: skip
WAYS = ("insert", "cut", "drop", "repeat", "number", "word")
Change = tuple[str, float, str]
CHANGES: st.SearchStrategy[list[Change]] = st.lists(
    st.tuples(st.sampled_from(WAYS), st.floats(0, 1, exclude_max=True), st.sampled_from(TOKENS)),
    min_size=1,
    max_size=4,
)
"""What is changed, where (as a part of the text), and to what."""


def changed(text: str, changes: list[Change]) -> str:
    """The text with these changes.

    >>> changed("a,1", [("number", 0.0, "nan")])
    'a,nan'
    """
    for way, part, token in changes:
        place = int(part * len(text))
        before, after = text[:place], text[place:]
        if way == "insert":
            text = before + token + after
        elif way == "cut":
            text = before
        elif way == "drop":
            text = before + after[20:]
        elif way == "repeat":
            text = before + after[:20] * 40 + after
        else:
            wanted = r"[\d.]+" if way == "number" else r'"[^"]{0,30}"|\w+'
            text = before + re.sub(wanted, token.replace("\\", r"\\"), after, count=1)
    return text
