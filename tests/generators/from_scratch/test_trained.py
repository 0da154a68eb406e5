"""What a training was, and weights that were not made as an entry says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmark.errors import UserError
from generators.from_scratch import trained


def test_what_is_written_is_what_is_asked_for(images, design, recipe, tmp_path):
    """All of it, or the autoencoder's part."""
    told = trained.about(images, design, 5, prompts=["a", "b"], recipe=recipe)
    trained.write(tmp_path, told)
    assert trained.require(tmp_path, told) is None
    alone = trained.about(images, design, 5)
    assert alone == {key: told[key] for key in ("seed", "images", "design")}
    assert trained.require(tmp_path, alone) is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"seed": 6}, "under another seed: give bench the --seed"),
        ({"prompts": ["b", "a"]}, "on other prompts"),
        ({"digest": "others"}, "on other images"),
        ({"vae_steps": 9}, "with 'vae_steps: 3', and the entry has 'vae_steps: 9'"),
        ({"learning_rate": 0.1}, "with 'learning_rate: 0.001', and the entry has 'learning_rate: 0.1'"),
    ],
)
def test_weights_of_another_training_are_refused(images, design, recipe, tmp_path, change, message):
    """At the first difference, with what to do."""
    trained.write(tmp_path, trained.about(images, design, 5, prompts=["a", "b"], recipe=recipe))
    parts = {key: value for key, value in change.items() if key in ("vae_steps",)}
    learning = {key: value for key, value in change.items() if key in ("learning_rate",)}
    wanted = trained.about(
        replace(images, digest=change.get("digest", images.digest)), replace(design, **parts), change.get("seed", 5),
        prompts=change.get("prompts", ["a", "b"]), recipe=replace(recipe, **learning),
    )  # fmt: skip
    with pytest.raises(UserError, match=message):
        trained.require(tmp_path, wanted)


@pytest.mark.parametrize("text", [None, "{", "[]"])
def test_weights_that_do_not_say_how_they_were_made_are_refused(tmp_path, text):
    """One message, whether the file is missing, broken or of another kind."""
    if text is not None:
        (tmp_path / trained.FILE).write_text(text)
    with pytest.raises(UserError, match="trained.json"):
        trained.require(tmp_path, {"seed": 5})
