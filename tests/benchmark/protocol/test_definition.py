"""What a suite says is done to pixels."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pytest

from benchmark import strict
from benchmark.errors import UserError
from benchmark.protocol import operations
from benchmark.protocol.definition import Protocol
from benchmark.protocol.operations import Resize, Store


def test_a_protocol_s_digest_is_of_all_it_says():
    """Twelve hex digits of SHA-256 over its JSON, written out here; boards hang on it."""
    text = json.dumps({"codec": "dataset", "filter": "lanczos", "size": 64}, separators=(",", ":"))
    assert Protocol(size=64).digest == hashlib.sha256(text.encode()).hexdigest()[:12] == "0629040c5bce"


def test_every_part_changes_the_digest():
    """Size, filter and codec."""
    changes = [{}, {"size": 65}, {"filter": "box"}, {"filter": "bicubic"}, {"filter": "bilinear"}, {"codec": "none"}]
    assert len({Protocol(**{"size": 64, **change}).digest for change in changes}) == len(changes)


@pytest.mark.parametrize(
    ("protocol", "expected"),
    [
        (Protocol(size=96), "96 px, lanczos with antialiasing, the dataset's own codec"),
        (Protocol(size=8, filter="box", codec="none"), "8 px, box with antialiasing, no codec"),
    ],
)
def test_a_protocol_describes_itself(protocol, expected):
    """In one line, as boards show it."""
    assert protocol.describe() == expected


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"size": 0}, r"x: key 'size': expected 1 or more \(found 0\)"),
        ({"size": 8.0}, r"x: key 'size': expected a whole number \(found 8\.0\)"),
        ({"size": "8"}, r"x: key 'size': expected a whole number \(found '8'\)"),
        ({}, "x: key 'size' is missing"),
        (
            {"size": 8, "filter": "nearest"},
            "x: key 'filter': there is no such choice. Known: bicubic, bilinear, box, lanczos, ",
        ),
        ({"size": 8, "codec": "jpeg-75"}, "x: key 'codec': there is no such choice. Known: dataset, none"),
        ({"size": 8, "fitler": "box"}, "x: unknown key 'fitler'. Did you mean 'filter'"),
    ],
)
def test_a_wrong_protocol_is_refused(value, said):
    """With the key, what was found and what was expected."""
    with pytest.raises(UserError, match=said):
        strict.validate(Protocol, value, where="x")


OWN = {"real": [{"codec": "png"}], "synthetic": [{"codec": "jpeg-75"}, {"resize": 8, "filter": "torch-bilinear"}]}


def test_each_side_may_have_a_path_of_its_own():
    """In words, as paths, and back from what it is stored as; the side is that of synthetic images."""
    protocol = strict.validate(Protocol, {**OWN, "root": "newton-schulz", "reference": "training"}, where="x")
    assert protocol.path_of_real() == (Store(codec="png"),)
    expected = (Store(codec="jpeg-75"), Resize(resize=8, filter="torch-bilinear"))
    assert protocol.path_of_synthetic(side=96, codec="jpeg-30") == expected
    assert protocol.side == 8
    assert protocol.describe() == (
        "real: stored as PNG; synthetic: stored as JPEG of quality 75, then 8 px, torch-bilinear without antialiasing"
    )
    stored = protocol.model_dump(mode="json")
    assert stored == {
        "real": [{"codec": "png"}],
        "synthetic": [{"codec": "jpeg-75"}, {"resize": 8, "filter": "torch-bilinear"}],
        "reference": "training",
        "root": "newton-schulz",
    }
    assert Protocol.model_validate_json(protocol.model_dump_json()) == protocol


def test_the_short_form_is_one_path_for_both_sides():
    """Synthetic images take the dataset's codec at its size first, where it loses something."""
    protocol, common = Protocol(size=6, filter="box"), (Resize(resize=6, filter="box"),)
    assert protocol.path_of_real() == common
    assert protocol.path_of_synthetic(side=12, codec="none") == common
    assert protocol.path_of_synthetic(side=12, codec="jpeg-30") == (
        Resize(resize=12, filter="box"), Store(codec="jpeg-30"), *common,
    )  # fmt: skip
    assert Protocol(size=6, filter="box", codec="none").path_of_synthetic(side=12, codec="jpeg-30") == common


