"""The guard: what a metric cannot take is refused with role, finding and remedy; all else passes untouched."""

from __future__ import annotations

import dataclasses
import sys
import types
from functools import partial

import numpy as np
import pytest
import torch

from benchmark.errors import UserError
from tasks.metrics import guard
from tasks.metrics.authenticity import authenticity
from tasks.metrics.clip_mmd import clip_mmd, clip_mmd_replicates
from tasks.metrics.data_copying import data_copying
from tasks.metrics.frechet import frechet_distance, frechet_replicates
from tasks.metrics.guard import GREATEST, FeatureError, as_array, check_features, check_pair
from tasks.metrics.inception_score import inception_score, inception_score_replicates
from tasks.metrics.kernel import kernel_distance, kernel_replicates, kernel_sums
from tasks.metrics.kernel_subsets import kernel_subset_protocol
from tasks.metrics.mind import mind, mind_replicates
from tasks.metrics.nearest import nearest_others, nearest_rows
from tasks.metrics.prdc import prdc
from tasks.metrics.precision_recall import improved_precision_recall
from tasks.metrics.realism import realism
from tasks.metrics.shares import neighbor_shares
from tasks.metrics.vendi import vendi_replicates, vendi_score


def spoiled(value, *, shape=(6, 3), at=((2, 1),), dtype=np.float64):
    """Random features with some entries replaced."""
    features = np.random.default_rng(0).normal(size=shape).astype(dtype)
    for place in at:
        features[place] = value
    return features


BAD = {
    "booleans": (np.ones((6, 3), dtype=bool), "are of dtype bool: expected real numbers, float32 say"),
    "complex numbers": (np.ones((6, 3), dtype=complex), "are of dtype complex128: expected real numbers"),
    "objects": (np.ones((6, 3), dtype=object), "are of dtype object"),
    "words": (np.array([["a"], ["b"]]), "are of dtype <U1"),
    "one dimension": (np.ones(6), r"have shape \(6,\): expected \(images, columns\)"),
    "images": (np.ones((6, 2, 2)), r"have shape \(6, 2, 2\)"),
    "no column": (np.ones((6, 0)), r"have shape \(6, 0\): .* with a column or more"),
    "no row": (np.ones((0, 3)), r"have 0 row\(s\): expected 4 or more"),
    "too few rows": (np.ones((3, 3)), r"have 3 row\(s\): expected 4 or more\. Give more ROLE images"),
    "nan": (spoiled(np.nan), "NaN or infinity in 1 of 6 rows, the first in row 2: .*Look at that image"),
    "infinity": (spoiled(np.inf, at=((5, 0), (4, 2), (4, 1))), "NaN or infinity in 2 of 6 rows, the first in row 4"),
    "minus infinity": (spoiled(-np.inf, at=((0, 0),)), "in 1 of 6 rows, the first in row 0"),
    "half floats that overflowed": (spoiled(np.inf, dtype=np.float16), "in 1 of 6 rows, the first in row 2"),
    "too great": (spoiled(1.1e30), r"exceed 1e\+30 in magnitude: the sums would overflow"),
    "too great below zero": (spoiled(-1.1e30), r"exceed 1e\+30 in magnitude"),
}


@pytest.mark.parametrize("what", BAD)
@pytest.mark.parametrize("role", ["real", "synthetic"])
def test_bad_features_are_refused_by_role(what, role):
    """Alone and in a pair, whichever side is bad; the user sees a message, no traceback."""
    features, said = BAD[what]
    said = f"The {role} features.*" + said.replace("ROLE", role)
    good = np.ones((6, 3))
    with pytest.raises(FeatureError, match=said):
        check_features(features, role=role, rows=4)
    with pytest.raises(FeatureError, match=said):
        check_pair(**{role: features, "synthetic" if role == "real" else "real": good}, rows=4)
    assert issubclass(FeatureError, UserError)


