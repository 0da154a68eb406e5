"""What stands in the cells of a table."""

from __future__ import annotations

import csv
import io

from benchmark.records.schema import ReferenceEntry
from leaderboard.pictures.gallery import Pictures
from leaderboard.rendering import csv_file, html, json_file, markdown, text, views
from leaderboard.table import boards


def _tables(made, records):
    return views.tables(boards.of(records)[0].groups[0])


def test_no_number_without_interval_n_and_method(made) -> None:
    """Every measured cell of the study has them, or says why not."""
    records = made.study((0, 1))
    for table in _tables(made, records):
        texts = dict(table.notes)
        for head, place in zip(table.columns, range(99), strict=False):
            for cell in (row.cells[place] for row in table.rows):
                assert cell.state == "measured"
                assert cell.interval.startswith("[") or cell.interval == "no interval"
                assert head.n.startswith("N: ") or "N: " in cell.small
                assert any("%" in texts[mark] or "no interval" in texts[mark] for mark in cell.marks)


def test_common_n_stands_in_the_head_and_another_in_the_cell(made) -> None:
    """A metric that compares at any N shows each cell's own where they differ."""
    metric = made.metric(comparable_at="any N")
    records = [
        made.record("label-prompts", made.value(1.0), metrics=[metric]),
        made.record("off-the-shelf", made.value(2.0), metrics=[metric]),
    ]
    (table,) = _tables(made, records)
    assert table.columns[0].n == "N: reference 750, synthetic 1500"
    records.append(made.record("morphology-k12", made.value(3.0, n={"synthetic": 7}), metrics=[metric]))
    (table,) = _tables(made, records)
    assert table.columns[0].n == "N in each cell"
    assert [row.cells[0].small for row in table.generators][2] == "N: synthetic 7"


def test_a_column_of_refused_numbers_says_so_everywhere(made) -> None:
    """Its head has no N to tell; each cell says `refused`, and one note why: on pages, in Markdown and in the terminal."""
    metric, reason = made.metric("fd-infinity"), "N = 100 is below N_min = 512 (4 D): no line yet"
    records = [
        made.record(name, made.value(None, "fd-infinity", refused=reason), metrics=[metric])
        for name in ("label-prompts", "noise")
    ]
    (table,) = _tables(made, records)
    assert table.columns[0].n == "no number"
    assert [row.cells[0].text for row in table.rows if row.row.records] == ["refused a", "refused a"]
    assert dict(table.notes) == {"a": f"refused: {reason}"}
    (board,) = boards.of(records)
    in_markdown, in_html, in_text = (
        markdown.of(board),
        html.board_page(board, Pictures({}, {})),
        text.of_boards([board]),
    )
    assert "fd-infinity.net (lower is better; no number)" in in_markdown
    assert "- a: refused: N = 100 is below N\\_min = 512 (4 D): no line yet" in in_markdown
    assert "<small>no number</small>" in in_html
    assert in_html.count(reason) == 2  # Each row is one cell, which holds the reason itself.
    assert f"a  refused: {reason}" in in_text
    records.append(made.record("real-holdout", made.value(1.0, "fd-infinity"), metrics=[metric]))
    (table,) = _tables(made, records)
    assert table.columns[0].n == "N: reference 750, synthetic 1500"


def test_recall_is_not_sortable(made) -> None:
    """The column says that it does not order."""
    metric = made.metric("recall-k3", direction="higher")
    (table,) = _tables(made, [made.record("noise", made.value(1.0, "recall-k3"), metrics=[metric])])
    assert not table.columns[0].sortable
    assert table.columns[0].direction == "orders nothing"
    assert "recall" in dict(table.notes)[table.columns[0].marks[0]]


def test_a_row_without_numbers_speaks_for_all_its_cells(made) -> None:
    """One reason, said once; and its note comes after those of cells."""
    metrics = [made.metric("fd"), made.metric("kd")]
    records = [
        made.record("off-the-shelf", metrics=metrics, status="failed", error="out of luck"),
        made.record("label-prompts", made.value(1.0), made.value(2.0, "kd"), metrics=metrics),
    ]
    (table,) = _tables(made, records)
    assert table.generators[0].whole.reason == "out of luck"
    assert table.generators[1].whole is None
    assert [text for _, text in table.notes[table.notes_of_cells :]] == ["failed: out of luck"]


def test_seeds_behind_a_mean_are_counted_where_some_are_missing(made) -> None:
    """4 of 5 seeds stands in the cell itself."""
    records = [made.record("label-prompts", made.value(float(seed)), seed=seed) for seed in (0, 1)]
    records.append(made.record("noise", made.value(9.0), seed=2))
    (table,) = _tables(made, records)
    assert table.generators[1].cells[0].small == "2 of 3 seeds"


def test_slides_stand_beside_n(made) -> None:
    """In the head those of the real images; a control's own below the table, with its row alone."""
    slides = {"reference": 40}
    records = [made.record("label-prompts", made.value(1.0, slides=slides))]
    records.append(made.record("real-holdout", made.value(0.1, slides={**slides, "synthetic": 1})))
    (table,) = _tables(made, records)
    assert table.columns[0].n == "N: reference 750 (40 slides), synthetic 1500"
    texts = dict(table.notes)
    floor = next(row for row in table.controls if row.row.name == "real-holdout")
    own = "N: synthetic 1500 (1 slide)"
    assert own in [texts[mark] for mark in floor.cells[0].marks]
    assert all(own != texts[mark] for row in table.generators for mark in row.cells[0].marks)
    assert floor.cells[0].small == ""


