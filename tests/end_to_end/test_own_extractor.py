"""An extractor of one's own: a file, an entry, weights beside it; then a network trained on photographs."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmark import digests
from benchmark.execution.desk import Toolbox
from benchmark.plan.resolve import Resolver
from benchmark.registry.variants import Catalogue

Bench = Callable[..., Any]
SHARED = Path(__file__).resolve().parents[3] / "shared"

WEIGHED = '''
import numpy as np


class Weighed:
    """Mean color, each channel times a weight that is read from a file."""

    version = 1
    summary = "Weighed mean color."
    width = 3

    def __init__(self, weights, power: float = 1.0):
        self.factors = np.load(weights / "factors.npy") ** power

    def to(self, device):
        pass

    def embed(self, images):
        return (images.mean(axis=(1, 2)) * self.factors).astype(np.float32)
'''

SQUEEZENET = '''
import h5py
import numpy as np
import torch
from torchvision.models import squeezenet1_1

from benchmark.extractors.network import Network, to_tensor


class SqueezeNet(Network):
    """SqueezeNet 1.1 on photographs; weights in Keras's layout, or random ones to compare with."""

    version = 1
    summary = "SqueezeNet 1.1, the last layer averaged, 512 features."
    width = 512

    def __init__(self, weights, random: bool = False):
        super().__init__(dtype="float32")
        self.path, self.random = next(weights.glob("squeezenet*.h5")), random

    def _build(self):
        torch.manual_seed(0)
        layers = squeezenet1_1(weights=None).features
        if not self.random:
            convolutions = [one for one in layers.modules() if isinstance(one, torch.nn.Conv2d)]
            with h5py.File(self.path) as file:
                for layer, (kernel, bias) in zip(convolutions, ordered(file), strict=True):
                    layer.weight.data = torch.from_numpy(kernel.transpose(3, 2, 0, 1).copy())
                    layer.bias.data = torch.from_numpy(bias)
        return layers

    def _prepare(self, images):
        mean = torch.tensor([103.939, 116.779, 123.68]).reshape(1, 3, 1, 1)
        return to_tensor(images, "cpu").float().flip(1) - mean

    def _forward(self, module, inputs):
        return module(inputs).mean(dim=(2, 3))


def ordered(file):
    """Kernels and biases in the order in which images meet them: squeeze before both expansions."""
    yield from one(file["conv1"])
    for number in range(2, 10):
        for part in ("squeeze1x1", "expand1x1", "expand3x3"):
            yield from one(file[f"fire{number}/{part}"])


def one(group):
    found = {}
    group.visititems(lambda name, item: found.update({item.ndim: np.asarray(item)}) if hasattr(item, "ndim") else None)
    yield found[4], found[1]
