"""PatchCamelyon as a dataset: the user's own files under the data root."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Literal

from benchmark import errors
from benchmark.contracts import dataset, images
from benchmark.datasets import checksums, file_state, pcam_checks, pcam_files, pcam_release, splits, stored_codec
from benchmark.datasets.brought import Brought


class Pcam(Brought):
    """Lymph node patches of 96 x 96 pixels; label 1 is tumor in the central 32 x 32 pixels."""

    name: ClassVar[str] = "pcam"
    version: ClassVar[int] = 1
    summary: ClassVar[str] = "PatchCamelyon: lymph node patches, tumor in the center or not (Veeling et al. 2018)."
    advice: ClassVar[str] = pcam_checks.ADVICE
    released: ClassVar[dataset.Released] = pcam_release.RELEASED

    def __init__(self, *, codec: stored_codec.Codec | Literal["detect"] = "detect") -> None:
        """Say how the copy stores its images.

        Args:
            codec: 'none', or 'jpeg-75' for an unofficial copy that went through JPEG, checked against the pixels; with
                'detect', what the pixels tell.

        Raises:
            UserError: The codec is none of the three.
        """
        if codec not in ("none", "jpeg-75", "detect"):
            raise errors.UserError(f"dataset 'pcam': codec is '{codec}'; expected 'detect', 'none' or 'jpeg-75'.")
        self._codec = codec

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
        """Return all images of a split in file order; see `pcam_files.open_split`."""
        return pcam_files.open_split(root, split, classes=pcam_files.LAYOUT.classes, digest=file_state.of_file)

    def identify(self, root: Path) -> dataset.Identity:
        """Return which copy lies under `root`; every file is read.

        Raises:
            UserError: A file is missing.
        """
        return checksums.identify(checksums.digest_file(path) for path in self.files(root))

    def codec(self, root: Path, identity: dataset.Identity) -> str:
        """Return how this copy stores its images; the official release is lossless.

        Raises:
            UserError: The splits are stored in unlike ways, or not as stated: real and synthetic images would then be
                treated unlike.
        """
        if identity.official:
            return "none"
        return stored_codec.agreed(
            {split: self.open(root, split) for split in splits.SPLITS},
            stated=self._codec,
            dataset="pcam",
            place=lambda split: pcam_files.split_path(root, split, "x"),
        )
