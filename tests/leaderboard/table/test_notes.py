"""Notes of a board."""

from __future__ import annotations

from benchmark.records.schema import ReferenceEntry
from leaderboard.table import notes

REFERENCE = ReferenceEntry(
    digest="0123456789ab" + "0" * 52, suite="study@1-000000000000", device="cuda", torch="2.9", diffusers="0.36",
    histobench="0.1.0",
)  # fmt: skip


def test_uncommitted_changes_are_counted(made) -> None:
    """One of two."""
    records = [made.record("a", provenance={"dirty": True}), made.record("b")]
    assert "1 of 2 records come from a checkout with uncommitted changes." in notes.of(records, superseded=())


def test_unlike_surroundings_are_named(made) -> None:
    """Commits, machines, numbers of threads and versions of torch."""
    records = [
        made.record("a"),
        made.record(
            "b", provenance={"commit": "b" * 40, "processor": "Another", "threads": 8, "packages": {"torch": "9.0"}}
        ),
    ]
    found = " ".join(notes.of(records, superseded=()))
    assert "2 commits: bbbbbbbbbbbb, c0ffeec0ffee" in found
    assert "2 machines: A processor, Another" in found
    assert "2 numbers of threads: 1, 8" in found
    assert "2 versions of torch: 2.14.1, 9.0" in found


def test_an_unofficial_copy_is_named_once(made) -> None:
    """With its digest, whether or not its name holds it already."""
    for name in ("PCam, unofficial copy, digest 0123456789ab", "PCam, unofficial copy"):
        identity = {"name": name, "digest": "0123456789ab" + "0" * 52, "official": False}
        (note,) = notes.of([made.record("a", made.value(1.0), identity=identity)], superseded=())
        assert note == "The data are not the official release: PCam, unofficial copy, digest 0123456789ab."


def test_what_a_dataset_says_of_itself_is_said_once(made) -> None:
    """Whatever the number of records; older ones do not say it."""
    told = [made.record(name, made.value(1.0), identity={"caution": "No tissue."}) for name in ("a", "b")]
    assert notes.of([*told, made.record("c", made.value(1.0))], superseded=()) == ("No tissue.",)


def test_a_clean_board_has_none(made) -> None:
    """Nothing to say, nothing said."""
    assert notes.of([made.record("a", made.value(1.0))], superseded=()) == ()


def test_undescribed_values_are_not_dropped_silently(made) -> None:
    """They are named."""
    assert "'ghost.net'" in notes.of([made.record("a", made.value(1.0, "ghost"))], superseded=())[0]


def test_an_imported_reference_is_named(made) -> None:
    """How many records stand on it, which it is, and where the two sides were embedded."""
    first = made.record("a", made.value(1.0))
    packed = first.model_copy(update={"dataset": first.dataset.model_copy(update={"reference": REFERENCE})})
    (note,) = notes.of([packed, made.record("b", made.value(1.0))], superseded=())
    assert note == (
        "1 of 2 records stand on an imported reference (0123456789ab, of study@1-000000000000): no real image was here. "
        "Real images were embedded elsewhere, on cuda, synthetic images on cpu; histobench 0.1.0, torch 2.9."
    )
    alike = packed.model_copy(update={"device": "cuda"})
    assert "elsewhere, on cuda; histobench" in notes.of([alike], superseded=())[0]


def test_what_was_seen_of_images_that_someone_brought_is_said(made) -> None:
    """Copies and repeats make the best of all numbers: who reads the board knows them, once a set."""
    summary = "4 images of set, 16 px; 4 are real images, pixel by pixel."
    mine = made.variant("mine", weights={"images": "ab" * 32}, summary=summary)
    records = [made.record("mine", made.value(1.0), seed=seed, variant=mine) for seed in (0, 1)]
    assert notes.of([*records, made.record("a", made.value(1.0))], superseded=()) == (f"mine: {summary}",)
