"""How fast features of Inception are extracted beside torch-fidelity's, and how far bfloat16 drifts.

    python -m scripts.measure.extraction_speed [--images N] [--side PIXELS] [--repeats R]

Both networks hold the same random weights and get the same uint8 images in one process, in alternating order, with the
same threads; torch-fidelity in its default batches of 64, and in batches of 16, which suit a processor's caches better.
Beside that, how long the stage that embeds waits for images, which it decodes and resizes by the protocol. Writes
docs/results/extraction-speed.json.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3

from benchmark.contracts.images import ArraySource, Images
from benchmark.execution import prefetch
from benchmark.execution.stages.embed import BATCH
from benchmark.extractors.inception import InceptionV3, Trunk
from benchmark.protocol import view
from benchmark.protocol.definition import Protocol
from benchmark.protocol.view import StoredAs
from scripts.measure import report
from tasks.metrics.frechet import frechet_distance

SEED = 100
PEER_BATCHES = {"torch-fidelity": 64, "torch-fidelity, batches of 16": 16}
"""The first is its default."""

Pixels = NDArray[np.uint8]


def main() -> None:
    """Measure and write the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=256)
    parser.add_argument("--side", type=int, default=96)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    images = tissue(options.images, options.side)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "random.pth"
        torch.save(drawn(Trunk("logits_unbiased")).state_dict(), path)
        exact, low = InceptionV3(path.parent), InceptionV3(path.parent, dtype="bfloat16")
        peer = FeatureExtractorInceptionV3("peer", ["2048"], feature_extractor_weights_path=str(path))
        found = {
            "ours": exact.embed(images),
            "ours, bfloat16": low.embed(images),
            "torch-fidelity": through(peer, images, PEER_BATCHES["torch-fidelity"]),
        }
        taken = timed(
            {
                **{name: partial(through, peer, images, size) for name, size in PEER_BATCHES.items()},
                "ours": lambda: exact.embed(images),
                "ours, bfloat16": lambda: low.embed(images),
            },
            options.repeats,
        )
        waited = {"float32": share_waited(exact, images), "bfloat16": share_waited(low, images)}
    report.write("extraction-speed", figures(options, taken, found, waited))


def tissue(count: int, side: int) -> Pixels:
    """Return images with edges, gradients and noise."""
    random = np.random.default_rng(SEED)
    rows, columns = np.meshgrid(np.arange(side), np.arange(side), indexing="ij")
    images = np.empty((count, side, side, 3), np.uint8)
    for image in images:
        centre, scale = random.uniform(0, side, (2, 3)), random.uniform(2, side / 4, 3)
        waves = np.sin((rows[..., None] - centre[0]) / scale) * np.cos((columns[..., None] - centre[1]) / scale)
        image[:] = np.clip(150 + 80 * np.sign(waves) + random.normal(0, 20, image.shape), 0, 255)
    return images


def drawn(network: nn.Module) -> nn.Module:
    """Return the network with random weights that keep activations near 1."""
    generator = torch.Generator().manual_seed(SEED)
    with torch.no_grad():
        for name, tensor in network.state_dict().items():
            if not tensor.is_floating_point():
                continue
            noise = torch.randn(tensor.shape, generator=generator)
            if tensor.ndim > 1:
                tensor.copy_(noise * (2 / tensor[0].numel()) ** 0.5)
            else:
                tensor.copy_(1 + noise.abs() / 4 if name.endswith(("running_var", "weight")) else noise / 10)
    return network


def through(peer: nn.Module, images: Pixels, size: int) -> NDArray[np.float32]:
    """Return torch-fidelity's features, in batches of a size."""
    batches = [images[start : start + size] for start in range(0, len(images), size)]
    with torch.inference_mode():
        return np.concatenate([peer(torch.from_numpy(one).permute(0, 3, 1, 2))[0].numpy() for one in batches])


def share_waited(extractor: InceptionV3, images: Pixels) -> float:
    """Return the share of its time for which the extractor waits: JPEG, then a resize, of images twice the side."""
    side = images.shape[1]
    larger = images.repeat(2, axis=1).repeat(2, axis=2)
    rows = np.arange(len(larger))
    source = Images(ArraySource(larger), rows, np.zeros(len(rows), np.int64), ("a",), None, "")
    viewed = view.apply(source, Protocol(size=side), synthetic_in=StoredAs(side=2 * side, codec="jpeg-75"))
    waiting, begun = prefetch.Waiting(), time.perf_counter()
    for _, batch in prefetch.batches(viewed, BATCH, waiting):
        extractor.embed(batch)
    return waiting.seconds / (time.perf_counter() - begun)


def timed(kernels: dict[str, Callable[[], object]], repeats: int) -> dict[str, list[float]]:
    """Time every kernel in turn, and all again."""
    taken: dict[str, list[float]] = defaultdict(list)
    for _ in range(repeats):
        for name, kernel in kernels.items():
            begun = time.perf_counter()
            kernel()
            taken[name].append(time.perf_counter() - begun)
    return taken


def figures(
    options: argparse.Namespace,
    taken: dict[str, list[float]],
    found: dict[str, NDArray[np.float32]],
    waited: dict[str, float],
) -> dict[str, object]:
    """Return throughputs, ratios within one round each, and what precision costs."""
    rounds = [dict(zip(taken, times, strict=True)) for times in zip(*taken.values(), strict=True)]
    ratios = {
        f"{name}, over {peer}": [one[peer] / one[name] for one in rounds]
        for peer in PEER_BATCHES for name in taken if name not in PEER_BATCHES
    }  # fmt: skip
    scale = float(np.abs(found["torch-fidelity"]).max())
    traces = float(np.var(found["ours"], axis=0, ddof=1).sum())
    half = options.images // 2
    sides = {name: {"real": rows[:half], "synthetic": rows[half:]} for name, rows in found.items()}
    distances = {name: frechet_distance(**side) for name, side in sides.items() if name != "torch-fidelity"}
    return {
        "images": options.images, "side": options.side, "threads": torch.get_num_threads(),
        "images a second": {
            name: report.summary([options.images / one for one in times], unit="1/s") for name, times in taken.items()
        },
        "throughput, ratios": {name: report.summary(values, unit="1") for name, values in ratios.items()},
        "greatest difference of a feature from torch-fidelity's, relative to the greatest feature": {
            name: float(np.abs(rows - found["torch-fidelity"]).max() / scale)
            for name, rows in found.items() if name != "torch-fidelity"
        },
        "Frechet distance of bfloat16 features from float32 features of the same images, over their trace": (
            frechet_distance(real=found["ours"], synthetic=found["ours, bfloat16"]) / traces
        ),
        "Frechet distance between halves of the images": distances,
        "share of the time waited for images": waited,
    }  # fmt: skip


if __name__ == "__main__":
    main()
