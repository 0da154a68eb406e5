"""Any of the metrics in one call, on all rows or by group."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from benchmark.errors import UserError
from tasks.score import compute
from tasks.score.choices import CHOICES, chosen
from tasks.score.inputs import Inputs


def test_they_come_in_the_order_of_the_choices(rows, scored):
    """Whatever that of the question."""
    given = {"train": rows[0][:300], "holdout": rows[0][300:400], "synthetic_logits": rows[1][:40]}
    names = [name for name in CHOICES if name != "kd-subsets"]
    found = list(scored(",".join(reversed(names)), real=rows[0][:40], synthetic=rows[1][:40], **given))
    assert [found.index(one) for one in ("fd", "fd-infinity", "kd", "precision-k3", "cmmd-biased")] == [0, 1, 2, 3, 10]
    assert found[-4:] == ["is", "nearest-train-median", "authpct", "ct"]


def test_what_a_metric_needs_is_asked_for(rows, scored):
    """The role, and what it is."""
    both = {"real": rows[0], "synthetic": rows[1]}
    for name in ("authpct", "ct", "nearest"):
        with pytest.raises(UserError, match=f"Metric '{name}' needs --train: features of the images the generator"):
            scored(name, **both)
    with pytest.raises(UserError, match="Metric 'ct' needs --holdout: features of real images of the same slides"):
        scored("ct", train=rows[0], **both)
    with pytest.raises(UserError, match="Metric 'is' needs --synthetic-logits: a classifier's logits"):
        scored("is", **both)


def test_torch_is_loaded_for_metrics_that_need_it_alone():
    """Fréchet distance, MIND, Vendi and Inception score do without."""
    code = (
        "import sys, numpy as np; from tasks.score import compute; from tasks.score.inputs import Inputs\n"
        "rows = np.random.default_rng(0).normal(size=(60, 3))\n"
        "given = Inputs({'real': rows, 'synthetic': rows + 1, 'synthetic-logits': rows})\n"
        "compute.score(given, ['fd', 'mind', 'vendi-q1', 'is']); print('torch' in sys.modules)\n"
        "compute.score(given, ['kd']); print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


def test_what_numpy_does_beside_the_loading_of_torch_is_the_same():
    """In a process where torch is not there yet; and an error there is the call's."""
    code = (
        "import sys, numpy as np; from tasks.score import compute; from tasks.score.inputs import Inputs\n"
        "rows = np.random.default_rng(0).normal(size=(400, 40))\n"
        "given = Inputs({'real': rows, 'synthetic': rows[:300] + 1})\n"
        "found = [compute.score(given, ['fd', 'fd-infinity', 'kd'])[:2] for _ in range(2)]\n"
        "print('torch' in sys.modules, found[0] == found[1], [one.value is None for one in found[0]])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[0] == "True True [False, False]"
    code = code.replace("rows[:300] + 1", "rows[:1] + 1").replace("['fd', 'fd-infinity', 'kd']", "['fd', 'nearest']")
    code = code.replace("})\nfound", ", 'train': rows})\nfound")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[0] == "True True [True, False]"


@pytest.fixture
def grouped(rows):
    """By class: a and b on both sides, c with 5 synthetic rows, d real alone, e synthetic alone."""
    real, synthetic = rows[0][:160], rows[1][:140]
    labels = {
        "real": np.repeat(list("abcd"), [60, 50, 40, 10]),
        "synthetic": np.repeat(list("abce"), [50, 60, 5, 25]),
        "train": np.repeat(list("ab"), [70, 30]),
    }
    inputs = Inputs({"real": real, "synthetic": synthetic, "train": rows[0][200:300], "synthetic-logits": synthetic})

    def call(metrics, **changed):
        given = {role: names for role, names in {**labels, **changed}.items() if names is not None}
        return compute.score_by_group(inputs, chosen(metrics), given)

    return inputs, labels, call


def test_each_group_is_measured_on_its_own_rows(grouped, scored):
    """The number of a class is that of a call with its rows alone, on either side."""
    inputs, labels, call = grouped
    found = {(one.group, one.metric.name): one for one in call("fd,pr,vendi,authpct,is")}
    for group in "ab":
        alone = scored("fd,pr,vendi,authpct,is", **{
            role.replace("-", "_"): table[labels[role.removesuffix("-logits")] == group] for role, table in inputs.tables.items()
        })  # fmt: skip
        for name, one in alone.items():
            assert (found[group, name].value, found[group, name].interval) == (one.value, one.interval)
            assert found[group, name].n == one.n
    assert found[None, "fd"].value == scored("fd", real=inputs.real, synthetic=inputs.synthetic)["fd"].value


def test_a_group_that_cannot_be_measured_says_why(grouped):
    """Too few rows for one metric, none of a side, none to train on: no number, no error, the other metrics stand."""
    _, _, call = grouped
    found = {(one.group, one.metric.name): one for one in call("fd,pr,authpct")}
    assert {group for group, _ in found} == {None, *"abcde"}
    assert found["c", "precision-k3"].value is None
    assert "synthetic features have 5 row(s): expected 12" in found["c", "precision-k3"].note
    assert found["c", "precision-k3"].n == {"real": 40, "synthetic": 5}
    assert found["c", "fd"].value > 0
    assert found["d", "fd"].note == "no synthetic row is of this group"
    assert (found["d", "fd"].n, found["e", "fd"].note) == ({"real": 10, "synthetic": 0}, "no real row is of this group")
    assert found["c", "authpct"].note == "no train row is of this group"


@pytest.mark.parametrize(
    "error",
    [np.linalg.LinAlgError("Eigenvalues did not converge"), FloatingPointError("overflow"), ZeroDivisionError("by 0")],
)
def test_a_group_whose_numbers_break_down_says_why(grouped, monkeypatch, error):
    """The other metrics of the group stand, and the other groups; a fault of another kind is none of the features."""
    _, _, call = grouped
    given = compute.distances.frechet_distance

    def breaking(inputs):
        if len(inputs.real) == 50:
            raise error
        return given(inputs)

    monkeypatch.setattr(compute.distances, "frechet_distance", breaking)
    found = {(one.group, one.metric.name): one for one in call("fd,mind")}
    assert (found["b", "fd"].value, found["b", "fd"].n) == (None, {"real": 50, "synthetic": 60})
    assert found["b", "fd"].note.startswith(
        f"The numbers of fd break down on these features ({type(error).__name__}: {error}). Look for columns"
    )
    assert found["b", "mind"].value > 0
    assert found["a", "fd"].value > 0
    error = IndexError("ours")  # `breaking` raises this one now.
    with pytest.raises(IndexError):
        call("fd")


def test_a_metric_of_too_few_rows_hides_no_other(rows, scored):
    """Its row says why; alone, it is an error."""
    few = {"real": rows[0][:60], "synthetic": rows[1][:50]}
    found = scored("fd,kd-subsets,prdc", **few)
    assert found["kd-subsets"].value is None
    assert "have 60 row(s): expected 1000" in found["kd-subsets"].note
    assert found["fd"].value > 0
    assert found["coverage-k5"].value is not None
    with pytest.raises(UserError, match="expected 1000"):
        scored("kd-subsets", **few)


def test_features_that_fit_no_metric_are_named_by_role(rows, scored):
    """Before anything is measured."""
    both = {"real": rows[0][:60], "synthetic": rows[1][:50]}
    with pytest.raises(UserError, match="Train features have 3 columns, real features 4"):
        scored("fd,nearest", train=rows[0][:30, :3], **both)
    both["synthetic"] = np.where(np.arange(50)[:, None] == 7, np.nan, both["synthetic"])
    with pytest.raises(UserError, match="synthetic"):
        scored("fd,kd", **both)


def test_a_class_of_rows_that_are_all_alike_ends_nothing(grouped):
    """It has a finite number or a reason under every metric."""
    inputs, labels, call = grouped
    for role in ("real", "synthetic", "train"):
        inputs.tables[role][labels[role] == "b"] = 1.0
    found = call("fd,fd-infinity,kd,pr,prdc,cmmd,mind,vendi,nearest,authpct")
    alike = [one for one in found if one.group == "b"]
    assert [one.metric for one in alike] == [one.metric for one in found if one.group == "a"]
    for one in alike:
        assert one.note if one.value is None else np.isfinite(one.value), one.metric.name


def test_a_role_without_groups_keeps_to_all_rows(grouped):
    """And the number says so."""
    _, _, call = grouped
    found = call("fd,authpct", train=None)
    copied = [one for one in found if one.metric.name == "authpct"]
    assert [one.group for one in copied] == [None]
    assert "of all rows alone: by group, it needs --train-groups" in copied[0].note
    assert sum(one.metric.name == "fd" for one in found) == 6


def test_groups_need_names(grouped):
    """One message."""
    _, labels, call = grouped
    with pytest.raises(UserError, match="A group of the real rows has no name"):
        call("fd", real=np.where(labels["real"] == "b", " ", labels["real"]))


def test_logits_are_of_the_synthetic_rows(grouped):
    """By group and without."""
    inputs, labels, _ = grouped
    other = Inputs({**inputs.tables, "synthetic-logits": inputs.synthetic[:7]})
    for call in (lambda: compute.score(other, ["is"]), lambda: compute.score_by_group(other, ["is"], labels)):
        with pytest.raises(UserError, match="--synthetic-logits has 7 rows, --synthetic 140"):
            call()
