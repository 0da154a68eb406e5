"""Whether a suite that is killed again and again ends with the records of one that nobody disturbs.

    python -m scripts.measure.kills REFERENCE [--suite demo] [--seed 100] [--kills 10]

REFERENCE is the store of an undisturbed run of the same suite and seed, of the same commit, on this machine. The suite
runs in a new store; its process group gets SIGKILL at random moments and the same command goes on each time, at last to
its end. Writes docs/results/kills-SUITE.json: at which step each kill came, and how many records are equal, timings and
names of runs aside.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from scripts.measure import report

_FIRST, _LAST = 6.0, 60.0
"""Earliest and latest moment of a kill, in seconds after the start."""
_DRAW = 11


def main() -> None:
    """Kill, go on, compare, and write the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reference", type=Path)
    parser.add_argument("--suite", default="demo")
    parser.add_argument("--seed", type=int, default=100)
    parser.add_argument("--kills", type=int, default=10)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "store"
        command = [str(Path(sys.executable).parent / "bench"), "run", "--suite", options.suite, "--quiet"]
        command += ["--seed", str(options.seed), "--store", str(store)]
        moment = random.Random(_DRAW)
        killed = [_killed(command, store, moment.uniform(_FIRST, _LAST)) for _ in range(options.kills)]
        ended = subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode
        disturbed, undisturbed = _records(store), _records(options.reference)
    unlike = sorted(
        path for path in disturbed.keys() | undisturbed.keys() if disturbed.get(path) != undisturbed.get(path)
    )
    figures = {
        "suite": options.suite,
        "seed": options.seed,
        "kills": sum(one is not None for one in killed),
        "killed during": killed,
        "status of the last run": ended,
        "records": len(undisturbed),
        "equal": len(undisturbed) - len(unlike),
        "unlike": unlike,
    }
    report.write(f"kills-{options.suite}", figures)


def _killed(command: list[str], store: Path, after_s: float) -> str | None:
    """Start the command, kill its group, and return the step it was at; None where it had ended by itself."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    time.sleep(after_s)
    if process.poll() is not None:
        return None
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    logs = sorted((store / "events").glob("*.jsonl"), key=lambda path: path.stat().st_mtime)
    lines = logs[-1].read_text(encoding="utf-8").split("\n")[:-1] if logs else []
    begun = [event["step"] for event in map(json.loads, lines) if event["kind"] == "step_started"]
    return begun[-1] if begun else "before its first step"


def _records(store: Path) -> dict[str, Any]:
    """Return the records of a store by their path, without what is said of when and how long."""
    found = {}
    for path in sorted((store / "records").rglob("*.json")):
        record = json.loads(path.read_text(encoding="utf-8"))
        del record["run"]
        found[str(path.relative_to(store))] = record
    return found


if __name__ == "__main__":
    main()
