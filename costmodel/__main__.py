"""`python -m costmodel`: the same as the command `costmodel`."""

from __future__ import annotations

from costmodel.cli import main

if __name__ == "__main__":
    main()
