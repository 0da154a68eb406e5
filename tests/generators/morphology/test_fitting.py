"""What a fit writes is whole or not there."""

from __future__ import annotations

import pytest

from benchmark.contracts.progress import silent
from benchmark.errors import UserError
from generators.morphology import fitting, inputs
from generators.morphology.fitting import Options
from generators.morphology.inputs import Wanted

OPTIONS = Options(
    k=3, size=None, standardized=False, starts=2, mini_batch=None, seed=1, outliers=False, balance=None, columns=4
)


@pytest.fixture
def found(folder):
    """A fit of the patches."""
    tool = inputs.extractor("texture-statistics", registries=(), offline=True, device="cpu")
    wanted = Wanted(folder / "patches.npy", None, "train", None, None, None, 1)
    with inputs.opened(wanted, silent) as given:
        yield fitting.fit(given, tool, OPTIONS, silent)


@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_stop_while_writing_leaves_nothing(found, folder, at):
    """At any sheet; neither the folder nor one aside."""

    def stop(done, total, note=""):
        if done == at:
            raise KeyboardInterrupt

    before = sorted(folder.iterdir())
    with pytest.raises(KeyboardInterrupt):
        fitting.write(folder / "out", found, stop)
    assert sorted(folder.iterdir()) == before


def test_an_empty_folder_is_filled_and_a_full_one_is_refused(found, folder):
    """Nobody's files are written over."""
    out = folder / "out"
    out.mkdir()
    fitting.require_new(out)
    fitting.write(out, found, silent)
    assert (out / "index.html").is_file()
    with pytest.raises(UserError, match="is there already. Give a new folder"):
        fitting.require_new(out)
    with pytest.raises(UserError, match="is there already"):
        fitting.require_new(folder / "patches.npy")
    with pytest.raises(UserError, match=r"patches.npy cannot be made"):
        fitting.require_new(folder / "patches.npy" / "out")


def test_reach_is_the_farthest_image_of_each_cluster(found):
    """What `beyond` is told by when new images are assigned."""
    for cluster in range(3):
        assert found.about["reach"][cluster] == found.distances[found.clustering.assignments == cluster].max()
