"""Samplers by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from diffusers import (
    DDIMScheduler,
    DDPMScheduler,
    DEISMultistepScheduler,
    DPMSolverMultistepScheduler,
    EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler,
    HeunDiscreteScheduler,
    KDPM2AncestralDiscreteScheduler,
    KDPM2DiscreteScheduler,
    LMSDiscreteScheduler,
    PNDMScheduler,
    UniPCMultistepScheduler,
)

from benchmark.errors import UserError, nearest


class Sampler(NamedTuple):
    """A scheduler of diffusers, and what makes it the one of its name."""

    kind: Any
    settings: Mapping[str, object] = {}


SCHEDULERS: dict[str, Sampler] = {
    "ddim": Sampler(DDIMScheduler),
    "ddpm": Sampler(DDPMScheduler),
    "deis": Sampler(DEISMultistepScheduler),
    "dpm-solver": Sampler(DPMSolverMultistepScheduler),
    "dpm-solver-karras": Sampler(DPMSolverMultistepScheduler, {"use_karras_sigmas": True}),
    "dpm-solver-sde": Sampler(DPMSolverMultistepScheduler, {"algorithm_type": "sde-dpmsolver++"}),
    "euler": Sampler(EulerDiscreteScheduler),
    "euler-ancestral": Sampler(EulerAncestralDiscreteScheduler),
    "heun": Sampler(HeunDiscreteScheduler),
    "kdpm2": Sampler(KDPM2DiscreteScheduler),
    "kdpm2-ancestral": Sampler(KDPM2AncestralDiscreteScheduler),
    "lms": Sampler(LMSDiscreteScheduler),
    "plms": Sampler(PNDMScheduler, {"skip_prk_steps": True}),
    "pndm": Sampler(PNDMScheduler),
    "unipc": Sampler(UniPCMultistepScheduler),
}
"""By name; ``saved`` is the pipeline's own. ``ddpm``, ``dpm-solver-sde`` and the ancestral ones draw noise on their
way: each image's from a generator of its own."""


def check(name: str) -> None:
    """Refuse a name that is none.

    Raises:
        UserError: With the nearest one.
    """
    if name not in ("saved", *SCHEDULERS):
        raise UserError(f"There is no scheduler '{name}'. {nearest(name, [*SCHEDULERS, 'saved'])}")


def named(name: str, saved: Any) -> Any:
    """Return a sampler with the betas and the kind of prediction of the one that a pipeline was saved with.

    Args:
        name: A name of `SCHEDULERS`, or ``saved``.
        saved: The pipeline's own scheduler.
    """
    if name == "saved":
        return saved
    kind, settings = SCHEDULERS[name]
    return kind.from_config(saved.config, **settings)
