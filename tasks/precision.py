"""What features of a network in lower precision do to the Fréchet distance."""

from __future__ import annotations

from benchmark.contracts.task import Features


def drift(real: Features, synthetic: Features) -> dict[str, float]:
    """Return how far lower precision moves the distance, on the rows that were embedded in float32 too.

    Args:
        real: Features of the reference.
        synthetic: Features of synthetic images, of the same extractor.

    Returns:
        ``precision_drift``, the distance of both sides' first rows less that of the same rows in float32;
        ``precision_drift_fd``, that of float32; and ``precision_drift_n``, the rows a side. Nothing where the extractor
        computes in float32 anyway.
    """
    if real.exact is None or synthetic.exact is None:
        return {}
    from tasks.metrics.frechet import frechet_distance

    count = min(len(real.exact), len(synthetic.exact))
    exact = frechet_distance(real=real.exact[:count], synthetic=synthetic.exact[:count])
    low = frechet_distance(real=real.values[:count], synthetic=synthetic.values[:count])
    return {"precision_drift": low - exact, "precision_drift_fd": exact, "precision_drift_n": float(count)}


def note(found: dict[str, float]) -> str | None:
    """Return the drift in words, or None where there is none."""
    if not found:
        return None
    moved, exact, count = found["precision_drift"], found["precision_drift_fd"], int(found["precision_drift_n"])
    return (
        f"features in lower precision: they move FD by {moved:+.3g} from {exact:.4g} on the first {count} images a side"
    )
