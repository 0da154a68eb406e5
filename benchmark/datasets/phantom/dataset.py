"""Phantom as a dataset a suite can name."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from benchmark import digests
from benchmark.contracts import dataset, images, progress
from benchmark.datasets import file_state, pcam_files, splits
from benchmark.datasets.phantom import spec

_BYTES_OF_A_PATCH = 96 * 96 * 3 + 64

CAUTION = (
    "Phantom patches are drawn by a procedure and show no tissue: “real” means drawn by it here, and nothing found on "
    "them says anything of tissue."
)
"""What every board of phantom patches says."""


class Phantom:
    """Procedural H&E-like patches in PCam's shape and label rule. Made on the spot, no download."""

    version: ClassVar[int] = 1
    summary: ClassVar[str] = "Procedural H&E-like patches in PCam's shape and label rule; no real tissue."
    made: ClassVar[bool] = True
    advice: ClassVar[str] = ""

    def __init__(
        self,
        *,
        seed: int = 0,
        train: int = 2000,
        valid: int = 1000,
        test: int = 1000,
        slides_train: int = 24,
        slides_valid: int = 12,
        slides_test: int = 12,
    ) -> None:
        """Set seed and sizes; see `spec.PhantomSpec`.

        Raises:
            UserError: A value is out of range.
        """
        self.spec = spec.PhantomSpec(
            seed=seed,
            train=train,
            valid=valid,
            test=test,
            slides_train=slides_train,
            slides_valid=slides_valid,
            slides_test=slides_test,
        )

    def made_bytes(self) -> int:
        """Return about how many bytes `make` writes: pixels, labels and slide table."""
        return sum(self.spec.count(split) for split in splits.SPLITS) * _BYTES_OF_A_PATCH

    def make(self, folder: Path, progress: progress.Progress) -> None:
        """Write the dataset to `folder`/pcam/."""
        from benchmark.datasets.phantom import write

        write.write(folder, self.spec, progress)

    def files(self, root: Path) -> list[Path]:
        """Return the files of all splits under `root`.

        Raises:
            UserError: x or y of a split is missing.
        """
        return [path for split in splits.SPLITS for path in pcam_files.split_files(root, split)]

    def layout(self, root: Path) -> dataset.Layout:
        """Return the label words of Osorio et al. (2024) and 96 pixels, whatever lies under `root`."""
        return pcam_files.LAYOUT

    def open(self, root: Path, split: dataset.Split) -> images.Images:
        """Return all images of a split in the order of the files; see `pcam_files.open_split`."""
        return pcam_files.open_split(root, split, classes=pcam_files.LAYOUT.classes, digest=file_state.of_file)

    def identify(self, root: Path) -> dataset.Identity:
        """Return which phantom lies under `root`; every file is read."""
        found = digests.of_files({path.name: digests.of_file(path) for path in self.files(root)})
        name = f"phantom (drawn from seed {self.spec.seed})"
        return dataset.Identity(name=name, digest=found, official=True, caution=CAUTION)

    def codec(self, root: Path, identity: dataset.Identity) -> str:
        """Return 'none': phantom is stored as it was drawn."""
        return "none"
