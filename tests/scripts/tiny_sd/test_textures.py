"""Textures: of their seed and number alone, painted as their captions say."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from scripts.tiny_sd import colors, kinds, textures
from scripts.tiny_sd.settings import RESOLUTION


def test_a_texture_is_its_seeds_and_numbers_alone(drawn):
    """Wherever a stretch begins and however long it is; no global state is read or changed."""
    before = torch.get_rng_state()
    part = textures.draw_textures(seed=3, start=5, count=2)
    one = textures.draw_texture(seed=3, index=6)
    assert np.array_equal(part.pixels, drawn.pixels[5:7])
    assert part.captions == drawn.captions[5:7]
    assert np.array_equal(one.pixels, drawn.pixels[6])
    assert np.array_equal(textures.draw_texture(seed=3, index=0).pixels, drawn.pixels[0])
    assert one.caption == drawn.captions[6]
    assert torch.equal(before, torch.get_rng_state())


def test_pictures_are_of_the_size_and_kind_that_is_learnt(drawn):
    """uint8 RGB, no two alike, nor those of another seed."""
    assert drawn.pixels.dtype == np.uint8
    assert drawn.pixels.shape == (24, RESOLUTION, RESOLUTION, 3)
    assert len(drawn.captions) == 24
    other = textures.draw_textures(seed=4, count=24)
    assert len({one.tobytes() for one in (*drawn.pixels, *other.pixels)}) == 48


def test_the_seeds_of_making_and_judging_share_no_texture():
    """What judges was never learnt from."""
    from scripts.tiny_sd import make, quality

    assert make.SEED != quality.SEED
    one, other = (textures.draw_textures(seed=seed, count=20) for seed in (make.SEED, quality.SEED))
    assert not {one.tobytes() for one in one.pixels} & {one.tobytes() for one in other.pixels}


def test_captions_are_of_the_three_forms_in_their_shares():
    """Over 600: alone in 55 of a hundred; of the others, six in ten on another, four beside it."""
    texts = textures.draw_textures(seed=9, count=600).captions
    assert all(text.startswith("Texture image of ") for text in texts)
    on = np.mean([" on " in text for text in texts])
    beside = np.mean([" beside " in text for text in texts])
    for share, expected in ((on, 0.27), (beside, 0.18)):
        assert share == pytest.approx(expected, abs=4 * (expected * (1 - expected) / 600) ** 0.5)
    assert not any(" on " in text and " beside " in text for text in texts)


def of_form(monkeypatch, *, joint, shares):
    """Textures of two flat layers, the front red, the back blue; the front's field has its high values at the left."""
    fronts = iter(["front", "back"] * 40)
    field = np.tile(np.linspace(1, 0, 64), (64, 1))

    def paint(rng):
        name = "red" if next(fronts) == "front" else "blue"
        color = np.array(colors.NAMED_COLORS[name]) / 255
        palette = np.stack([color, color])
        drawing = kinds.Drawing(field, "gradient", "angle", 3)
        return textures._Layer(np.broadcast_to(color, (64, 64, 3)), drawing, palette)

    monkeypatch.setattr(textures, "_paint", paint)
    rng = np.random.default_rng(0)
    return [textures._join(rng, paint(rng), paint(rng), joint=joint) for _ in range(shares)]


def test_on_another_the_high_values_of_the_front_cover_it(monkeypatch):
    """Red at the left, blue at the right."""
    red, blue = (np.array(colors.NAMED_COLORS[name]) / 255 for name in ("red", "blue"))
    for picture in of_form(monkeypatch, joint="on", shares=8):
        assert np.abs(picture[:, 0] - red).max() < 0.01
        assert np.abs(picture[:, -1] - blue).max() < 0.01


def test_beside_another_each_has_a_quarter_at_least(monkeypatch):
    """Somewhere, with a soft or a hard border."""
    red = np.array(colors.NAMED_COLORS["red"]) / 255
    shares = [
        (np.abs(picture - red).sum(axis=-1) < 0.4).mean() for picture in of_form(monkeypatch, joint="beside", shares=20)
    ]
    assert min(shares) > 0.15
    assert max(shares) < 0.85
    assert np.std(shares) > 0.05


def test_a_layer_takes_its_colors_along_the_palette():
    """Zero the first, one the last, between them in a straight line."""
    rng = np.random.default_rng(1)
    layer = textures._paint(rng)
    stops = np.linspace(0, 1, len(layer.palette))
    for row, column in ((0, 0), (10, 50), (63, 63)):
        value = layer.drawing.field[row, column]
        expected = [np.interp(value, stops, layer.palette[:, channel]) for channel in range(3)]
        np.testing.assert_allclose(layer.colors[row, column], expected)


def test_the_canvas_is_averaged_down():
    """Over two by two pixels: a checkerboard of single pixels turns to even gray, but for light and noise."""
    board = np.indices((64, 64)).sum(axis=0) % 2
    painted = np.repeat(board[..., None], 3, axis=2).astype(float)
    found = np.stack([textures._finish(np.random.default_rng(seed), painted) for seed in range(60)])
    plain = [one for one in found if one.min() == one.max()]
    # Neither uneven light, of 40 in a hundred, nor noise, of 60.
    assert 5 < len(plain) < 28
    assert all((one == 128).all() for one in plain)
    assert found.std(axis=(1, 2, 3)).max() > 3


def test_brightness_is_not_cut_off():
    """Black stays black, white stays white where nothing is added, and nothing wraps around."""
    white = textures._finish(np.random.default_rng(3), np.ones((64, 64, 3)))
    black = textures._finish(np.random.default_rng(3), np.zeros((64, 64, 3)))
    assert white.min() > 150
    assert black.max() < 100


def test_a_caption_tells_the_layers_that_were_painted(drawn):
    """The front's colors and noun first, those of the layer behind or beside it last."""
    forms = set()
    for index, caption in enumerate(drawn.captions):
        rng = np.random.default_rng((3, index))
        front = textures._paint(rng)
        joint = next((word for word in ("on", "beside") if f" {word} " in caption), "alone")
        shown = front.palette[-1:] if joint == "on" else front.palette[[0, -1]]
        assert caption.startswith(f"Texture image of {named(shown)} {front.drawing.noun}")
        if joint != "alone":
            assert rng.random() < 0.45
            back = textures._paint(rng)
            assert caption.endswith(f" {joint} {named(back.palette[[0, -1]])} {back.drawing.noun}")
        forms.add(joint)
    assert forms == {"alone", "on", "beside"}


def named(palette):
    """Names of colors, each once."""
    return " and ".join(dict.fromkeys(colors.name_of(color) for color in palette))
