"""Variants: entries that extend each other, and what they may not do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from benchmark.errors import UserError
from benchmark.registry.variants import Catalogue
from benchmark.registry.weights import Weights

BASE = {
    "generator": "pack.module:Class",
    "summary": "Base.",
    "fits_on": "train",
    "params": {"k": 12, "lr": 0.1},
    "weights": {"unet": "package:pack/unet"},
}


def catalogue(**entries: dict[str, object]) -> Catalogue:
    made = Catalogue()
    for name, raw in entries.items():
        made.add(name, raw, origin="a test", folder=Path("/somewhere"))
    return made


def test_a_variant_changes_only_what_it_names():
    """Parameters are merged one by one, through two generations; the base stays as it was."""
    made = catalogue(
        a=BASE, b={"extends": "a", "params": {"k": 33}}, c={"extends": "b", "summary": "C.", "params": {"new": [1]}}
    )
    assert made.get("c").variant.params == {"k": 33, "lr": 0.1, "new": (1,)}
    assert made.get("c").variant.summary == "C."
    assert made.get("b").variant.summary == "Base."
    assert made.get("b").variant.fits_on == "train"
    assert made.get("a").variant.params == {"k": 12, "lr": 0.1}


def test_order_of_entries_does_not_matter():
    """An entry may extend one that follows it."""
    assert catalogue(b={"extends": "a", "params": {"k": 1}}, a=BASE).get("b").variant.params["k"] == 1


def test_an_empty_params_changes_nothing():
    """YAML's `params:` with nothing behind it."""
    assert catalogue(a=BASE, b={"extends": "a", "params": None}).get("b").variant.params == BASE["params"]
    base = {**BASE, "params": None}
    assert catalogue(a=base, b={"extends": "a", "params": {"k": 2}}).get("b").variant.params == {"k": 2}


def test_paths_start_where_they_were_written():
    """A variant that inherits its paths inherits the folder they start from."""
    made = Catalogue()
    made.add("a", {**BASE, "weights": {"unet": "./unet"}}, origin="one", folder=Path("/one"))
    made.add("b", {"extends": "a", "params": {"k": 1}}, origin="two", folder=Path("/two"))
    made.add("c", {"extends": "a", "weights": {"unet": "./mine"}}, origin="two", folder=Path("/two"))
    assert made.get("b").folder == Path("/one")
    assert made.get("b").origin == "two"
    assert made.get("c").folder == Path("/two")
    assert made.get("c").variant.weights == {"unet": Weights(path="./mine")}


def test_weights_are_merged_one_by_one():
    """A variant may change one of several."""
    made = catalogue(a=BASE, b={"extends": "a", "weights": {"vae": "package:pack/vae"}})
    expected = {"unet": Weights(path="package:pack/unet"), "vae": Weights(path="package:pack/vae")}
    assert made.get("b").variant.weights == expected


def test_weights_of_a_hub_are_replaced_whole():
    """An entry that puts a folder in their place is not asked for the hub's files."""
    hub = {"hub": "toy/net", "revision": "0" * 40, "files": ["a.json"], "sha256": {"a.json": "1" * 64}}
    made = catalogue(a={**BASE, "weights": {"base": hub}}, b={"extends": "a", "weights": {"base": "./mine"}})
    assert made.get("a").variant.weights == {"base": Weights(**{**hub, "files": ("a.json",)})}
    assert made.get("b").variant.weights == {"base": Weights(path="./mine")}
    (wanted,) = made.get("b").wanted
    assert (wanted.of, wanted.part) == ("Variant 'b', weights 'base'", "base")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"revision": None}, "expected a commit of toy/net, 40 hex digits, found None"),
        ({"revision": "main"}, "expected a commit of toy/net, 40 hex digits, found 'main'"),
        ({"files": []}, "expected the files of toy/net that are used"),
        ({"sha": "x"}, "unknown key 'weights.base.sha'. Did you mean 'sha256'"),
    ],
)
def test_weights_of_a_hub_are_pinned(change, expected):
    """No name without a commit, no commit without its files."""
    hub = {"hub": "toy/net", "revision": "0" * 40, "files": ["a.json"]} | change
    given = {key: value for key, value in hub.items() if value is not None}
    with pytest.raises(UserError, match=re.escape(expected)):
        catalogue(a={**BASE, "weights": {"base": given}}).get("a")


@pytest.mark.parametrize(
    ("entries", "name", "expected"),
    [
        ({"a": {"extends": "b"}, "b": {"extends": "a"}}, "a", "in a circle: a -> b -> a"),
        ({"a": {"extends": "a"}}, "a", "in a circle: a -> a"),
        (
            {"base": BASE, "x": {"extends": "bose"}},
            "x",
            r"no generator 'bose' \(extended by 'x'\). Did you mean 'base'",
        ),
        ({"baseline": BASE}, "basline", "no generator 'basline'. Did you mean 'baseline'"),
        ({"a": {**BASE, "parms": {}}}, "a", "variant 'a' of a test: unknown key 'parms'. Did you mean 'params'"),
        ({"a": {**BASE, "params": [1]}}, "a", "key 'params'"),
        ({"a": BASE, "b": {"extends": "a", "params": [1]}}, "b", "variant 'b' of a test: key 'params'"),
        ({"a": {**BASE, "fits_on": "trian"}}, "a", "key 'fits_on'.*'train'"),
        ({"a": {**BASE, "reads": ["synthetic"]}}, "a", "key 'reads.0'"),
        ({"a": {**BASE, "version": "2"}}, "a", "key 'version'.*found '2'"),
        ({"a": {"summary": "x"}}, "a", "key 'generator' is missing"),
        ({"a": {**BASE, "generator": "no colon"}}, "a", "'no colon' is not a target"),
        ({"a": {**BASE, "params": {"x": float("nan")}}}, "a", "variant 'a' of a test: found nan"),
    ],
)
def test_a_wrong_entry_is_refused_with_its_place(entries, name, expected):
    """Circles, unknown bases and keys, wrong types."""
    with pytest.raises(UserError, match=expected):
        catalogue(**entries).get(name)


