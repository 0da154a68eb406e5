"""What `bench run` prints at its end."""

from __future__ import annotations

from benchmark.records import files
from benchmark.store.store import Store
from leaderboard import after_run


def _store(tmp_path, *records):
    store = Store(tmp_path / "store").root
    for record in records:
        files.write(store, record)
    return store


def test_boards_of_this_run_with_what_earlier_runs_added(made, tmp_path) -> None:
    """The whole board of the run's records, and no other board."""
    ours = made.record("label-prompts", made.value(1.0))
    earlier = made.record("off-the-shelf", made.value(77.0))
    elsewhere = made.record("noise", made.value(1.0), identity={"name": "another dataset", "digest": "e" * 64})
    store = _store(tmp_path, ours, earlier, elsewhere)
    text = after_run.write(store, [ours])
    assert "77" in text
    assert "another dataset" not in text
    assert f"Pages: {store / 'leaderboard' / 'index.html'}" in text
    assert (store / "leaderboard" / "index.html").is_file()


def test_a_damaged_record_elsewhere_does_not_hide_the_results(made, tmp_path) -> None:
    """The run's own table stands, and the text says why there are no pages."""
    ours = made.record("label-prompts", made.value(1.25))
    store = _store(tmp_path, ours)
    (store / "records" / "broken.json").write_text("{")
    text = after_run.write(store, [ours])
    assert "1.25" in text
    assert "The pages were not written" in text
    assert "broken.json" in text
