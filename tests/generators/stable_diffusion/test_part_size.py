"""How many images fit into memory at once."""

from __future__ import annotations

import pytest
import torch

from generators.stable_diffusion import part_size


def attempts(most):
    """What was tried, and an attempt that runs out of memory above some size."""
    tried = []

    def attempt(size):
        tried.append(size)
        if size > most:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")

    return tried, attempt


def test_halves_are_tried_until_one_fits(tmp_path):
    """And what was found is kept: nothing is tried again."""
    tried, attempt = attempts(10)
    assert part_size.found(tmp_path, 48, attempt) == 6
    assert tried == [48, 24, 12, 6]
    assert part_size.found(tmp_path, 48, attempts(1)[1]) == 6


def test_another_error_is_no_lack_of_memory(tmp_path):
    """It is raised, and nothing is kept."""

    def attempt(size):
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    with pytest.raises(RuntimeError, match="mat1"):
        part_size.found(tmp_path, 8, attempt)
    assert list(tmp_path.iterdir()) == []


def test_where_not_one_fits_it_is_told(tmp_path):
    """By accelerate."""
    with pytest.raises(RuntimeError, match="No executable batch size found"):
        part_size.found(tmp_path, 8, attempts(0)[1])
    assert list(tmp_path.iterdir()) == []


def test_room_is_kept_for_two_moments_a_weight():
    """An optimizer takes them at its first step alone."""
    room = part_size.room_for_moments([torch.ones(3, 4), torch.ones(5)])
    assert sum(one.numel() for one in room) == 2 * (12 + 5)