def test_widths_must_be_equal():
    """The message says which side has which."""
    with pytest.raises(FeatureError, match="Real features have 3 columns, synthetic features 4: .*same extractor"):
        check_pair(real=np.ones((6, 3)), synthetic=np.ones((6, 4)), rows=2)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int8, np.uint8, np.int64])
def test_real_numbers_of_any_kind_pass_as_they_are(dtype):
    """Same dtype, same memory, roles kept apart; the least value of a signed kind is no overflow."""
    low = np.iinfo(dtype).min if np.issubdtype(dtype, np.integer) else -3
    real, synthetic = np.full((4, 2), low, dtype=dtype), np.ones((5, 2), dtype=dtype)
    pair = check_pair(real=real, synthetic=synthetic, rows=4)
    assert pair.real is real
    assert pair.synthetic is synthetic


def test_lists_become_arrays():
    """For use by hand."""
    assert check_features([[1.0, 2.0], [3.0, 4.0]], role="real", rows=2).shape == (2, 2)


@pytest.mark.parametrize("sign", [1, -1])
def test_the_greatest_magnitude_passes_and_the_cubic_kernel_stays_finite(sign):
    """Just at the bound."""
    features = spoiled(sign * GREATEST)
    assert check_features(features, role="real", rows=2) is features
    assert np.isfinite(kernel_distance(real=features, synthetic=-features))


def test_just_enough_rows_pass():
    """Fewest means fewest."""
    assert len(check_features(np.ones((4, 1)), role="real", rows=4)) == 4


METRICS = {
    "frechet_distance": (frechet_distance, ("real", "synthetic"), 2),
    "kernel_distance": (kernel_distance, ("real", "synthetic"), 2),
    "kernel_subset_protocol": (
        partial(kernel_subset_protocol, subsets=2, subset_size=4), ("real", "synthetic"), 4,
    ),
    "improved_precision_recall": (improved_precision_recall, ("real", "synthetic"), 4),
    "prdc": (prdc, ("real", "synthetic"), 6),
    "clip_mmd": (clip_mmd, ("real", "synthetic"), 2),
    "mind": (mind, ("real", "synthetic"), 1),
    "realism": (realism, ("real", "synthetic"), 1),
    "authenticity": (authenticity, ("train", "synthetic"), 1),
    "data_copying": (data_copying, ("train", "holdout", "synthetic"), 1),
    "nearest_rows": (nearest_rows, ("of", "among"), 1),
    "nearest_others": (nearest_others, ("features",), 2),
    "vendi_score": (vendi_score, ("features",), 1),
    "inception_score": (partial(inception_score, splits=2), ("logits",), 2),
}  # fmt: skip
"""Every metric, the roles it takes, and the fewest rows of the last of them."""

REFUSED = {
    "NaN": lambda rows: np.where(np.arange(len(rows))[:, None] == 3, np.nan, rows),
    "infinite": lambda rows: np.where(np.arange(len(rows))[:, None] == 3, -np.inf, rows),
    "empty": lambda rows: rows[:0],
    "no columns": lambda rows: rows[:, :0],
    "one dimension": lambda rows: rows[:, 0],
    "three dimensions": lambda rows: rows[:, :, None],
    "complex": lambda rows: rows + 1j,
    "text": lambda rows: rows.astype(str),
    "truth values": lambda rows: rows > 0,
    "other width": lambda rows: rows[:, :2],
    "too large": lambda rows: rows * 1e31,
    "too few": None,
}


@pytest.mark.parametrize("what", REFUSED)
@pytest.mark.parametrize("name", METRICS)
def test_every_metric_refuses_what_no_metric_can_take(name: str, what: str) -> None:
    """By role, whichever it is; on good features each gives an answer."""
    metric, roles, fewest = METRICS[name]
    rng = np.random.default_rng(0)
    good = {role: rng.normal(size=(40, 3)) for role in roles}
    assert metric(**good) is not None
    for role in roles if what != "too few" else roles[-1:]:
        bad = good[role][: fewest - 1] if what == "too few" else REFUSED[what](good[role])
        if what == "other width" and len(roles) == 1:
            continue
        with pytest.raises(FeatureError) as refused:
            metric(**{**good, role: bad})
        shown = {"features": "given", "logits": "given"}.get(role, role)
        assert what == "other width" or f"The {shown} features" in str(refused.value)


