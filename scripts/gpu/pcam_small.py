"""Trains the variants of the suite pcam-small on a GPU, in pieces, from a pack of patches.

    PYTHONPATH=. python -m scripts.gpu.pcam_small PACK --work WORK --out OUT [--minutes 8.5] [--seed 0]

Needs torch, diffusers, transformers, accelerate, safetensors, NumPy and Pillow, no network, and neither pydantic nor
MLflow. PACK is what `scripts/gpu/pack_patches.py` made. The autoencoder is trained once, and then a UNet for each
variant. A piece ends after `--minutes` with status 75; the same command goes on from the last checkpoint in WORK, and
one that asks for another training there is refused.
Together pieces may take `--most-minutes`.

OUT receives `pcam-small.json` after every piece (losses, images a second, minutes, batch, GPU, versions, commit), and
when all is trained a zip of each variant's pipeline in half precision, `samples.png`, and `registry.yaml`, by which
`bench run --registry` finds the weights once the zips are unpacked beside it (docs/reproduction.md).
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import zipfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from benchmark import atomic, seeds
from benchmark.contracts.context import Context
from benchmark.errors import UserError
from generators.from_scratch import autoencoder, fitting, trained
from generators.from_scratch import design as designs
from generators.from_scratch.design import AutoencoderDesign, Design
from generators.from_scratch.latent_diffusion import LatentDiffusion
from scripts.gpu import packed, sheets
from scripts.gpu.packed import Pack
from scripts.gpu.pieces import Clock, Curve, OutOfTime, thinned

TEXT = Path(__file__).resolve().parents[2] / "generators" / "tiny_sd"
TIME_IS_UP = 75
VAE = "autoencoder"
_LARGEST = 16e6
"""Bytes of a file of weights, at most."""


def main() -> None:
    """Go on with the work until it is done or the piece is over."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pack", type=Path)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=8.5)
    parser.add_argument("--most-minutes", type=float, default=20.0)
    parser.add_argument("--seed", type=int, default=0, help="the user's, as bench run has it")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="another parameter, as JSON")
    options = parser.parse_args()
    for folder in (options.work, options.out):
        folder.mkdir(parents=True, exist_ok=True)
    changes = {key: json.loads(value) for key, _, value in (each.partition("=") for each in options.set)}
    job = Job(packed.read(options.pack), options.work, options.seed, options.device, changes)
    clock = Clock(options.work / "clock.json", options.minutes)
    left = options.most_minutes - sum(clock.seconds().values()) / 60
    try:
        job.begin()
        if left <= 0:
            sys.exit(f"All pieces together took more than --most-minutes {options.most_minutes:g}.")
        clock.minutes = min(clock.minutes, left)
        job.run(clock)
    except OutOfTime:
        _report(job, clock, options.out, finished=False)
        print("The time of this piece is up; the same command goes on.", flush=True)
        sys.exit(TIME_IS_UP)
    except UserError as error:
        sys.exit(str(error))
    _deliver(job, options.out)
    _report(job, clock, options.out, finished=True)


@dataclass(frozen=True)
class Job:
    """What is trained, and where."""

    pack: Pack
    work: Path
    seed: int
    device: str
    changes: dict[str, Any]
    """Parameters other than the pack's."""

    @property
    def variants(self) -> list[str]:
        """Return the names of the variants."""
        return list(self.pack.about["variants"])

    def generator(self, name: str) -> LatentDiffusion:
        """Return a variant's generator, which knows its design, its recipe and how it samples."""
        params = {**self.pack.params(name), **self.changes}
        # Which prompts are asked for is no matter here; those that are learnt from are packed.
        params.pop("per_prompt", None)
        return LatentDiffusion(**params)

    def curve(self, name: str) -> Curve:
        """Return what a stage logs."""
        return Curve(self.work / f"{name}.curve.jsonl")

    def begin(self) -> None:
        """Write down what is trained in WORK, at the first piece; every later one has to be of the same training.

        Raises:
            UserError: If it cannot be trained, or WORK holds another training.
        """
        for name in self.variants:
            generator = self.generator(name)
            fitting.require(designs.among(generator, Design), generator.recipe, self.device)
        about = {name: self._about(name) for name in self.variants}
        told = {"seed": self.seed, "pack": self.pack.digest, "variants": about}
        trained.begin(
            self.work, told, remedy="Go on with the command that began it, or name another folder with --work."
        )

    def run(self, clock: Clock) -> None:
        """Train what is not trained yet.

        Raises:
            OutOfTime: If the piece is over first.
        """
        with clock.stage(VAE):
            design = designs.among(self.generator(self.variants[0]), AutoencoderDesign)
            vae = autoencoder.trained(self.pack.images, design, self._context(VAE, clock))
        for name in self.variants:
            if not (self.work / name).exists():
                with clock.stage(name):
                    self._train(name, vae, clock)

    def _train(self, name: str, vae: Path, clock: Clock) -> None:
        generator, prompts, images = self.generator(name), self.pack.prompts(name), self.pack.images
        design, context = designs.among(generator, Design), self._context(name, clock)
        shutil.rmtree(context.folder, ignore_errors=True)
        context.folder.mkdir()
        fitting.fit(images, prompts, design, generator.recipe, TEXT, context, vae=vae)
        trained.write(context.folder, self._about(name))
        context.folder.rename(self.work / name)
        shutil.rmtree(context.scratch)

    def _about(self, name: str) -> dict[str, Any]:
        """Return what decides a variant's training."""
        generator = self.generator(name)
        return trained.about(
            self.pack.images, designs.among(generator, Design), self._seed,
            prompts=self.pack.prompts(name), recipe=generator.recipe,
        )  # fmt: skip

    @property
    def _seed(self) -> int:
        """Return the seed of a fit, as a run derives it."""
        return seeds.derive(self.seed, "fit")

    def _context(self, name: str, clock: Clock) -> Context:
        scratch = self.work / f"{name}.scratch"
        scratch.mkdir(exist_ok=True)

        def progress(done: int, total: int, note: str = "") -> None:
            clock.check()
            if done % 500 == 0 or done == total:
                print(f"{name}: {done} of {total} {note}", flush=True)

        return Context(
            self._seed, self.device, self.work / f"{name}.part", scratch,
            self.pack.images.classes, progress=progress, log=self.curve(name).add,
        )  # fmt: skip


