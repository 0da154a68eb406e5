"""One kind of seeds of a store's board, as docs/results/NAME.json: every number with its interval, N and method.

    python -m scripts.measure.board SUITE NAME --store FOLDER [--development]

Beside it docs/results/NAME.md, the board as people read it. A board that holds development seeds is refused; under
--development, one that holds any other.
The board must be there: `bench run` and `bench leaderboard` write it.
"""

from __future__ import annotations

import argparse
import json
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmark.events import log
from benchmark.records import files
from scripts.measure import report


def main() -> None:
    """Read the board and write the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suite")
    parser.add_argument("name")
    parser.add_argument("--store", type=Path, default=Path("bench-store"))
    parser.add_argument("--development", action="store_true")
    options = parser.parse_args()
    boards = {path: json.loads(path.read_text()) for path in sorted(options.store.glob("leaderboard/*/board.json"))}
    found = [path for path, one in boards.items() if one["suite"]["name"] == options.suite and not one["trial_limit"]]
    if len(found) != 1:
        raise SystemExit(f"{options.store}: expected one board of suite '{options.suite}', found {len(found)}.")
    board = boards[found[0]]
    wanted = "development" if options.development else "reported"
    if not all(group["kind"].startswith(wanted) for group in board["groups"]):
        raise SystemExit(f"{options.store}: the board holds other than {wanted} seeds. Use a store of those alone.")
    figures = _reported(board, _commits(options.store, options.suite))
    report.write(options.name, figures | {"runs in this store": [_run(path) for path in _logs(options.store)]})
    (report.FOLDER / f"{options.name}.md").write_text(found[0].with_name("board.md").read_text())


def _logs(store: Path) -> list[Path]:
    return sorted((store / "events").glob("*.jsonl"), key=lambda path: path.stat().st_mtime)


def _run(path: Path) -> dict[str, Any]:
    """Return how long a run took from its first event to its last, and how it ended."""
    events = list(log.read(path))
    begun, ended = (datetime.fromisoformat(event.time) for event in (events[0], events[-1]))
    return {"seconds": round((ended - begun).total_seconds(), 1), "last event": events[-1].kind, **events[-1].data}


def _commits(store: Path, suite: str) -> dict[str, str]:
    """Return the commit of each record of a suite by the record's digest."""
    records = [record for record in files.read_all(store) if record.suite.name == suite]
    return {one.digest: f"{one.provenance.commit}{'+changes' if one.provenance.dirty else ''}" for one in records}


def _reported(board: dict[str, Any], commits: dict[str, str]) -> dict[str, Any]:
    return {
        "board": board["board"],
        "dataset": board["dataset"]["identity"],
        "protocol": board["protocol"],
        "n_synthetic": board["n_synthetic"],
        "notes": board["notes"],
        "groups": [
            {
                "kind": group["kind"],
                "seeds": group["seeds"],
                "rows": {row["name"]: [_cell(cell) for cell in row["cells"]] for row in group["rows"]},
                "commits": sorted({commits[digest] for row in group["rows"] for digest in row["records"]}),
                "comparisons": group["comparisons"],
            }
            for group in board["groups"]
        ],
    }


def _cell(cell: dict[str, Any]) -> dict[str, Any]:
    kept = ("name", "state", "value", "interval", "n", "method", "seeds", "reason")
    return {key: cell[key] for key in kept} | {"by_seed": {one["seed"]: one["value"] for one in cell["by_seed"]}}


if __name__ == "__main__":
    main()