'''


def test_a_run_scores_with_it_and_sees_a_change_of_its_weights(bench: Bench, tmp_path: Path) -> None:
    """Its name is in the metric's key; other weights, and other code, are other features and are computed anew."""
    (tmp_path / "weighed.py").write_text(WEIGHED)
    (tmp_path / "w").mkdir()
    np.save(tmp_path / "w" / "factors.npy", np.array([1.0, 2.0, 4.0]))
    entries = {"mine": {"extractor": "weighed.py:Weighed", "weights": {"path": "w"}},
               "squared": {"extends": "mine", "params": {"power": 2.0}}}  # fmt: skip
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump({"extractors": entries}))
    suite = yaml.safe_load((Path(__file__).parents[1] / "toybench" / "toybench" / "toy.yaml").read_text())
    suite |= {"name": "own", "extractors": ["mine", "squared"], "variants": ["toy-plain"], "primary": []}
    (tmp_path / "own.yaml").write_text(yaml.safe_dump(suite))

    def run() -> tuple[dict[str, float], int]:
        said = bench("run", "--suite", "own.yaml", "--registry", "mine.yaml", "--json", "--seed", "100")
        assert said.code == 0, said.err
        (record,) = [json.loads(path.read_text()) for path in (tmp_path / "bench-store" / "records").rglob("*.json")]
        embedded = len(list((tmp_path / "bench-store").glob("objects/embed/*/*"))) or len(
            list((tmp_path / "bench-store").rglob("features.npy"))
        )
        return {f"{value['metric']}.{value['extractor']}": value["value"] for value in record["values"]}, embedded

    first, embedded = run()
    assert set(first) == {"gap.mine", "gap.squared"}
    assert first["gap.squared"] > first["gap.mine"] > 0
    assert run() == (first, embedded)
    np.save(tmp_path / "w" / "factors.npy", np.array([1.0, 2.0, 8.0]))
    heavier, more = run()
    assert heavier["gap.mine"] > first["gap.mine"]
    assert more > embedded
    (tmp_path / "weighed.py").write_text(WEIGHED.replace("** power", "** power * 3"))
    assert run()[0]["gap.mine"] == pytest.approx(3 * heavier["gap.mine"], rel=1e-4)


def test_a_mistake_in_its_entry_is_one_message(bench: Bench, tmp_path: Path) -> None:
    """Weights that are not there, a parameter that it does not take, an extractor that no file names."""
    (tmp_path / "weighed.py").write_text(WEIGHED)
    suite = yaml.safe_load((Path(__file__).parents[1] / "toybench" / "toybench" / "toy.yaml").read_text())
    (tmp_path / "own.yaml").write_text(yaml.safe_dump(suite | {"name": "own", "extractors": ["mine"]}))

    def said(entry: dict[str, Any]) -> str:
        (tmp_path / "mine.yaml").write_text(yaml.safe_dump({"extractors": {"mine": entry}}))
        answer = bench("run", "--suite", "own.yaml", "--registry", "mine.yaml")
        assert answer.code == 2
        assert not (tmp_path / "bench-store").exists()
        return answer.err

    lost = said({"extractor": "weighed.py:Weighed", "weights": {"path": "w"}})
    assert "Extractor 'mine' of mine.yaml: expected a file, or a folder that is not empty at" in lost
    assert "parameter 'weights' is missing" in said({"extractor": "weighed.py:Weighed"})
    (tmp_path / "w").mkdir()
    (tmp_path / "w" / "x.npy").write_bytes(b"")
    wrong = said({"extractor": "weighed.py:Weighed", "weights": {"path": "w"}, "params": {"powr": 2.0}})
    assert "unknown parameter 'powr'. Did you mean 'power'?" in wrong
    assert "There is no extractor 'mine'" in bench("run", "--suite", "own.yaml").err


@pytest.mark.slow
@pytest.mark.needs_shared
def test_a_trained_network_tells_tumor_from_normal_better_than_a_random_one(tmp_path: Path) -> None:
    """SqueezeNet from a Keras file, given as an entry: a linear probe on real patches, the known truth of its weights."""
    (tmp_path / "squeezenet.py").write_text(SQUEEZENET)
    weights = {"path": str(SHARED / "weights"), "files": ["squeezenet_weights_tf_dim_ordering_tf_kernels_notop.h5"]}
    entries = {"squeezenet": {"extractor": "squeezenet.py:SqueezeNet", "weights": weights},
               "random": {"extends": "squeezenet", "params": {"random": True}}}  # fmt: skip
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump({"extractors": entries}))
    resolver = Resolver(Catalogue.discover([tmp_path / "mine.yaml"]), None, digests.of_file)
    learnt = [patches(f"train-label{label}", 1000) for label in (0, 1)]
    tested = patches("test", 1500)
    auc = {}
    for name in entries:
        extractor = Toolbox("cpu").extractor(resolver.extractor(name))
        known, labels = extractor.embed(np.concatenate(learnt)), np.repeat([0, 1], [len(one) for one in learnt])
        probe = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=2000)).fit(known, labels)
        auc[name] = roc_auc_score(truth("test", 1500), probe.decision_function(extractor.embed(tested)))
    assert auc["squeezenet"] > 0.82
    assert auc["squeezenet"] > auc["random"] + 0.02


def members(part: str, count: int) -> list[str]:
    with zipfile.ZipFile(SHARED / "pcam26k" / f"pcam26k-{part}.zip") as archive:
        names = sorted(name for name in archive.namelist() if not name.endswith("/"))
    return names[:: max(1, len(names) // count)][:count]


def patches(part: str, count: int) -> np.ndarray:
    """Real patches, spread over an archive."""
    with zipfile.ZipFile(SHARED / "pcam26k" / f"pcam26k-{part}.zip") as archive:
        return np.stack(
            [np.asarray(Image.open(io.BytesIO(archive.read(name))).convert("RGB")) for name in members(part, count)]
        )


def truth(part: str, count: int) -> list[int]:
    """Their labels."""
    import csv
    import gzip

    with gzip.open(SHARED / "pcam26k" / "manifest.csv.gz", "rt", newline="") as stream:
        labels = {row["path"]: int(row["label"]) for row in csv.DictReader(stream)}
    return [labels[name] for name in members(part, count)]
