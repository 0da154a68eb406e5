"""What each choice of a protocol alone does to phantom patches: `bench audit` on made images of known kind.

    python -m scripts.measure.audit_phantom [--patches N]

Real are N phantom patches of 96 px; synthetic are N patches of other slides, blurred a little (the one true defect) and
brought to 512 px, the size that Stable Diffusion makes. Writes docs/results/audit-phantom.json and .md.
"""

from __future__ import annotations

import argparse
import sys

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from benchmark import atomic, digests
from benchmark.contracts.images import ArraySource, Images
from benchmark.datasets.phantom import patch, spec
from benchmark.protocol import pixels
from benchmark.registry import discovery
from scripts.measure import report as results
from tasks.audit import page
from tasks.audit.report import Sets, run

EXTRACTOR = "random-network"
BLUR = 0.6
"""Radius in pixels of the blur that stands for a generator's fault."""
MADE = 512
"""Side in pixels at which synthetic images are made."""
SLIDES = 24
SEED = 0


def main() -> None:
    """Audit the patches and write the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--patches", type=int, default=300)
    patches = parser.parse_args().patches
    drawn = spec.PhantomSpec(
        seed=SEED,
        train=patches,
        valid=patches,
        test=SLIDES,
        slides_train=SLIDES,
        slides_valid=SLIDES,
        slides_test=SLIDES,
    )
    sets = Sets.of(real=real(drawn), synthetic=synthetic(drawn), side=None, seed=SEED)
    extractor = discovery.extractors().load(EXTRACTOR)()
    found = run(
        sets, name=EXTRACTOR, extractor=extractor, advance=lambda part: print(f"embedding: {part}", file=sys.stderr)
    )
    facts = {
        "Real": f"{patches} phantom patches of 96 px, {SLIDES} slides, seed {SEED}",
        "Synthetic": f"{patches} phantom patches of {SLIDES} other slides, blurred (Gaussian, radius {BLUR} px), then "
        f"brought to {MADE} px (Pillow's bilinear)",
        "Seed of the halves": str(SEED),
        "Made by": "`python -m scripts.measure.audit_phantom`",
    }
    results.write("audit-phantom", {"facts": facts, "report": page.plain(found)})
    atomic.write_text(results.FOLDER / "audit-phantom.md", page.whole([found], list(facts.items())))


def real(drawn: spec.PhantomSpec) -> Images:
    """Return the real images, with their slides."""
    found = [patch.draw(drawn, "train", index) for index in range(drawn.train)]
    return images(np.stack([one.image for one in found]), np.array([f"slide-{one.slide:02}" for one in found]))


def synthetic(drawn: spec.PhantomSpec) -> Images:
    """Return the images that stand for a generator's; it has no slides."""
    blur = ImageFilter.GaussianBlur(BLUR)
    found = (patch.draw(drawn, "valid", index).image for index in range(drawn.valid))
    soft = np.stack([np.asarray(Image.fromarray(image).filter(blur)) for image in found])
    return images(pixels.resize(soft, MADE, "bilinear"), None)


def images(stack: NDArray[np.uint8], slides: NDArray[np.str_] | None) -> Images:
    """Return pixels as images without labels."""
    rows = np.arange(len(stack))
    digest = digests.of_value([stack.shape[0], stack.shape[1], slides is None])
    return Images(ArraySource(stack), rows, np.zeros(len(rows), np.int64), ("",), slides, digest=digest)


if __name__ == "__main__":
    main()
