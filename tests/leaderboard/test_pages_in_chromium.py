"""The pages as a browser shows them."""

from __future__ import annotations

import json
import re
import subprocess

import pytest

from benchmark.records import files
from benchmark.records.schema import StepEntry
from benchmark.store.store import Store
from leaderboard import site

pytestmark = pytest.mark.needs_chromium

PROBE = """<!doctype html><body><iframe id="f" src="{page}" style="width:{width}px;height:900px;border:0"></iframe>
<p id="result"></p><script>
document.getElementById("f").onload = (event) => {{
  const page = event.target.contentDocument, root = page.documentElement;
  const rows = (body) => [...body.rows].map((row) => row.querySelector("th").innerText.trim());
  const body = page.querySelector("tbody.generators");
  const before = rows(body);
  page.querySelector("th[data-column] button").click();
  document.getElementById("result").textContent = JSON.stringify({{
    wide: root.scrollWidth, seen: root.clientWidth, before, after: rows(body),
    dots: page.querySelectorAll("circle.dot.generator").length,
    buttons: [...page.querySelectorAll("th[data-column]")].map((head) => head.dataset.name),
    styled: getComputedStyle(page.querySelector("table.board th[scope=row]")).position,
    broken: [...page.images].filter((image) => !image.naturalWidth).length, images: page.images.length,
  }});
}};
</script></body>"""


def _shown(page, tmp_path, width):
    """Return what a browser makes of a page in a window of some width."""
    probe = tmp_path / "probe.html"
    probe.write_text(PROBE.format(page=page.as_uri(), width=width))
    command = [
        "chromium", "--no-sandbox", "--headless=new", "--disable-gpu", "--allow-file-access-from-files",
        f"--user-data-dir={tmp_path / 'profile'}", "--window-size=1400,1000", "--virtual-time-budget=5000", "--dump-dom",
        probe.as_uri(),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=90, check=True)
    return json.loads(re.search(r'<p id="result">(.*?)</p>', done.stdout).group(1))


@pytest.mark.parametrize("width", [390, 1280])
def test_board_fits_its_window_and_sorts_on_request(made, tmp_path, width) -> None:
    """No page-wide overflow; style, script and pictures pass the page's own policy; suite's order until asked."""
    store = Store(tmp_path / "store")
    made.shard(store, "a" * 64, 0, 5)
    step = StepEntry(kind="sample", title="sample", key="a" * 64, digest="0" * 64)
    for record in made.study((0,)):
        steps = (step,) if record.variant.name == "label-prompts" else ()
        files.write(store.root, record.model_copy(update={"steps": steps}))
    (page,) = site.publish(store).folder.glob("*/index.html")
    found = _shown(page, tmp_path, width)
    assert found["wide"] <= found["seen"]
    assert found["before"] == ["off-the-shelf", "label-prompts", "morphology-k12"]
    assert found["after"] == ["morphology-k12", "label-prompts", "off-the-shelf"]
    assert found["dots"] >= 3 * 7
    assert "fd.random-network" in found["buttons"]
    assert not [name for name in found["buttons"] if "recall" in name]
    assert found["styled"] == "sticky"
    assert (found["images"], found["broken"]) == (2, 0)
