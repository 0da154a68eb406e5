"""The Kaggle variant of PatchCamelyon as a dataset: a folder of TIFF files and a table of their labels."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import ClassVar

from benchmark.datasets import dealing, file_sets, pcam_files
from benchmark.datasets.folder import of_files
from benchmark.datasets.gathered import Gathered, Gathering
from benchmark.datasets.image_reader import Unusable
from benchmark.datasets.labels import Table
from benchmark.errors import UserError

TABLE = "train_labels.csv"
"""File with a row `id,label` for each patch."""
COUNT = 220_025
"""Labelled patches of the release; those under `test` have no public labels."""

_FOLDER = "train/"
_SUFFIX = ".tif"
_WORDS = dict(zip("01", pcam_files.CLASSES, strict=True))


class PcamKaggle(Gathered):
    """Patches of PCam without its duplicates, its splits and its slides."""

    name: ClassVar[str] = "pcam-kaggle"
    summary: ClassVar[str] = "PCam as on Kaggle (histopathologic-cancer-detection): TIFF files; random splits, ours."
    advice: ClassVar[str] = (
        "Fetch the data of the Kaggle competition 'histopathologic-cancer-detection' and put its folder 'train' and "
        "train_labels.csv into a folder 'pcam-kaggle' under the data root, names unchanged."
    )

    def __init__(self, *, path: str = "pcam-kaggle", sizes: dealing.Sizes | None = None, seed: int = 0) -> None:
        """Say where the files are and how they are dealt out to splits, which the release does not do.

        Args:
            path: Folder, or zip archive of it, below the data root.
            sizes: Shares of each split, or numbers of images; `dealing.DEFAULT` if left out.
            seed: Of dealing out.

        Raises:
            UserError: If the path leads out of the data root, or sizes are none.
        """
        super().__init__(path=path, classes=_WORDS, sizes=sizes, seed=seed, codec="detect")

    def _gather(self, root: Path) -> Gathering:
        place = root / self._path
        if not place.exists():
            raise UserError(f"{place} is not there. {self.advice}")
        files = file_sets.opened(place)
        found = [name for name in files.names if name.startswith(_FOLDER) and name.endswith(_SUFFIX)]
        if TABLE not in files.names or not found:
            lacks = TABLE if found else f"{_FOLDER}*{_SUFFIX}"
            raise UserError(f"{place} holds no {lacks}. {self.advice}")
        labels = _labels(files)
        known = {f"{_FOLDER}{name}{_SUFFIX}": label for name, label in labels.items()}
        lost, strange = known.keys() - set(found), [name for name in found if name not in known]
        if lost or strange:
            raise UserError(
                f"{place}: {TABLE} and {_FOLDER} do not belong together: {len(lost):,} patches of the table are not "
                f"there{_such_as(sorted(lost))}, {len(strange):,} files are not in the table{_such_as(strange)}. Fetch "
                "both again."
            )
        table = Table(found, [known[name] for name in found])
        return of_files(files, tuple(found), table, (TABLE,))

    def _title(self, gathering: Gathering) -> str:
        count = len(gathering.table.names)
        return "PCam, Kaggle variant" + ("" if count == COUNT else f", {count:,} of {COUNT:,} patches")

    def _cautions(self, table: Table) -> list[str]:
        return [
            f"The splits of this variant of PCam are ours (at random, by label, seed {self._seed}), not the release's, "
            "which names no slides: patches of one slide may lie in several splits."
        ]


def _labels(files: file_sets.FileSet) -> dict[str, str]:
    """Return the label of each patch by its id."""
    where, labels = f"{files.place / TABLE}", {}
    try:
        with file_sets.reading(files, TABLE) as stream:
            rows = csv.DictReader(io.TextIOWrapper(stream, encoding="utf-8-sig", newline=""))
            if rows.fieldnames is None or not {"id", "label"} <= set(rows.fieldnames):
                raise UserError(f"{where} has the columns {rows.fieldnames}. Expected id,label.")
            for row in rows:
                labels[row["id"]] = row["label"]
                if row["label"] not in _WORDS:
                    raise UserError(f"{where}: the label of {row['id']} is '{row['label']}'. Expected 0 or 1.")
    except (Unusable, ValueError, csv.Error) as error:
        raise UserError(f"{where} cannot be read: {error}.") from None
    return labels


def _such_as(names: list[str]) -> str:
    return f" (such as {names[0]})" if names else ""
