"""What a training was, and weights that were not made as an entry says."""

from __future__ import annotations

import json
import re
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


def test_a_folder_of_work_is_of_one_training(tmp_path):
    """What was begun is gone on with; of what differs the first is named, and how many more do."""
    told = {"seed": 5, "design": {"side": 16, "widths": [1, 2]}}
    (tmp_path / "vae.part").mkdir()
    for _ in range(2):
        trained.begin(tmp_path, told, remedy="Do.")
    assert json.loads((tmp_path / trained.BEGUN).read_text()) == told
    for other, message in (
        ({**told, "seed": 6}, "holds a training with 'seed: 5', and this one has 'seed: 6'. Do."),
        (
            {"seed": 6, "design": {"side": 8, "widths": [1, 2]}},
            "with 'seed: 5', and this one has 'seed: 6' (1 more differ). Do.",
        ),
        ({"seed": 5, "design": {"side": 16}}, "with 'design.widths: [1, 2]', and this one has no 'design.widths'."),
        ({**told, "pack": "p"}, "with no 'pack', and this one has 'pack: p'. Do."),
    ):
        with pytest.raises(UserError, match=re.escape(message)):
            trained.begin(tmp_path, other, remedy="Do.")


def test_a_folder_that_holds_something_else_is_no_place_to_begin(tmp_path):
    """What it is of is not known, or not to be read."""
    (tmp_path / "vae").mkdir()
    with pytest.raises(UserError, match=r"holds 'vae', and no begun\.json that says of which training it is\. Do\."):
        trained.begin(tmp_path, {"seed": 5}, remedy="Do.")
    assert [path.name for path in tmp_path.iterdir()] == ["vae"]
    (tmp_path / trained.BEGUN).write_text("{")
    with pytest.raises(UserError, match="begun.json cannot be read"):
        trained.begin(tmp_path, {"seed": 5}, remedy="Do.")
