"""`openalgo-desktop`, and `python -m openalgo_desktop`."""

from __future__ import annotations

import os
import sys

from openalgo_desktop.cli import run


def main() -> None:
    """Run the command line and exit with its status."""
    if getattr(sys, "frozen", False) and sys.platform != "win32":
        import ssl

        from openalgo_desktop.certificates import find_certificates

        find_certificates(os.environ, ssl.get_default_verify_paths())
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