def _deliver(job: Job, out: Path) -> None:
    """Write weights, the entries that name them, and a sheet of samples."""
    for name in job.variants:
        archived = out / f"{name}.zip"
        with zipfile.ZipFile(archived, "w", zipfile.ZIP_STORED) as archive:
            for path in sorted((job.work / name).rglob("*")):
                if path.is_file():
                    archive.write(path, path.relative_to(job.work / name))
        if archived.stat().st_size > _LARGEST:
            print(f"{archived} is larger than {_LARGEST / 1e6:g} MB.", flush=True)
    entries = {
        f"{name}-trained": {
            "extends": name, "summary": f"{name} as trained by scripts/gpu/pcam_small.py.",
            "weights": {"trained": name}, "params": job.changes,
        }
        for name in job.variants
    }  # fmt: skip
    design = designs.among(job.generator(job.variants[0]), AutoencoderDesign)
    entries["small-vae-roundtrip-trained"] = {
        "extends": "small-vae-roundtrip", "summary": "small-vae-roundtrip on the autoencoder of the entries beside it.",
        "weights": {"trained": job.variants[0]},
        "params": asdict(design),
    }  # fmt: skip
    # JSON is YAML, and needs no package.
    atomic.write_json(out / "registry.yaml", entries)
    made = {name: (job.work / name, job.generator(name)) for name in job.variants}
    sheets.write(out / "samples.png", job.pack, made, job.device)


def _report(job: Job, clock: Clock, out: Path, *, finished: bool) -> None:
    spent, pack = clock.seconds(), job.pack.about
    minutes = {name: round(each / 60, 2) for name, each in spent.items()}
    atomic.write_json(
        out / "pcam-small.json",
        {
            "finished": finished, "seed": job.seed, "changes": job.changes,
            "minutes": {**minutes, "all": round(sum(spent.values()) / 60, 2)},
            "stages": {name: _stage(job, name) for name in (VAE, *job.variants) if name in spent},
            "files": {path.name: path.stat().st_size for path in sorted(out.glob("*.zip"))},
            "machine": _machine(job.device),
            "pack": {key: value for key, value in pack.items() if key not in ("labels", "variants")},
        },
    )  # fmt: skip


def _stage(job: Job, name: str) -> dict[str, Any]:
    generator = job.generator(job.variants[0] if name == VAE else name)
    curve, prefix = job.curve(name), "autoencoder_" if name == VAE else ""
    rates = [value for _, value in curve.points(f"{prefix}images_per_second")]
    return {
        "steps": generator.vae_steps if name == VAE else generator.steps,
        "batch": generator.vae_batch if name == VAE else generator.batch,
        "loss": thinned(curve.points(f"{prefix}loss")),
        "images a second": round(statistics.median(rates), 1) if rates else None,
    }  # fmt: skip


def _machine(device: str) -> dict[str, Any]:
    import importlib.metadata

    versions: Callable[[str], str] = importlib.metadata.version
    names = ("diffusers", "transformers", "accelerate", "safetensors", "numpy", "pillow")
    return {
        "device": torch.cuda.get_device_name() if device == "cuda" else device, "cuda": torch.version.cuda,
        "torch": torch.__version__, **{name: versions(name) for name in names},
    }  # fmt: skip


if __name__ == "__main__":
    main()