def test_slides_stand_in_the_cell_where_n_differs_in_them(made) -> None:
    """The head tells nothing of them then."""
    records = [made.record("label-prompts", made.value(1.0, n={"reference": 7}, slides={"reference": 3}))]
    records.append(made.record("off-the-shelf", made.value(2.0, n={"reference": 7}, slides={"reference": 4})))
    (table,) = _tables(made, records)
    assert table.columns[0].n == "N: reference 7"
    texts = dict(table.notes)
    found = {row.row.name: [texts[mark] for mark in row.cells[0].marks] for row in table.generators}
    assert "N: reference 7 (3 slides)" in found["label-prompts"]
    assert "N: reference 7 (4 slides)" in found["off-the-shelf"]


def test_a_cell_with_an_n_of_its_own_tells_its_slides_there(made) -> None:
    """Once: not in a note as well."""
    records = [made.record("label-prompts", made.value(1.0, slides={"reference": 40}))]
    other = made.value(2.0, n={"reference": 7, "synthetic": 5}, slides={"reference": 3, "synthetic": 2})
    (table,) = _tables(made, [*records, made.record("off-the-shelf", other)])
    own = next(row for row in table.generators if row.cells[0].small).cells[0]
    texts = dict(table.notes)
    assert own.small == "N: reference 7 (3 slides), synthetic 5 (2 slides)"
    assert not any(texts[mark].startswith("N: ") for mark in own.marks)


def test_the_floors_further_numbers_stand_below_the_table(made) -> None:
    """Where a statistic is degenerate its null is shown; other rows keep theirs on their own page."""
    samples = {"null_low": -0.125, "null_high": 0.25, "null_p": 0.03}
    records = [made.record(name, made.value(0.1, samples=samples)) for name in ("real-holdout", "label-prompts")]
    (table,) = _tables(made, records)
    texts = dict(table.notes)
    floor = next(row for row in table.controls if row.row.name == "real-holdout")
    said = "if both sides were of one kind, 95 % of shuffles would lie in [-0.125, 0.25]; p 0.03"
    assert said in [texts[mark] for mark in floor.cells[0].marks]
    assert said not in [texts[mark] for mark in table.generators[1].cells[0].marks]


def test_how_far_classifiers_differ_stands_below_the_table_for_every_row(made) -> None:
    """Where its interval, of one seed, tells nothing of it."""
    values = {"real-holdout": 0.01, "label-prompts": 0.08}
    records = [
        made.record(name, made.value(0.7, samples={"classifiers": 3.0, "classifiers_sd": spread}))
        for name, spread in values.items()
    ]
    (table,) = _tables(made, records)
    texts = dict(table.notes)
    for row in table.rows:
        if row.row.name in values:
            said = f"standard deviation of {values[row.row.name]}; the interval holds them fixed"
            assert [said in texts[mark] for mark in row.cells[0].marks].count(True) == 1


def test_badges(made) -> None:
    """A trial is marked on every row; uncommitted changes on the rows they hold for, or on the board if on all."""
    dirty = made.record("label-prompts", made.value(1.0), provenance={"dirty": True})
    clean = made.record("off-the-shelf", made.value(1.0))
    (group,) = boards.of([dirty, clean])[0].groups
    assert views.badges(group.row("label-prompts"), group) == ("uncommitted changes",)
    assert views.badges(group.row("off-the-shelf"), group) == ()
    (group,) = boards.of([made.record("noise", made.value(1.0), suite={"limit": 4})])[0].groups
    assert views.badges(group.row("noise"), group) == ("TRIAL",)


def test_a_row_that_stands_on_an_imported_reference_is_marked_beside_others(made) -> None:
    """Where all do, the board says so; in CSV and JSON each row does."""
    plain = made.record("label-prompts", made.value(1.0))
    entry = ReferenceEntry(digest="r" * 64, suite="s", device="cpu", torch="2", diffusers="1", histobench="0.1.0")
    dataset = plain.dataset.model_copy(update={"reference": entry})
    packed = made.record("off-the-shelf", made.value(1.0)).model_copy(update={"dataset": dataset})
    (board,) = boards.of([plain, packed])
    (group,) = board.groups
    assert views.badges(group.row("off-the-shelf"), group) == ("imported reference",)
    assert views.badges(group.row("label-prompts"), group) == ()
    assert board.dataset.reference is None
    rows = {row["name"]: row["imported_reference"] for row in json_file.of(board)["groups"][0]["rows"]}
    assert (rows["off-the-shelf"], rows["label-prompts"]) == (True, False)
    lines = list(csv.DictReader(io.StringIO(csv_file.of(board))))
    assert {line["variant"]: line["imported_reference"] for line in lines}["off-the-shelf"] == "yes"
    (group,) = boards.of([packed])[0].groups
    assert views.badges(group.row("off-the-shelf"), group) == ()
