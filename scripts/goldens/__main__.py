"""Renews ``tests/golden_digests.json``: ``.venv/bin/python -m scripts.goldens``."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""The repository."""


def main() -> None:
    """Write the goldens of what the code makes now, and say which are new."""
    sys.path.insert(0, str(ROOT / "tests" / "toybench"))
    from scripts.goldens import file

    new = file.renew(ROOT / "tests" / "golden_digests.json")
    print("\n".join(f"renewed: {name}" for name in new) or "All goldens hold.")


if __name__ == "__main__":
    main()
