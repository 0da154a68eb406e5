"""The part of the platform that is in every key."""

from __future__ import annotations

import importlib.metadata

import pytest

from benchmark.errors import UserError
from benchmark.plan import platform


def test_only_major_and_minor_versions_count():
    """A bug-fix release keeps the store's results."""
    found = platform.current("cpu")
    assert found.device == "cpu"
    assert found.torch == ".".join(importlib.metadata.version("torch").split(".")[:2])
    assert found.diffusers == ".".join(importlib.metadata.version("diffusers").split(".")[:2])


def test_an_unknown_device_is_refused():
    """With what there is."""
    with pytest.raises(UserError, match="--device tpu: expected 'auto', 'cpu' or 'cuda'"):
        platform.current("tpu")


def test_a_device_that_is_not_there_is_refused_not_replaced(monkeypatch):
    """Asked for by name it must be there; `auto` takes what there is."""
    monkeypatch.setattr(platform, "_cuda_is_there", lambda: False)
    with pytest.raises(UserError, match="no CUDA device"):
        platform.current("cuda")
    assert platform.current("auto").device == "cpu"
    monkeypatch.setattr(platform, "_cuda_is_there", lambda: True)
    assert platform.current("auto").device == "cuda"
    assert platform.current("cpu").device == "cpu"
