"""Packs the training images of a suite as JPEG, to be carried to a machine with a GPU and trained on there.

    python -m scripts.gpu.pack_patches --data-root ROOT --store STORE --out pack.zip [--suite pcam-small]

Needs all that a run needs. The images are those of the suite's role `train`, in its order; prompts are those of the
variants' own steps, which are done in STORE, where a later run finds them. Copies that went through JPEG of quality 75
are packed at that quality, others at 85 (`--quality` for another); what it changes is told, and a pack of more than
`--limit-mb` is refused.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any, cast

from benchmark import provenance, threads
from benchmark.artifacts import prompt_set
from benchmark.contracts.context import Context
from benchmark.contracts.images import Images
from benchmark.errors import UserError
from benchmark.events.log import EventLog
from benchmark.execution import desk
from benchmark.execution.desk import Toolbox
from benchmark.execution.report import Silent
from benchmark.execution.worker import Worker
from benchmark.plan.planner import Cell, Plan
from benchmark.plan.steps import FitConfig, Step
from benchmark.registry import targets
from benchmark.session import Choice, make_plan
from benchmark.store.store import Result, Store
from scripts.gpu import packed

VARIANTS = ("small-baseline", "small-morphology")


def main() -> None:
    """Pack, and print what was packed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-root", type=Path, required=True)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--suite", default="pcam-small")
    parser.add_argument("--registry", type=Path, action="append", default=[])
    parser.add_argument("--variant", action="append", default=[], help=f"{', '.join(VARIANTS)} where left out")
    parser.add_argument("--quality", type=int)
    parser.add_argument("--limit-mb", type=float, default=45.0)
    options = parser.parse_args()
    try:
        told = pack(options)
    except UserError as error:
        sys.exit(str(error))
    told |= {"labels": len(told["labels"]), "variants": list(told["variants"]), "bytes": options.out.stat().st_size}
    print(json.dumps(told, indent=1))


def pack(options: argparse.Namespace) -> dict[str, Any]:
    """Write the pack and return what it tells.

    Raises:
        UserError: If a variant learns from fewer images than the others, or the pack is too large.
    """
    store = Store(options.store)
    names = tuple(options.variant) or VARIANTS
    choice = Choice(
        options.suite, names, (), options.data_root, "cpu", None, tuple(options.registry), offline=True
    )  # fmt: skip
    plan = make_plan(choice, store.digest_of, store.digest_of_files)
    cells = {cell.variant.name: cell for cell in reversed(plan.cells) if cell.fit is not None}
    done = _obtain(store, plan, list(cells.values()))
    opened = desk.open_dataset(plan.dataset, done[_fit(cells[names[0]]).inputs["data"].key].folder)
    train = opened.role(cast(FitConfig, _fit(cells[names[0]]).config).on)
    surroundings = provenance.collect(device="cpu", threads=threads.count())
    about = {
        "suite": plan.suite.identifier, "dataset": opened.identity.__dict__, "codec": opened.codec,
        "commit": surroundings.commit, "dirty": surroundings.dirty,
        "variants": {name: _described(cells[name], train, done) for name in names},
    }  # fmt: skip
    quality = options.quality or (75 if opened.codec == "jpeg-75" else 85)
    try:
        return packed.write(options.out, train, about, quality=quality, limit=options.limit_mb * 1e6)
    except packed.TooLarge as error:
        raise UserError(
            f"The pack would be {error.size / 1e6:.1f} MB, more than --limit-mb {options.limit_mb:g}. Lower --quality."
        ) from None


def _fit(cell: Cell) -> Step:
    assert cell.fit is not None
    return cell.fit


def _obtain(store: Store, plan: Plan, cells: list[Cell]) -> dict[str, Result]:
    """Return the outputs of the steps that fits stand on, by key; what is not there is made."""
    steps = {step.key: step for cell in cells for step in _fit(cell).inputs.values()}
    done: dict[str, Result] = {}

    def obtain(step: Step) -> Result:
        if step.key not in done:
            inputs = {name: obtain(inner) for name, inner in step.inputs.items()}
            done[step.key] = worker.obtain(step, inputs, len(done) + 1, len(steps))
        return done[step.key]

    with tempfile.TemporaryDirectory() as folder:
        # No run, so that its events are none of the store's.
        events = EventLog(Path(folder) / "events.jsonl")
        worker = Worker(store, Toolbox(plan.steps[0].platform.device), events, Silent(), "pack")
        for step in steps.values():
            obtain(step)
        events.close()
    return done


def _described(cell: Cell, train: Images, done: dict[str, Result]) -> dict[str, Any]:
    """Return the parameters of a variant, and the prompt of each image.

    Raises:
        UserError: If it does not learn from all images.
    """
    variant = cell.variant.variant
    found = None if cell.prompts is None else prompt_set.read(done[cell.prompts.key].folder)
    if found is not None and len(found.rows) < len(train):
        raise UserError(
            f"'{cell.variant.name}' learns from {len(found.rows)} of {len(train)} images; a pack holds all."
        )
    generator = cast(Any, targets.load(variant.generator))(**variant.params)
    with tempfile.TemporaryDirectory() as folder:
        context = Context(
            0, "cpu", Path(folder), Path(folder), train.classes, _prompts=None if found is None else lambda: found
        )
        texts = generator.training_prompts(train, context)
    distinct = sorted(set(texts))
    number = {text: place for place, text in enumerate(distinct)}
    return {"params": variant.params, "prompts": {"texts": distinct, "of": [number[text] for text in texts]}}


if __name__ == "__main__":
    main()
