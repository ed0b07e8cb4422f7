"""`openalgo-desktop`, and `python -m openalgo_desktop`."""

from __future__ import annotations

import sys

from openalgo_desktop.cli import run


def main() -> None:
    """Run the command line and exit with its status."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
