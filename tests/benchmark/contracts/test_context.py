"""What a generator can reach, and what it cannot."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from pathlib import Path

import numpy as np
import pytest

from benchmark.contracts.context import Context
from benchmark.contracts.images import ArraySource, Images
from benchmark.errors import UserError


def context(tmp_path: Path, **more) -> Context:
    return Context(seed=1, device="cpu", folder=tmp_path, scratch=tmp_path, classes=("a", "b"), **more)


def images(digest: str) -> Images:
    return Images(
        ArraySource(np.zeros((1, 2, 2, 3), np.uint8)), np.arange(1), np.zeros(1, np.int64), ("a",), None, digest
    )


def test_what_is_declared_is_given(tmp_path):
    """Each by its own name and kind, though the names be alike."""
    made = context(
        tmp_path,
        _images={"train": lambda: images("train"), "floor": lambda: images("floor")},
        _extractors={"train": lambda: "an extractor", "dino": lambda: "another"},
        _weights={"train": lambda: tmp_path / "weights"},
    )
    assert [made.images(role).digest for role in ("floor", "train")] == ["floor", "train"]
    assert [made.extractor(name) for name in ("train", "dino")] == ["an extractor", "another"]
    assert made.weights("train") == tmp_path / "weights"
    assert [made.has_weights(name) for name in ("train", "dino")] == [True, False]


def test_nothing_is_loaded_before_it_is_asked_for(tmp_path):
    """And each time it is asked for, since images may be large."""
    calls = []

    def load() -> Images:
        calls.append(1)
        return images("floor")

    made = context(tmp_path, _images={"floor": load})
    assert calls == []
    made.images("floor")
    made.images("floor")
    assert calls == [1, 1]


@pytest.mark.parametrize(
    ("ask", "key", "declared"),
    [
        (lambda made: made.images("test"), "reads", "floor, reference"),
        (lambda made: made.extractor("test"), "guided_by", "dino"),
        (lambda made: made.weights("test"), "weights", "(none)"),
    ],
)
def test_what_is_not_declared_is_refused(tmp_path, ask, key, declared):
    """What was asked for, where to declare it, what is declared; nothing of another kind counts."""
    made = context(
        tmp_path,
        _images={"floor": lambda: images("floor"), "reference": lambda: images("reference")},
        _extractors={"dino": lambda: None},
    )
    with pytest.raises(UserError) as error:
        ask(made)
    assert str(error.value) == (
        f"The generator asked for 'test', but its entry does not declare it. Add it under '{key}'. Declared: {declared}."
    )


def test_a_bare_context_offers_nothing_and_can_be_talked_to(tmp_path):
    """Progress and log are taken in silence."""
    made = context(tmp_path)
    assert made.progress(1, 2, "steps") is None
    assert made.log("loss", 0.5, 3) is None
    for ask in (made.images, made.extractor, made.weights):
        with pytest.raises(UserError, match=r"Declared: \(none\)"):
            ask("train")


def test_a_context_does_not_change(tmp_path):
    """A generator cannot give itself what it did not declare."""
    with pytest.raises(FrozenInstanceError):
        context(tmp_path)._images = {"test": lambda: images("test")}
