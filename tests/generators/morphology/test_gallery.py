"""Sheets and the page."""

from __future__ import annotations

import io
import math
import subprocess
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from benchmark.contracts.images import ArraySource, Images
from generators.morphology import gallery


def gray_images(count, classes=("healthy", "cancer")):
    """Patches of 64 px, which sheets show as they are; each one gray of its own."""
    pixels = np.broadcast_to(np.arange(count, dtype=np.uint8)[:, None, None, None] * 4, (count, 64, 64, 3))
    return Images(ArraySource(pixels), np.arange(count), np.arange(count) % len(classes), classes, None, digest="")


def shown(png):
    """The grays of a sheet's images, line by line."""
    pixels = np.asarray(Image.open(io.BytesIO(png)).convert("L")).astype(int)
    found = []
    for row in range(0, pixels.shape[0] - 63):
        line = []
        column = 0
        while column < pixels.shape[1] - 63:
            block = pixels[row : row + 64, column : column + 64]
            if (block == block[0, 0]).all() and block[0, 0] < 250 and (row == 0 or pixels[row - 1, column] > 250):
                line.append(int(block[0, 0]) // 4)
                column += 64
            else:
                column += 1
        if line:
            found.append(line)
    return found


def test_a_sheet_shows_the_nearest_some_at_random_and_the_farthest():
    """No image twice; the farthest last."""
    images, distances = gray_images(40), np.random.default_rng(0).permutation(40).astype(float)
    members = np.arange(2, 32)
    png = gallery.sheet(images, members, distances, title="x", columns=3, seed=1)
    near, drawn, far = shown(png)
    ordered = members[np.argsort(distances[members])].tolist()
    assert (near, far) == (ordered[:3], ordered[-3:])
    assert set(drawn) < set(ordered[3:-3])
    assert len(set(drawn)) == 3
    assert png == gallery.sheet(images, members, distances, title="x", columns=3, seed=1)
    assert shown(gallery.sheet(images, members, distances, title="x", columns=3, seed=2))[1] != drawn


@pytest.mark.parametrize(("size", "lines"), [(1, [[0]]), (4, [[0, 1, 2], [3]]), (6, [[0, 1, 2], [3, 4, 5]])])
def test_a_small_cluster_has_what_there_is(size, lines):
    """Nearest first, then the farthest."""
    png = gallery.sheet(gray_images(8), np.arange(size), np.arange(8.0), title="x", columns=3, seed=1)
    assert shown(png) == lines


def test_clusters_are_counted_by_class():
    """Also one that is empty; two digits where there are more than ten."""
    found = gallery.clusters(gray_images(6), np.array([0, 0, 2, 2, 2, 2]), np.arange(6.0), 12)
    assert [one.size for one in found[:3]] == [2, 0, 4]
    assert found[0].labels == (("healthy", 1, 0.5), ("cancer", 1, 0.5))
    assert (found[2].typical, found[2].file, found[2].words) == (3.5, "sheets/cluster-02.png", "two")
    assert found[1].file is None
    assert math.isnan(found[1].typical)
    assert gallery.clusters(gray_images(2, ("",)), np.array([0, 0]), np.zeros(2), 1)[0].labels == ()


class Tags(HTMLParser):
    """Collects tags and text."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


def test_what_users_wrote_is_escaped():
    """In names of classes and facts."""
    evil = "<script>alert(1)</script>\"'&"
    images = gray_images(4, (evil, "b"))
    found = gallery.clusters(images, np.array([0, 0, 1, 1]), np.zeros(4), 2)
    tags = Tags(gallery.page(evil, [(evil, evil)], found))
    assert "script" not in {tag for tag, _ in tags.tags}
    assert tags.text.count(evil) >= 5
    assert [attrs["src"] for tag, attrs in tags.tags if tag == "img"] == [
        "sheets/cluster-0.png",
        "sheets/cluster-1.png",
    ]
    assert all(attrs["alt"] for tag, attrs in tags.tags if tag == "img")


@pytest.mark.needs_chromium
def test_the_page_shows_its_style_and_sheets(tmp_path):
    """In a browser, which blocks what the page's own policy does not allow."""
    images, distances = gray_images(8), np.zeros(8)
    found = gallery.clusters(images, np.zeros(8, np.int64), distances, 1)
    (tmp_path / "sheets").mkdir()
    (tmp_path / found[0].file).write_bytes(gallery.sheet(images, np.arange(8), distances, title="x", columns=4, seed=1))
    page = tmp_path / "index.html"
    page.write_text(gallery.page("t", [("N", "8")], found))
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--window-size=900,900", "--enable-logging=stderr",
               f"--screenshot={tmp_path / 'shot.png'}", page.as_uri()]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert "Content Security Policy" not in done.stderr
    pixels = np.asarray(Image.open(tmp_path / "shot.png").convert("RGB"))
    assert pixels[2, 2].tolist() == [0xFB, 0xFA, 0xF9]  # The style's paper, not the browser's white.