DTYPES = [torch.float32, torch.float64, torch.bfloat16, torch.float16, torch.int64, torch.uint8]


def as_tensors(roles, dtype, device="cpu"):
    """Random features by role: as tensors, and the same numbers as arrays of float64."""
    generator = torch.Generator().manual_seed(0)
    tables = {role: (20 * torch.randn(40 + 3 * at, 3, generator=generator) + 60) for at, role in enumerate(roles)}
    tables = {role: table.clamp(1, 200).to(dtype) for role, table in tables.items()}
    return {role: table.to(device) for role, table in tables.items()}, {
        r: t.double().numpy() for r, t in tables.items()
    }


def flat(found):
    """Return whatever a metric returns as one array."""
    if dataclasses.is_dataclass(found):
        found = dataclasses.astuple(found)
    parts = found if isinstance(found, tuple) else (found,)
    return np.concatenate([np.ravel(np.asarray(part, dtype=np.float64)) for part in parts])


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("name", METRICS)
def test_tensors_are_taken_as_arrays_are(name, dtype):
    """Of any real dtype, bfloat16 too, which NumPy has not: the numbers of the same features as an array."""
    metric, roles, _ = METRICS[name]
    tensors, arrays = as_tensors(roles, dtype)
    np.testing.assert_allclose(flat(metric(**tensors)), flat(metric(**arrays)), rtol=1e-5, atol=1e-5)


def of_two(metric, by="groups", many=20):
    """Return a metric with its standard error as a function of both sets alone."""

    def call(*, real, synthetic):
        labels = {f"real_{by}": np.arange(len(real)) % many, f"synthetic_{by}": np.arange(len(synthetic)) % many}
        found = metric(real=real, synthetic=synthetic, **labels)
        return [(one.full, one.standard_error) for one in (found if isinstance(found, tuple) else (found,))]

    return call


def of_one(metric, role):
    """Return a metric with its standard error as a function of one set alone."""

    def call(**table):
        found = metric(**table, groups=np.arange(len(table[role])) % 20)
        return found.full, found.standard_error

    return call


REPLICATES = {
    "frechet_replicates": (of_two(frechet_replicates), ("real", "synthetic")),
    "kernel_replicates": (of_two(lambda **given: kernel_replicates(kernel_sums(**given))), ("real", "synthetic")),
    "clip_mmd_replicates": (of_two(clip_mmd_replicates), ("real", "synthetic")),
    "mind_replicates": (of_two(mind_replicates), ("real", "synthetic")),
    "neighbor_shares": (of_two(neighbor_shares, by="units", many=40), ("real", "synthetic")),
    "vendi_replicates": (of_one(vendi_replicates, "features"), ("features",)),
    "inception_score_replicates": (of_one(inception_score_replicates, "logits"), ("logits",)),
}
"""Every metric with what its interval is made of, and the roles it takes."""


@pytest.mark.parametrize("name", REPLICATES)
def test_tensors_have_the_intervals_of_arrays(name):
    """In bfloat16."""
    metric, roles = REPLICATES[name]
    tensors, arrays = as_tensors(roles, torch.bfloat16)
    np.testing.assert_allclose(np.asarray(metric(**tensors)), np.asarray(metric(**arrays)), rtol=1e-4, atol=1e-6)


@pytest.mark.needs_gpu
@pytest.mark.parametrize("name", REPLICATES)
def test_tensors_on_a_gpu_have_the_intervals_of_arrays(name):
    """In float32."""
    metric, roles = REPLICATES[name]
    tensors, arrays = as_tensors(roles, torch.float32, "cuda")
    np.testing.assert_allclose(np.asarray(metric(**tensors)), np.asarray(metric(**arrays)), rtol=1e-3, atol=1e-5)