def test_one_wrong_entry_does_not_spoil_the_others():
    """An outsider's mistake must not keep anyone from running something else."""
    made = catalogue(good=BASE, bad={"generator": 3})
    assert made.get("good").variant.summary == "Base."


def test_a_generator_may_not_look_at_real_images_while_sampling():
    """Or it could copy; controls, which bound the board, may."""
    with pytest.raises(UserError, match="reads floor while sampling, which only controls may"):
        catalogue(a={**BASE, "reads": ["floor"]}).get("a")
    assert catalogue(a={**BASE, "reads": ["floor"], "kind": "control"}).get("a").variant.reads == ("floor",)


@pytest.mark.parametrize("role", ["test", "reference", "floor", "holdout"])
def test_a_generator_may_learn_from_the_training_role_only(role):
    """What it is measured against must be new to it."""
    with pytest.raises(UserError, match=f"fits on '{role}'"):
        catalogue(a={**BASE, "fits_on": role}).get("a")
    assert catalogue(a={**BASE, "fits_on": role, "kind": "control"}).get("a").variant.fits_on == role


def test_extending_a_control_does_not_hide_what_it_reads():
    """`kind: generator` on top of a control that reads is refused all the same."""
    made = catalogue(a={**BASE, "kind": "control", "reads": ["test"]}, b={"extends": "a", "kind": "generator"})
    with pytest.raises(UserError, match="reads test"):
        made.get("b")


def test_two_variants_of_one_name_are_refused():
    """With who brings each."""
    made = catalogue(a=BASE)
    with pytest.raises(UserError, match="Two variants are named 'a': in a test and in another"):
        made.add("a", BASE, origin="another", folder=Path())


@pytest.mark.parametrize("name", ["../up", "a/b", "", ".hidden", "a\x1b[31m", "a b", "a\n", "-x", "é"])
def test_a_name_that_would_leave_its_folder_or_drive_a_terminal_is_refused(name):
    """Names become folders of the store and are printed."""
    with pytest.raises(UserError, match="is no name of a variant") as refused:
        catalogue(**{name: BASE})
    assert "\x1b" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- a\n- b\n", r"expected one entry a variant, found \['a', 'b'\]"),
        ("", "is empty. Expected one entry a variant"),
        ("a: 3\n", "'a': expected keys and values, found 3"),
        ("a: {}\na: {}\n", "the key 'a' stands twice"),
    ],
)
def test_a_file_of_another_form_is_refused(tmp_path: Path, text, expected):
    """With the file's path."""
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(UserError, match=expected) as refused:
        Catalogue.discover([path])
    assert str(path) in str(refused.value)


def test_ones_own_file_joins_what_is_installed(tmp_path: Path):
    """And may extend it; one may not take an installed name."""
    path = tmp_path / "mine.yaml"
    path.write_text("mine: {extends: toy-fitted, params: {noise: 5.0}}\n")
    made = Catalogue.discover([path])
    assert made.get("mine").variant.params == {"noise": 5.0}
    assert made.get("mine").variant.generator == "toybench.generate:Plain"
    assert made.get("mine").origin == str(path)
    assert {"toy-fitted", "toy-plain", "mine", "noise"} <= set(made.names())
    path.write_text("toy-fitted: {generator: 'a:B', summary: x}\n")
    with pytest.raises(UserError, match="Two variants are named 'toy-fitted': in toybench and in"):
        Catalogue.discover([path])


def test_everything_that_is_installed_is_valid():
    """The entries of the project and of the toy package resolve."""
    assert {listed.name for listed in Catalogue.discover()} >= {"toy-real", "noise"}


def test_several_files_of_one_s_own_are_one_catalogue(tmp_path: Path):
    """An entry of the second may extend one of the first; the same name twice is refused."""
    first, second = tmp_path / "first.yaml", tmp_path / "second.yaml"
    first.write_text("mine: {extends: toy-plain, version: 7}\n")
    second.write_text("mine-too: {extends: mine}\n")
    found = Catalogue.discover([first, second])
    assert (found.get("mine-too").variant.version, found.get("mine-too").origin) == (7, str(second))
    with pytest.raises(UserError, match=r"Two variants are named 'mine': in .*first.yaml and in .*first.yaml"):
        Catalogue.discover([first, first])


def test_prompts_are_for_variants_that_learn():
    """What guides them counts among the guides; a target is looked at."""
    prompts = {"builder": "pack.module:Builder", "guided_by": ["two", "one"], "params": {"k": 33}}
    made = catalogue(
        a={**BASE, "guided_by": ["one"], "prompts": prompts},
        b={"extends": "a", "prompts": {"params": {"k": 5}}},
        idle={**BASE, "fits_on": None, "prompts": prompts},
        wrong={**BASE, "prompts": {"builder": "Builder"}},
        more={**BASE, "prompts": {**prompts, "param": {}}},
    )
    assert made.get("a").variant.guides == ("one", "two")
    assert made.get("b").variant.prompts.params == {"k": 5}
    assert made.get("b").variant.prompts.builder == "pack.module:Builder"
    with pytest.raises(UserError, match="'idle' has prompts of training images, but learns from none. Set 'fits_on'"):
        made.get("idle")
    with pytest.raises(UserError, match="'Builder' is not a target"):
        made.get("wrong")
    with pytest.raises(UserError, match="unknown key 'prompts.param'. Did you mean 'params'"):
        made.get("more")
