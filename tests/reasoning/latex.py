"""Whether LaTeX is well formed: braces and brackets in pairs, and commands that are known."""

import re

COMMANDS = {
    "frac", "left", "right", "mathrm", "max", "min", "sqrt", "lfloor", "rfloor", "lceil", "rceil", "Theta", "alpha",
    "ge", "le", "to", "sim", "ne", "times", "gcd", "begin", "end", "text",
}  # fmt: skip
PAIRS = {"}": "{", r"\right": r"\left"}


def problem(latex: str) -> str | None:
    """What is wrong with a formula, None where nothing is."""
    unknown = set(re.findall(r"\\([A-Za-z]+)", latex)) - COMMANDS
    if unknown:
        return f"unknown commands: {unknown}"
    opened: list[str] = []
    for token in re.findall(r"(?<!\\)[{}]|\\left(?![a-z])|\\right(?![a-z])", latex):
        if token not in PAIRS:
            opened.append(token)
        elif not opened or opened.pop() != PAIRS[token]:
            return f"{token} without its pair"
    return f"{opened[-1]} without its pair" if opened else None
