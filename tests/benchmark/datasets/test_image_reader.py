"""The reader of image files, on one bad file of each kind."""

from __future__ import annotations

import io
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFile
from toybench import pictures

from benchmark.datasets import image_reader
from benchmark.errors import UserError


def written(image: np.ndarray, form: str, **options: object) -> io.BytesIO:
    """Return an image as a file."""
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, form, **options)
    stream.seek(0)
    return stream


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_lossless_files_give_back_their_pixels(form: str) -> None:
    """And say what they are, higher than wide."""
    image = pictures.noise(0)[:, :12]
    header, pixels = image_reader.pixels(written(image, form))
    assert header == (form, 16, 12)
    np.testing.assert_array_equal(pixels, image)
    assert image_reader.header(written(image, form)) == header


def test_several_pictures_in_a_jpeg_are_several() -> None:
    """Pillow has a format of its own for them."""
    stream = io.BytesIO()
    one, two = (Image.fromarray(pictures.noise(seed)) for seed in (0, 1))
    one.save(stream, "MPO", save_all=True, append_images=[two])
    stream.seek(0)
    with pytest.raises(image_reader.Unusable, match="2 images in one file"):
        image_reader.header(stream)


def test_every_kind_of_bad_file_is_told_from_the_others(tmp_path: Path) -> None:
    """Size and repetition aside, which show beside other images only; nothing is printed or warned of."""
    like = tmp_path / "like.png"
    Image.fromarray(pictures.noise(0)).save(like)
    expected = pictures.plant_bad(tmp_path, like)
    found, reasons = {}, ""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)
        for name in expected:
            try:
                with (tmp_path / name).open("rb") as stream:
                    image_reader.pixels(stream)
            except image_reader.Unusable as fault:
                found[name], reasons = fault.kind, f"{reasons}\n{fault.reason}"
    assert "0x" not in reasons, "the address of an object"
    assert str(tmp_path) not in reasons
    assert found == {name: kind for name, kind in expected.items() if kind not in ("size", "duplicate")}


def test_what_an_image_announces_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    """Its header alone is enough."""
    huge = io.BytesIO(pictures.png(8193, 8192, 8, b""))
    with pytest.raises(image_reader.Unusable, match=r"8,193 x 8,192 px, more than 67,108,864 pixels"):
        image_reader.header(huge)
    assert image_reader.header(io.BytesIO(pictures.png(8192, 8192, 8, b""))).width == 8192


def test_a_process_that_fills_up_cut_images_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some other library may have set Pillow's switch."""
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    with pytest.raises(UserError, match="LOAD_TRUNCATED_IMAGES is set"):
        image_reader.pixels(written(pictures.noise(0), "PNG"))
