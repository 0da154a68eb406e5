"""The arrays of a reference: of the shapes and types that were said, of values that they can have, no pickle."""

from __future__ import annotations

import io
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from toybench import packs

from benchmark.errors import UserError
from benchmark.references import archive, contents


def check(tmp_path: Path, **more: Any) -> None:
    """Unpack a pack whose digests hold, and look at its arrays."""
    path = packs.write(tmp_path / "a.zip", **more)
    contents.check(tmp_path / "out", archive.unpack(path, tmp_path / "out"), where=str(path))


class Evil:
    """What runs when it is unpickled."""

    def __reduce__(self) -> Any:
        return (exec, ("raise SystemExit('loaded')",))


def stream(array: Any, *, more: bytes = b"") -> bytes:
    """An array's file, with something after it."""
    return packs.saved(array) + more


def header(text: str) -> bytes:
    """A file that says it is an array, and holds three bytes."""
    written = io.BytesIO()
    written.write(b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode() + b"abc")
    return written.getvalue()


ROWS = packs.arrays()[packs.FEATURES]
BROKEN = ROWS.copy()
BROKEN[7, 4] = np.inf


def test_a_sound_pack_passes(tmp_path: Path) -> None:
    """With slides and rows in full precision."""
    check(tmp_path)
    assert (tmp_path / "out" / packs.EXACT).exists()


def test_slides_and_exact_rows_may_be_missing(tmp_path: Path) -> None:
    """Where they are not known, or an extractor computes in full precision anyway."""
    check(tmp_path, change={packs.SLIDES: None, packs.EXACT: None}, slides="unknown")
    assert not (tmp_path / "out" / packs.EXACT).exists()


@pytest.mark.parametrize(
    ("name", "array", "said"),
    [
        (packs.FEATURES, BROKEN, "holds features that are not finite"),
        (packs.FEATURES, ROWS.astype("<f8"), "is float64 of shape (8, 5); expected float32 of shape (8, 5)"),
        (packs.FEATURES, ROWS.astype(">f4"), "expected float32"),
        (packs.FEATURES, ROWS[:7].copy(), "of shape (7, 5); expected float32 of shape (8, 5)"),
        (packs.FEATURES, ROWS[:, :4].copy(), "of shape (8, 4)"),
        (packs.FEATURES, ROWS.ravel(), "of shape (40,)"),
        (packs.EXACT, ROWS[:, :4].copy(), "of shape (8, 4)"),
        (packs.EXACT, np.concatenate([ROWS, ROWS]), "of shape (16, 5); expected float32 of shape (8, 5)"),
        (packs.EXACT, BROKEN, "holds features that are not finite"),
        (packs.EXACT, np.float32(1).reshape(()), "of shape ()"),
        (packs.LABELS, np.array([0, 1] * 3 + [0, 2], "<i8"), "has labels 0 to 2; there are 2 classes"),
        (packs.LABELS, np.array([0, 1] * 3 + [0, -1], "<i8"), "has labels -1 to 1; there are 2 classes"),
        (packs.LABELS, np.zeros(8, "<i4"), "is int32 of shape (8,); expected int64 of shape (8,)"),
        (packs.LABELS, np.zeros(9, "<i8"), "of shape (9,)"),
        ("roles/train/labels.npy", np.zeros(5, "<i8"), "of shape (5,); expected int64 of shape (6,)"),
        (packs.SLIDES, np.arange(8), "is int64 of shape (8,); expected text of shape (8,)"),
        (packs.SLIDES, np.array([b"a"] * 8), "expected text"),
        (packs.SLIDES, np.array(["a"] * 7 + ["x" * 201]), "has slide ids of 201 characters"),
        (packs.SLIDES, np.array(["a"] * 7 + [""]), "has a slide without an id"),
        (packs.SLIDES, np.array(["a"] * 7 + ["\x1b[2J"]), "characters that no text holds"),
        (packs.SLIDES, np.full((8, 2), 0x110000, "<u4").view("<U2").ravel(), "characters that no text holds"),
        (packs.SLIDES, np.full((8, 1), 0xD800, "<u4").view("<U1").ravel(), "characters that no text holds"),
        (packs.FEATURES, np.array([Evil()] * 8, object), "no array of numbers or text that NumPy reads without pickle"),
        (packs.FEATURES, pickle.dumps(Evil()), "reads without pickle"),
        (packs.FEATURES, b"x", "reads without pickle"),
        (packs.FEATURES, stream(ROWS, more=b"#!/bin/sh"), "reads without pickle"),
        (packs.FEATURES, header("{'descr': '<f4', 'fortran_order': False, 'shape': (8, 5), }\n"), "without pickle"),
        (packs.FEATURES, header("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }\n"), "out"),
        (packs.FEATURES, header("__import__('os').abort()\n"), "reads without pickle"),
    ],
)  # fmt: skip
def test_an_array_that_is_not_what_it_must_be_is_named(tmp_path: Path, name: str, array: Any, said: str) -> None:
    """With what was found and expected; nothing in it is ever run."""
    with pytest.raises(UserError) as refused:
        check(tmp_path, change={name: array})
    assert said in str(refused.value)
    assert f"a.zip: {name} " in str(refused.value)


@pytest.mark.parametrize(("slides", "change"), [("unknown", {}), ("named", {packs.SLIDES: None})])
def test_slides_must_be_as_the_manifest_says(tmp_path: Path, slides: str, change: Any) -> None:
    """There, or not known."""
    with pytest.raises(UserError, match=f"says that slides are {slides}, and the files say otherwise"):
        check(tmp_path, slides=slides, change=change)