def test_what_came_later_counts_only_where_it_is_not_the_default():
    """So that digests of before hold; where it is not, every value has its own."""
    plain = Protocol(size=64)
    spelled = Protocol(size=64, extractor=None, reference="held-out", root="exact", n_rule="equal")
    assert spelled.digest == plain.digest == "0629040c5bce"
    changes = [{}, {"extractor": "a"}, {"extractor": "b"}, {"reference": "training"}, {"root": "newton-schulz"}]
    digests = {Protocol(size=64, **change).digest for change in changes}
    own = [OWN, {**OWN, "real": []}, {**OWN, "synthetic": []}, {"real": OWN["synthetic"], "synthetic": OWN["real"]}]
    digests |= {strict.validate(Protocol, one, where="x").digest for one in own}
    assert len(digests) == len(changes) + len(own)


def test_rules_are_told_in_one_line():
    """What images are compared with, by which features and root, and when numbers rank."""
    assert Protocol(size=8).rules() == "compared with held-out real images; exact root; ranked at equal N and k alone"
    told = Protocol(size=8, extractor="net", reference="training", root="newton-schulz").rules()
    assert told == (
        "features of net; compared with the training images; Newton-Schulz root, stopped early; ranked at equal N and "
        "k alone"
    )


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({**OWN, "size": 8}, "give either 'size' or 'real'"),
        ({**OWN, "filter": "box"}, "give either 'filter' or 'real'"),
        ({"real": []}, "give both 'real' and 'synthetic', or neither"),
        ({"size": 8, "root": "sqrtm"}, "Known: exact, newton-schulz"),
        ({"size": 8, "reference": "test"}, "Known: held-out, training"),
        ({"size": 8, "n_rule": "any"}, "expected 'equal'|Known: equal"),
        ({"real": [], "synthetic": [{"resise": 8}]}, "unknown key"),
    ],
)
def test_forms_are_not_mixed(value, said):
    """One key is for both sides, the other for one."""
    with pytest.raises(UserError, match=said):
        strict.validate(Protocol, value, where="x")


def test_a_filter_that_aliases_is_told_as_such():
    """In the line that boards show."""
    assert Protocol(size=8, filter="tf1-bilinear").describe().startswith("8 px, tf1-bilinear without antialiasing,")


@pytest.mark.parametrize(
    ("keys", "side", "expected"),
    [
        ({"size": 96}, 96, 96),
        ({"size": 32}, 96, None),
        ({"size": 32, "codec": "none"}, 96, 32),
        ({"size": 96}, None, None),
        ({"size": 32, "codec": "none"}, None, 32),
        ({"real": (), "synthetic": ({"resize": 64, "filter": "box"},)}, 96, 64),
        ({"real": (), "synthetic": ({"codec": "png"}, {"resize": 64})}, 96, None),
        ({"real": (), "synthetic": ()}, 96, None),
    ],
)
def test_images_that_met_the_first_resize_come_out_as_if_they_had_not(keys, side, expected):
    """Bit for bit, under any codec of the data; where that is not so, there is no such resize."""
    protocol = Protocol.model_validate(keys)
    first = protocol.first_of_synthetic(side=side)
    assert (None if first is None else first.resize) == expected
    if first is None or side is None:
        return
    images = np.random.default_rng(1).integers(0, 256, (3, 130, 130, 3), np.uint8)
    for codec in ("none", "jpeg-75", "jpeg-30"):
        path = protocol.path_of_synthetic(side=side, codec=codec)
        np.testing.assert_array_equal(operations.apply(images, path), operations.apply(first.apply(images), path))
