"""What a packed reference says of itself: every part has a form, and one that has another is named."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from toybench import packs

from benchmark.errors import UserError
from benchmark.references import manifest as manifests

HEX = "0123456789abcdef" * 4


def spoilt(place: str, value: Any) -> bytes:
    """A manifest with one value changed, by its path."""
    found = copy.deepcopy(packs.described({name: packs.saved(one) for name, one in packs.arrays().items()}))
    *folders, last = place.split("/")
    part: Any = found
    for name in folders:
        if isinstance(part[name], tuple):
            part[name] = list(part[name])
        part = part[name] if isinstance(part, dict) else part[int(name)]
    part[last] = value
    return json.dumps(found).encode()


def test_a_manifest_comes_back_as_it_was_written() -> None:
    """Through JSON, nothing lost."""
    made = packs.parsed()
    assert manifests.parse(made.model_dump_json().encode(), where="x") == made
    assert made.suite.identifier.startswith("mine@1-")


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        ("format", 2, "found format 2, expected 1. It was packed by another version of histobench"),
        ("format", True, "found format True, expected 1"),
        ("dataset/identity/digest", "../../../../x", "key 'dataset.identity.digest'"),
        ("dataset/identity/digest", "d" * 64 + "\n", "key 'dataset.identity.digest'"),
        ("dataset/identity/name", "a\x1b[2Jb", "expected one line of printable text"),
        ("dataset/files", "F" * 64, "key 'dataset.files'"),
        ("dataset/side", 0, "key 'dataset.side': expected 1 or more"),
        ("dataset/classes", [], "key 'dataset.classes'"),
        ("dataset/codec", "zip", "key 'dataset.codec'"),
        ("dataset/name", "other", "dataset: not that of the suite"),
        ("dataset/surprise", 1, "unknown key 'dataset.surprise'"),
        ("platform/device", "tpu", "key 'platform.device'"),
        ("platform/torch", "2.9; rm", "key 'platform.torch'"),
        ("roles/train/n", 0, "key 'roles.train.n'"),
        ("roles/train/entry", {"split": "test"}, "roles: not those of the suite"),
        ("features", [], "features: expected one or more of the suite's roles"),
        ("features", ["reference", "reference"], "features: expected one or more of the suite's roles, none twice"),
        ("features", ["floor"], "features: expected one or more of the suite's roles"),
        ("extractors", [], "extractors: not those of the suite"),
        ("slides", "perhaps", "key 'slides'"),
        ("suite/n", float("nan"), "expected a finite number"),
        ("suite/tasks", {}, "tasks: expected at least one"),
        ("files", {}, "files: 'features/0/reference/features.npy' is missing"),
        ("made/when", "<script>", "key 'made.when'"),
    ],
)
def test_what_is_not_of_its_form_is_named(place: str, value: Any, said: str) -> None:
    """With the key, and where it was read."""
    with pytest.raises(UserError) as refused:
        manifests.parse(spoilt(place, value), where="x.zip")
    assert said in str(refused.value)
    assert str(refused.value).startswith("x.zip")


@pytest.mark.parametrize("name", ["../evil.npy", "/etc/passwd", "roles/reference/labels.npy/../x", "run.py", "a\x1bb"])
def test_a_file_that_has_no_place_in_a_reference_is_refused(name: str) -> None:
    """Whatever its name: only names that follow from roles and extractors are known."""
    files = {one: packs.saved(array) for one, array in packs.arrays().items()}
    text = json.dumps(packs.described({**files, name: b"x"})).encode()
    with pytest.raises(UserError, match="has no place in a reference"):
        manifests.parse(text, where="x.zip")


@pytest.mark.parametrize("text", [b"", b"{", b"\xff", b"[" * 100_000, b"1" * 5000, b'{"format": 1}x'])
def test_what_is_no_json_is_refused(text: bytes) -> None:
    """One message; a nest that is too deep is none either."""
    with pytest.raises(UserError, match=r"x.zip is not JSON"):
        manifests.parse(text, where="x.zip")


@pytest.mark.parametrize("text", [b"[]", b"null", b"3", b"{}", b'{"format": {"a": 1}}'])
def test_what_is_no_manifest_is_refused(text: bytes) -> None:
    """By its format, before anything else of it is looked at."""
    with pytest.raises(UserError, match=r"x.zip: found format .*, expected 1"):
        manifests.parse(text, where="x.zip")


def test_a_message_is_not_longer_than_one_reads() -> None:
    """However much is wrong."""
    with pytest.raises(UserError) as refused:
        manifests.parse(spoilt("dataset/classes", [1] * 9000), where="x.zip")
    assert len(str(refused.value)) <= 2000


def test_the_digest_is_of_what_it_holds_not_of_when_it_was_made() -> None:
    """Nor of which rows the suite lists beside; of everything else."""
    digest = packs.parsed().digest
    same = {
        "made": {"when": "2027-01-01", "accelerator": "another"},
        "suite": {**packs.SUITE, "summary": "Other words.", "variants": ("noise", "real-holdout"), "seeds": (1, 2)},
    }
    for key, value in same.items():
        assert packs.parsed(**{key: value}).digest == digest, key
    unlike = {
        "histobench": "0.2.0",
        "platform": {"device": "cpu", "torch": "2.9", "diffusers": "0.36"},
        "suite": {**packs.SUITE, "n": 5},
        "slides": "numbered",
    }
    for key, value in unlike.items():
        assert packs.parsed(**{key: value}).digest != digest, key
