"""How long `bench` takes to answer: help, a list, and a suite that is finished already.

    python -m scripts.measure.startup [--suite NAME --store FOLDER]

Each command runs once to warm the caches and then `REPEATS` times in a process of its own. With a store that holds a
finished suite, its run is timed too. Writes docs/results/startup.json.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path

from scripts.measure import report

REPEATS = 7
"""Timed calls of each command."""


def main() -> None:
    """Time the commands and write the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suite", default="demo")
    parser.add_argument("--store", type=Path)
    options = parser.parse_args()
    calls = {"help": ["--help"], "list": ["list", "generators"]}
    if options.store is not None:
        calls["finished suite again"] = ["run", "--suite", options.suite, "--store", str(options.store), "--quiet"]
    report.write("startup", {name: _times(call) for name, call in calls.items()})


def _times(call: list[str]) -> dict[str, object]:
    command = [str(Path(sys.executable).parent / "bench"), *call]
    seconds = []
    for _ in range(REPEATS + 1):
        begun = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        seconds.append(time.perf_counter() - begun)
    return report.summary(seconds[1:], unit="s")


if __name__ == "__main__":
    main()
