"""How long `make demo` or `make test` takes a newcomer: a clean clone, an empty home, an empty environment.

    python -m scripts.measure.from_clone demo [--seed NUMBER]
    python -m scripts.measure.from_clone test

Clones the commit that is checked out into a temporary folder and times `make setup` and then the command itself there.
Packages come from wherever pip finds them here. Writes docs/results/make-COMMAND.json.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from scripts.measure import report

ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    """Time both steps and write the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=("demo", "test"))
    parser.add_argument("--seed", type=int, help="of the demo; from 100 up, so that no reported seed is spent")
    parser.add_argument("--keep", type=Path, help="clone into this new folder and leave it there")
    options = parser.parse_args()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as temporary:
        clone = options.keep or Path(temporary) / "histobench"
        subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
        home = Path(temporary) / "home"
        home.mkdir()
        environment = {"HOME": str(home), "PATH": os.environ["PATH"]}
        environment |= {} if options.seed is None else {"BENCH_SEED": str(options.seed)}
        seconds = {step: _time(step, clone, environment) for step in ("setup", options.command)}
    figures = {
        "commit": subprocess.check_output(["git", "-C", ROOT, "rev-parse", "HEAD"], text=True).strip(),
        "seed": options.seed,
        "load at the start": round(load, 2),
        "install": {"seconds": seconds["setup"], "n": 1},
        f"make {options.command} after it": {"seconds": seconds[options.command], "n": 1},
        "both": {"seconds": round(sum(seconds.values()), 1), "n": 1},
    }
    report.write(f"make-{options.command}", figures)


def _time(step: str, clone: Path, environment: dict[str, str]) -> float:
    begun = time.perf_counter()
    done = subprocess.run(
        ["make", "-C", clone, step], env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        check=False,
    )  # fmt: skip
    taken = time.perf_counter() - begun
    print(done.stdout[-3000:])
    if done.returncode:
        sys.exit(f"make {step} ended with status {done.returncode}")
    return round(taken, 1)


if __name__ == "__main__":
    main()
