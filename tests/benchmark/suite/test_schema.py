"""The schema of a suite: roles apart, nothing empty, and a digest of all that decides a number."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from benchmark import strict
from benchmark.errors import UserError
from benchmark.suite.schema import RoleEntry, Suite

GOOD: dict[str, Any] = {
    "name": "s",
    "version": 1,
    "summary": "x",
    "dataset": {"name": "toy", "params": {"count": 80}},
    "roles": {
        "train": {"split": "train"},
        "reference": {"split": "valid", "part": [0.0, 0.5]},
        "floor": {"split": "valid", "part": [0.5, 1.0]},
    },
    "protocol": {"size": 8},
    "extractors": ["e"],
    "variants": ["a", "b"],
    "tasks": {"t": {"k": 1}},
    "n": 10,
    "seeds": [0, 1],
    "primary": ["a", "b"],
}


def suite(**changes: Any) -> Suite:
    return strict.validate(Suite, {**copy.deepcopy(GOOD), **changes}, where="s.yaml")


def roles(**entries: Any) -> dict[str, Any]:
    return {"roles": {"train": {"split": "train"}, **entries}}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (roles(reference={"split": "train", "part": [0.5, 1.0]}), "'reference' and 'train' overlap in split 'train'"),
        (
            roles(a_b=0) | roles(floor={"split": "valid", "part": [0.4, 1.0]}, test={"split": "valid", "part": [0, 0.5]}),
            "'floor' and 'test' overlap in split 'valid'",
        ),
        (
            roles(floor={"split": "valid", "part": [0.2, 0.3]}, test={"split": "valid", "part": [0.0, 1.0]}),
            "'floor' and 'test' overlap",
        ),
        (
            roles(floor={"split": "valid", "part": [0.5, 1.0]}, test={"split": "valid", "part": [0, 0.5], "by": "image"}),
            "deal out split 'valid' in unlike ways",
        ),
        (roles(refernce={"split": "valid"}), "roles.refernce"),
        (roles(floor={"split": "validation"}), "key 'roles.floor.split'"),
        (roles(floor={"split": "valid", "part": [0.5, 0.5]}), "0 <= low < high <= 1"),
        (roles(floor={"split": "valid", "part": [0.9, 0.1]}), "0 <= low < high <= 1"),
        (roles(floor={"split": "valid", "part": [0.5, 1.5]}), "0 <= low < high <= 1"),
        (roles(floor={"split": "valid", "part": [0.5]}), "key 'roles.floor.part"),
        (roles(floor={"split": "valid", "n": 0}), "key 'roles.floor.n'"),
        ({"protocol": {"size": 8, "filtr": "box"}}, "'protocol.filtr'. Did you mean 'filter'"),
        ({"protocol": {"size": 8, "filter": "nearest"}}, "key 'protocol.filter'"),
        ({"protocol": "papr"}, "key 'protocol': there is no such protocol. Did you mean 'paper'.*found 'papr'"),
        ({"protocol": {"base": "clean", "filtr": "box"}}, "'protocol.filtr'. Did you mean 'filter'"),
        ({"protocol": {"base": "paper", "size": 32}}, "key 'protocol': 'size' is for both sides, and protocol 'paper' .*found the keys base, size"),
        ({"protocol": {}}, "key 'protocol': key 'size' is missing"),
        ({"protocol": {"size": 8, "reference": "training"}}, "make 'reference' equal to 'train'"),
        ({"dataset": {"name": "toy", "parms": {}}}, "'dataset.parms'. Did you mean 'params'"),
        ({"variants": ["a", "b", "a"], "primary": []}, "variants: 'a' stands twice"),
        ({"extractors": ["e", "e"]}, "extractors: 'e' stands twice"),
        ({"seeds": [1, 0, 1]}, "seeds: '1' stands twice"),
        ({"seeds": [-1]}, "seeds: expected whole numbers from 0 to 9223372036854775807, found -1"),
        ({"seeds": []}, "seeds: expected at least one"),
        ({"variants": [], "primary": []}, "variants: expected at least one"),
        ({"tasks": {}}, "tasks: expected at least one"),
        ({"primary": ["b", "b"]}, "primary: 'b' stands twice"),
        ({"n": "10"}, "key 'n'.*found '10'"),
        ({"n": 0}, "key 'n'"),
        ({"version": 0}, "key 'version'"),
        ({"name": "../x"}, "key 'name'"),
        ({"name": "a\n"}, "key 'name'"),
        ({"tasks": {"t": None}}, "key 'tasks.t'"),
    ],
)  # fmt: skip
def test_a_wrong_suite_is_refused_with_the_key(changes, expected):
    """One message, the file first."""
    if "a_b" in changes.get("roles", {}):
        del changes["roles"]["a_b"]
    with pytest.raises(UserError, match=expected) as refused:
        suite(**changes)
    assert str(refused.value).startswith("s.yaml: ")


def test_a_protocol_may_be_named_changed_or_left_out():
    """The same conditions whichever way it is said; clean is the default, at the side of PCam's patches."""
    assert suite(protocol={"base": "clean", "size": 8}).identifier == suite().identifier
    spelled = suite(protocol={"size": 96, "filter": "lanczos", "codec": "dataset"})
    named = {**copy.deepcopy(GOOD), "protocol": "clean"}
    left_out = {key: entry for key, entry in named.items() if key != "protocol"}
    found = [strict.validate(Suite, given, where="s.yaml").identifier for given in (named, left_out)]
    assert set(found) == {spelled.identifier}


