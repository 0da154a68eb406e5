"""What a number was measured under: all that is done to pixels, what images are compared with, and how."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from benchmark import digests
from benchmark.contracts.task import Root
from benchmark.protocol import operations
from benchmark.protocol.operations import Path, Resize, Store
from benchmark.protocol.pixels import Filter
from benchmark.strict import Strict

SHORT = ("size", "filter", "codec")
"""Keys of the short form, in which both sides take one path."""
PATHS = ("real", "synthetic")
"""Keys of the long form, in which each side has a path of its own."""
_LATER = ("extractor", "reference", "root", "n_rule")
"""Keys that a digest counts only where they differ from their defaults: those came first, and stores hang on them."""


class Protocol(Strict):
    """What a number was measured under. Numbers under unlike protocols never share a ranking.

    Pixels are told of in short (`size`, `filter`, `codec`: both sides take the same path) or at length (`real` and
    `synthetic`: a list of operations each).
    """

    size: Annotated[int, Field(ge=1)] | None = None
    """Common side in pixels to which all images are brought; None where each side has a path of its own."""
    filter: Filter = "lanczos"
    """Filter of every resize."""
    codec: Literal["dataset", "none"] = "dataset"
    """``dataset``: synthetic images are stored as the dataset stores its own before the common size."""
    real: Path | None = None
    """What is done to real images, in order."""
    synthetic: Path | None = None
    """What is done to synthetic images, in order, from the size they were made at."""
    extractor: str | None = None
    """The extractor whose features it compares, which a suite must then score with; None leaves the choice to it."""
    reference: Literal["held-out", "training"] = "held-out"
    """Which real images the synthetic ones are compared with: some that no generator saw, or those it learnt from."""
    root: Root = "exact"
    """How the root of the product of covariances is taken; a suite must then have a task that takes it so."""
    n_rule: Literal["equal"] = "equal"
    """Numbers rank at equal N of both sides and equal k alone. There is no other rule."""

    @model_validator(mode="after")
    def _in_one_form(self) -> Protocol:
        given = [key for key in PATHS if getattr(self, key) is not None]
        short = [key for key in SHORT if key in self.model_fields_set and (key != "size" or self.size is not None)]
        if given and short:
            raise ValueError(
                f"give either '{short[0]}' or '{given[0]}': one is for both sides, the other for each alone"
            )
        if len(given) == 1:
            raise ValueError("give both 'real' and 'synthetic', or neither")
        if not given and self.size is None:
            raise ValueError("key 'size' is missing")
        return self

    @model_serializer(mode="wrap")
    def _without_defaults(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        dumped = dict(handler(self))
        absent = PATHS if self.real is None else SHORT
        fields = type(self).model_fields
        defaults = [key for key in _LATER if getattr(self, key) == fields[key].default]
        return {key: value for key, value in dumped.items() if key not in (*absent, *defaults)}

    @property
    def digest(self) -> str:
        """Return the protocol's digest, twelve hex digits."""
        return digests.of_value(self.model_dump(mode="json"))[:12]

    @property
    def side(self) -> int | None:
        """Return the side in pixels at which synthetic images reach the extractor; None where it is their own."""
        return operations.side(self.synthetic) if self.synthetic is not None else self.size

    def path_of_real(self) -> Path:
        """Return what is done to real images."""
        return self._common() if self.real is None else self.real

    def path_of_synthetic(self, *, side: int, codec: str) -> Path:
        """Return what is done to synthetic images.

        Args:
            side: Side in pixels at which the dataset stores its own images.
            codec: Its codec, ``none`` or ``jpeg-Q``.

        Returns:
            The operations. In the short form images pass through the dataset's codec at its size first, as if they
            had been released with it; a lossless dataset leaves them as they are.
        """
        if self.synthetic is not None:
            return self.synthetic
        if self.codec == "none" or codec == "none":
            return self._common()
        return (Resize(resize=side, filter=self.filter), Store(codec=codec), *self._common())

    def first_of_synthetic(self, *, side: int | None) -> Resize | None:
        """Return the resize that synthetic images meet first, whatever the dataset's codec; None where there is none.

        Images that have met it already come out of `path_of_synthetic` as if they had not: at the size they have, a
        resize changes nothing.

        Args:
            side: Side in pixels at which the dataset stores its own images; None where it is not known.
        """
        if side is None and self.synthetic is None and self.codec == "dataset":
            return None
        paths = [self.path_of_synthetic(side=side or 1, codec=codec) for codec in ("none", "jpeg-75")]
        first, other = (path[0] if path else None for path in paths)
        return first if isinstance(first, Resize) and first == other else None

    def describe(self) -> str:
        """Return in one line what is done to pixels."""
        if self.real is not None and self.synthetic is not None:
            return f"real: {operations.describe(self.real)}; synthetic: {operations.describe(self.synthetic)}"
        codec = "the dataset's own codec" if self.codec == "dataset" else "no codec"
        return f"{operations.describe(self._common())}, {codec}"

    def rules(self) -> str:
        """Return in one line what images are compared with, and how."""
        reference = "held-out real images" if self.reference == "held-out" else "the training images"
        root = "exact root" if self.root == "exact" else "Newton-Schulz root, stopped early"
        extractor = "" if self.extractor is None else f"features of {self.extractor}; "
        return f"{extractor}compared with {reference}; {root}; ranked at equal N and k alone"

    def _common(self) -> Path:
        assert self.size is not None
        return (Resize(resize=self.size, filter=self.filter),)