@pytest.mark.needs_gpu
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16], ids=str)
@pytest.mark.parametrize("name", METRICS)
def test_tensors_on_a_gpu_are_taken_as_arrays_are(name, dtype):
    """Wherever the work is done, the numbers of the same features as an array."""
    metric, roles, _ = METRICS[name]
    tensors, arrays = as_tensors(roles, dtype, "cuda")
    np.testing.assert_allclose(flat(metric(**tensors)), flat(metric(**arrays)), rtol=1e-4, atol=1e-4)


def test_sets_of_two_devices_are_refused(monkeypatch):
    """As told by where each lies; here no set does."""
    places = {4: "cpu", 5: "cuda:1"}
    monkeypatch.setattr(guard, "_device", lambda table: places[len(table)])
    with pytest.raises(
        FeatureError, match="Real features lie on cpu, synthetic features on cuda:1: expected one device"
    ):
        check_pair(real=np.ones((4, 2)), synthetic=np.ones((5, 2)), rows=2)
    assert check_pair(real=np.ones((4, 2)), synthetic=np.ones((4, 2)), rows=2).real.shape == (4, 2)


@pytest.mark.needs_gpu
def test_one_device_is_expected():
    """A set on the processor beside one on a GPU."""
    with pytest.raises(
        FeatureError, match="Real features lie on cpu, synthetic features on cuda:0: expected one device"
    ):
        check_pair(real=np.ones((4, 2)), synthetic=torch.ones(4, 2, device="cuda"), rows=2)


def test_a_tensor_stays_in_its_memory():
    """Also one that training holds on to; as an array too, where NumPy has its dtype."""
    tensor = torch.ones(4, 2, requires_grad=True)
    found = check_features(tensor, role="real", rows=2)
    assert found.data_ptr() == tensor.data_ptr()
    assert not found.requires_grad
    assert as_array(found).ctypes.data == tensor.data_ptr()
    assert as_array(tensor.to(torch.bfloat16)).dtype == np.float32


@pytest.mark.parametrize(
    ("tensor", "said"),
    [
        (torch.ones(6, 3, dtype=torch.bool), "a tensor of dtype bool on cpu: expected dense real numbers"),
        (torch.ones(6, 3, dtype=torch.complex64), "of dtype complex64"),
        (torch.ones(6, 3).to_sparse(), "expected dense real numbers"),
        (torch.ones(6, 3, device="meta"), "on meta: expected"),
        (torch.ones(6), r"have shape \(6,\)"),
        (torch.ones(3, 3), r"have 3 row\(s\): expected 4"),
        (torch.tensor([[1.0], [2.0], [torch.nan], [4.0]]), "NaN or infinity in 1 of 4 rows, the first in row 2"),
        (torch.tensor([[1.0], [2.0], [torch.inf], [4.0]], dtype=torch.bfloat16), "the first in row 2"),
        (torch.full((4, 2), -1.1e30), "exceed 1e[+]30 in magnitude"),
    ],
)
def test_tensors_that_no_metric_can_take(tensor, said):
    """The messages that arrays have."""
    with pytest.raises(FeatureError, match=f"The synthetic features.*{said}"):
        check_features(tensor, role="synthetic", rows=4)


def test_bad_rows_are_found_beyond_the_first_block():
    """Values are looked at a few thousand rows at a time."""
    rows = np.ones((9000, 2), np.float32)
    rows[8999, 1] = np.nan
    with pytest.raises(FeatureError, match="in 1 of 9000 rows, the first in row 8999"):
        check_features(rows, role="real", rows=2)


def test_arrays_pass_while_torch_is_half_loaded(monkeypatch):
    """Another thread may be loading it: its module is there before its classes are."""
    monkeypatch.setitem(sys.modules, "torch", types.ModuleType("torch"))
    features = spoiled(0.0)
    assert check_features(features, role="real", rows=2) is features
