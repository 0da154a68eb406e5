"""A folder of labelled images, or a zip archive of one, as a dataset a suite can name."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Literal

from benchmark.datasets import dealing, file_sets, image_folder, label_table, stored_codec
from benchmark.datasets.gathered import Gathered, Gathering
from benchmark.datasets.image_files import FilePixels
from benchmark.datasets.labels import ClassWords, Table

_JPEG = (".jpg", ".jpeg")


class Folder(Gathered):
    """Image files of any number of classes, told by folders or by a table beside them."""

    name: ClassVar[str] = "folder"
    summary: ClassVar[str] = "A folder or zip of PNG, JPEG or TIFF: a folder a class, or a metadata.csv; any classes."
    advice: ClassVar[str] = (
        "Put the images below the data root, in ROOT/PATH/[train,valid,test/]CLASS/, or beside a metadata.csv with "
        "'file_name' and 'label', and name them in the suite: dataset: {name: folder, params: {path: PATH}}. PATH may "
        "be a .zip of such a folder."
    )

    def __init__(
        self,
        *,
        path: str,
        classes: ClassWords | None = None,
        sizes: dealing.Sizes | None = None,
        seed: int = 0,
        codec: stored_codec.Codec | Literal["detect"] = "detect",
        label: str = "label",
        slide: str = "slide",
        split: str = "split",
    ) -> None:
        """Say where the images are and how what is found is to be taken.

        Args:
            path: Folder or zip archive, below the data root.
            classes: Order of the classes, or class as it is found: the word of prompts; found ones sorted if left out.
            sizes: Where the data bring no splits, shares of each, or numbers of images; `dealing.DEFAULT` if left out.
            seed: Of dealing out.
            codec: 'none' or 'jpeg-75', checked against the pixels; with 'detect', what the pixels of JPEG files tell.
            label: Column of the classes, where a table tells them.
            slide: Column of the slides, where there is one.
            split: Column of the splits, where there is one.

        Raises:
            UserError: If the path leads out of the data root, or sizes are none.
        """
        super().__init__(path=path, classes=classes, sizes=sizes, seed=seed, codec=codec)
        self._columns = label_table.Columns(label, slide, split)

    def _gather(self, root: Path) -> Gathering:
        files = file_sets.opened(root / self._path)
        table, read = image_folder.read(files, self._columns)
        return of_files(files, tuple(table.names), table, read)


def of_files(files: file_sets.FileSet, names: tuple[str, ...], table: Table, others: tuple[str, ...]) -> Gathering:
    """Return image files with what is known of them.

    Args:
        files: Where they lie.
        names: Of the images.
        table: What is known of them, in the order of the names.
        others: Names of the files that tell it.
    """
    source, decisive = FilePixels(files, names), (*names, *others)
    return Gathering(
        place=files.place,
        source=source,
        table=table,
        files=files.on_disk(decisive),
        state=lambda: files.state(decisive),
        size=lambda: source.size,
        is_jpeg=all(name.lower().endswith(_JPEG) for name in names),
    )
