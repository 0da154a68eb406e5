"""PatchCamelyon as a dataset: the user's own files under the data root."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Literal

import numpy as np

from benchmark import errors
from benchmark.contracts import dataset, images, progress
from benchmark.datasets import checksums, file_state, pcam_checks, pcam_files, splits, stored_codec

_SAMPLE = 64


class Pcam:
    """Lymph node patches of 96 x 96 pixels; label 1 is tumor in the central 32 x 32 pixels."""

    version: ClassVar[int] = 1
    summary: ClassVar[str] = "PatchCamelyon: lymph node patches, tumor in the center or not (Veeling et al. 2018)."
    made: ClassVar[bool] = False
    classes: ClassVar[tuple[str, ...]] = pcam_files.CLASSES
    side: ClassVar[int] = 96
    advice: ClassVar[str] = pcam_checks.ADVICE

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

    def made_bytes(self) -> int:
        """Return 0: nothing is made."""
        return 0

    def make(self, folder: Path, progress: progress.Progress) -> None:
        """Refuse: the files are the user's.

        Raises:
            UserError: Always.
        """
        raise errors.UserError(f"Dataset 'pcam' cannot be made in {folder}. {self.advice}")

    def files(self, root: Path) -> list[Path]:
        """Return the files of all splits under `root`.

        Raises:
            UserError: x or y of a split is missing.
        """
        return [path for split in splits.SPLITS for path in pcam_files.split_files(root, split)]

    def open(self, root: Path, split: dataset.Split) -> images.Images:
        """Return all images of a split in file order; see `pcam_files.open_split`."""
        return pcam_files.open_split(root, split, classes=self.classes, digest=file_state.of_file)

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
        expected = self._detected(root, "train") if self._codec == "detect" else self._codec
        for split in splits.SPLITS:
            found = self._detected(root, split)
            if found != expected:
                source = "split 'train' is" if self._codec == "detect" else "dataset 'pcam' has"
                raise errors.UserError(
                    f"{pcam_files.split_path(root, split, 'x')}: its patches look as stored under codec '{found}', but "
                    f"{source} '{expected}'. Store all splits alike, and set the suite's codec to that or to 'detect'."
                )
        return expected

    def _detected(self, root: Path, split: dataset.Split) -> stored_codec.Codec:
        opened = self.open(root, split)
        chosen = np.linspace(0, len(opened) - 1, min(_SAMPLE, len(opened))).astype(np.int64)
        return stored_codec.detect(opened.source.read(opened.rows[chosen]))
