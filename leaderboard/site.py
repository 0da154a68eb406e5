"""From the records of a store to a folder of pages."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmark.store.store import Store
from leaderboard import folder, records
from leaderboard.pictures import gallery
from leaderboard.pictures.gallery import Pictures
from leaderboard.rendering import csv_file, html, json_file, markdown
from leaderboard.table import boards as tables
from leaderboard.table.model import Board

NAME = "leaderboard"
"""Name of the pages' folder in a store."""


@dataclass(frozen=True)
class Site:
    """What was written."""

    boards: tuple[Board, ...]
    folder: Path

    @property
    def index(self) -> Path:
        """Return the page that lists the boards."""
        return self.folder / "index.html"


def publish(store: Store, out: Path | None = None) -> Site:
    """Write the pages of all boards of a store.

    Args:
        store: Where the records are, and the image sets for the pictures.
        out: Where to; the store's own folder when left out.

    Raises:
        UserError: If a record cannot be read, or the folder cannot be written.
    """
    boards = tables.of(records.read(store.root))
    place = store.root / NAME if out is None else out
    folder.write(place, render(boards, {board.identifier: gallery.of(board, store) for board in boards}))
    return Site(boards, place)


def render(boards: Sequence[Board], pictures: Mapping[str, Pictures]) -> dict[str, bytes]:
    """Return all files of the pages by relative path; equal boards and pictures give equal bytes.

    Args:
        boards: The boards.
        pictures: The pictures of each, by its identifier.
    """
    files = {"index.html": html.index(boards).encode()}
    for board in boards:
        found = _board(board, pictures[board.identifier])
        files |= {f"{board.slug}/{name}": content for name, content in found.items()}
    return files


def _board(board: Board, pictures: Pictures) -> dict[str, bytes]:
    value = json.dumps(json_file.of(board), indent=2, ensure_ascii=False, allow_nan=False)
    files = {
        "index.html": html.board_page(board, pictures).encode(),
        "board.md": markdown.of(board).encode(),
        "board.csv": csv_file.of(board).encode(),
        "board.json": f"{value}\n".encode(),
        **pictures.files,
    }
    for group in board.groups:
        for row in group.rows:
            if row.records:
                files[f"entrants/{row.slug}.html"] = html.entrant_page(board, group, row, pictures).encode()
    return files