def test_only_a_protocol_that_says_so_compares_with_training_images():
    """Then both roles must be the same images, and may be; every other pair stays apart."""
    roles = {**GOOD["roles"], "reference": GOOD["roles"]["train"]}
    paper = suite(protocol="paper", roles=roles)
    assert paper.roles["reference"] == paper.roles["train"]
    assert paper.protocol.reference == "training"
    with pytest.raises(UserError, match="'reference' and 'train' overlap in split 'train'"):
        suite(roles=roles)
    with pytest.raises(UserError, match="'floor' and 'train' overlap in split 'train'"):
        suite(protocol="paper", roles={**roles, "floor": {"split": "train", "part": [0.5, 1.0]}})


def test_parts_that_touch_do_not_overlap():
    """[0, 0.5] and [0.5, 1] share no image; equal parts of two splits neither."""
    assert suite(**roles(floor={"split": "valid", "part": [0.5, 1.0]}, test={"split": "test", "part": [0.5, 1.0]}))


@pytest.mark.parametrize(
    "changes",
    [
        {"dataset": {"name": "toy", "params": {"count": 81}}},
        {"dataset": {"name": "other", "params": {"count": 80}}},
        {"protocol": {"size": 9}},
        {"protocol": {"size": 8, "filter": "box"}},
        {"protocol": {"size": 8, "codec": "none"}},
        {"protocol": {"size": 8, "filter": "torch-bilinear"}},
        {"protocol": {"size": 8, "root": "newton-schulz"}},
        {"protocol": {"size": 8, "extractor": "e"}},
        {"protocol": {"real": [{"resize": 8}], "synthetic": [{"resize": 8}]}},
        {"protocol": "clean"},
        {"extractors": ["f"]},
        {"extractors": ["e", "f"]},
        {"tasks": {"t": {"k": 2}}},
        {"tasks": {"t": {"k": 1}, "u": {}}},
        {"n": 11},
        {"version": 2},
        {"roles": {**GOOD["roles"], "floor": {"split": "valid", "part": [0.5, 0.9]}}},
        {"roles": {**GOOD["roles"], "test": {"split": "test"}}},
        {"roles": {**GOOD["roles"], "train": {"split": "train", "by": "image"}}},
    ],
)
def test_whatever_decides_a_number_parts_the_boards(changes):
    """Rows under one identifier compare, so these must change it."""
    assert suite(**changes).identifier != suite().identifier
    assert suite(**changes).digest != suite().digest


@pytest.mark.parametrize(
    "changes",
    [
        {"seeds": [2]},
        {"summary": "y"},
        {"variants": ["a", "b", "c"]},
        {"primary": []},
        {"variants": ["b", "a"]},
        {"stored_size": "made"},
    ],
)
def test_other_rows_seeds_and_words_share_the_board(changes):
    """A row more does not change the others; the digest of the whole file still does."""
    assert suite(**changes).identifier == suite().identifier
    assert suite(**changes).digest != suite().digest


def test_the_identifier_names_suite_version_and_conditions():
    """Golden: boards that exist are found under it."""
    assert suite().identifier == f"s@1-{suite().conditions[:12]}"
    assert suite().identifier == "s@1-8e6c0403cbd9"


def test_a_limit_cuts_every_role_and_the_images():
    """What is smaller already stays; the board is another."""
    cut = suite(roles={**GOOD["roles"], "floor": {"split": "valid", "part": [0.5, 1.0], "n": 30}}).limited(5)
    assert cut.n == 5
    assert {role: entry.n for role, entry in cut.roles.items()} == {"train": 5, "reference": 5, "floor": 30}
    assert cut.identifier != suite().identifier
    assert suite().limited(50).n == 10


@pytest.mark.parametrize(
    ("train", "reference", "passes"),
    [
        ({}, {"n": 5}, True),
        ({}, {"n": 5, "balanced": True}, True),
        ({"n": 9}, {"n": 9}, True),
        ({"n": 9}, {"n": 5}, False),
        ({"n": 5}, {}, False),
        ({}, {"part": [0.0, 0.5]}, False),
        ({"part": [0.0, 0.5]}, {"part": [0.0, 0.5], "n": 5}, True),
        ({}, {"by": "image", "n": 5}, False),
    ],
)
def test_a_reference_of_training_images_may_be_some_of_them(train, reference, passes):
    """Of a role that is taken whole: of one that is thinned, others might be taken."""
    roles = {"train": {"split": "train", **train}, "reference": {"split": "train", **reference}}
    given = {"protocol": "paper", "roles": {**GOOD["roles"], **roles}}
    if passes:
        cut = suite(**given).limited(3)
        assert cut.roles["train"] == cut.roles["reference"]
        assert (cut.roles["train"].n, cut.roles["train"].balanced) == (3, reference.get("balanced", False))
        return
    with pytest.raises(UserError, match="make 'reference' equal to 'train'"):
        suite(**given)


def test_a_role_that_is_not_balanced_is_the_one_it_was():
    """In every digest; balanced, it is another, and takes a number."""
    assert RoleEntry(split="train", n=5).model_dump() == {
        "split": "train", "part": (0.0, 1.0), "by": "slide-where-known", "n": 5,
    }  # fmt: skip
    assert RoleEntry(split="train", n=5, balanced=True).model_dump()["balanced"] is True
    with pytest.raises(ValueError, match="balanced: expected 'n' beside it"):
        RoleEntry(split="train", balanced=True)
