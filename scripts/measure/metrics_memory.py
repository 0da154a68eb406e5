"""How much memory the metrics take above the features: one pass for kd, pr and prdc with their intervals, plus fd.

    python -m scripts.measure.metrics_memory [--rows N] [--width D]

Features are random float32 numbers in memory, so that every page of them counts before the call. The peak is the most
the process ever held; each call is measured in a process of its own, since a peak never falls. Writes
docs/results/metrics-memory-N.json.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time

import numpy as np

from scripts.measure import report

CALLS = ("kd,pr,prdc", "fd", "fd,kd,pr,prdc")


def main() -> None:
    """Measure and write the report, or be the process of one call."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--width", type=int, default=2048)
    parser.add_argument(
        "--only", metavar="CALL", help="of the calls, with intervals; a full run takes six times as long"
    )
    parser.add_argument("--no-intervals", action="store_true")
    parser.add_argument("--call", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.call:
        print(json.dumps(measured(options)))
        return
    found = {}
    for intervals in (True,) if options.only else (True, False):
        for call in (options.only,) if options.only else CALLS:
            words = ["--rows", str(options.rows), "--width", str(options.width), "--call", call]
            words += [] if intervals else ["--no-intervals"]
            command = [sys.executable, "-m", "scripts.measure.metrics_memory", *words]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            found[call if intervals else f"{call} without intervals"] = json.loads(done.stdout)
    report.write(f"metrics-memory-{options.rows}", {"rows": options.rows, "width": options.width, "calls": found})


def measured(options: argparse.Namespace) -> dict[str, float]:
    """Return the peak above what the process held with its features and libraries, and the time."""
    # All that the call will load counts before it.
    from tasks.score import compute, pairs  # noqa: F401
    from tasks.score.inputs import Inputs

    tables = {}
    for at, role in enumerate(("real", "synthetic")):
        rng = np.random.default_rng([100, at])
        tables[role] = rng.standard_normal((options.rows, options.width), np.float32)
        tables[role] += np.float32(0.05 * at)
    before, begun = peak(), time.perf_counter()
    compute.score(Inputs(tables, intervals=not options.no_intervals), options.call.split(","))
    return {"peak MB above the features": round(peak() - before), "seconds": round(time.perf_counter() - begun, 1)}


def peak() -> float:
    """Return the most memory this process ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
