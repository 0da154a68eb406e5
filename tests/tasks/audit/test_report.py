"""Phantom patches under the grid: known effects show, and nothing shows where nothing is done."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageFilter

from benchmark.contracts.images import ArraySource, Images
from benchmark.errors import UserError
from benchmark.protocol import pixels
from benchmark.registry import discovery
from tasks.audit import report
from tasks.audit.report import Line, Report, Sets, Table


def audited(real: Images, synthetic: Images, *, side: int | None = 32, name: str = "texture-statistics") -> Report:
    """Audit two sets by a formula that takes milliseconds."""
    sets = Sets.of(real=real, synthetic=synthetic, side=side, seed=0)
    return report.run(sets, name=name, extractor=discovery.extractors().load(name)(), advance=lambda _part: None)


def by_name(table: Table) -> dict[str, Line]:
    return {line.choice.name: line for line in table.lines}


@pytest.fixture(scope="module")
def blurred(real: Images, synthetic: Images) -> Report:
    """Sixty phantom patches against forty of another phantom that were blurred."""
    blur = ImageFilter.GaussianBlur(4)
    soft = [np.asarray(Image.fromarray(one).filter(blur)) for one in synthetic.source.pixels]
    return audited(real, replace(synthetic, source=ArraySource(np.stack(soft))))


def test_blurred_images_are_far_above_the_floor(blurred: Report) -> None:
    """Real against real comes first; what was blurred lies apart from it under clean already."""
    alone, against = blurred.tables
    assert (alone.kind, against.kind) == ("real against real", "real against synthetic")
    floor, clean = by_name(alone)["floor"].numbers[0], by_name(against)["clean"].numbers[0]
    assert clean.interval.low > floor.interval.high
    assert (floor.change, clean.change) == (None, None)


def test_mismatched_filters_alone_part_real_images(blurred: Report) -> None:
    """Aliasing on one side: what a perfect generator would score, well above the floor, its paired interval too."""
    lines = by_name(blurred.tables[0])
    floor = lines["floor"].numbers[0]
    for name in ("filter tf1-bilinear, synthetic", "filter torch-bilinear, synthetic"):
        found = lines[name].numbers[0]
        assert found.value > 1.5 * floor.value
        assert found.change == found.value - floor.value
        assert found.change_interval.low > 0
        # Half of the patches are fewer than FD needs at this width, so that there is no star all the same.
        assert found.few.startswith("N = 30 is below N_min = ")
        assert not found.changed


def test_a_lossy_codec_on_one_side_alone_parts_them_and_a_lossless_one_does_not(blurred: Report) -> None:
    """JPEG of one side raises FD above the floor and empties half of the real balls; PNG changes no number at all."""
    lines = by_name(blurred.tables[0])
    fd, *_, density, coverage = lines["JPEG 75 after the size, synthetic"].numbers
    assert fd.change > 0
    assert density.change_interval.high < 0
    assert coverage.change_interval.high < 0
    png = lines["PNG, synthetic"].numbers
    assert [one.value for one in png] == [one.value for one in lines["floor"].numbers]
    assert all(one.change == 0.0 and not one.changed for one in png)


def test_n_and_root_are_choices_too(blurred: Report) -> None:
    """Half of the reference raises FD, without a paired interval; the stopped root touches nothing but FD."""
    for table, whole in zip(blurred.tables, ((30, 30), (60, 40)), strict=True):
        lines = by_name(table)
        held = next(iter(lines.values()))
        half, stopped = lines["half of the reference"], lines["root stopped early"]
        assert (held.n, half.n) == (whole, (whole[0] // 2, whole[1]))
        assert half.numbers[0].change_interval is None
        assert stopped.numbers[0].metric.name == "fd-newton-schulz"
        assert stopped.numbers[0].value > held.numbers[0].value
        assert [one.value for one in stopped.numbers[1:]] == [one.value for one in held.numbers[1:]]
    halved = by_name(blurred.tables[0])["half of the reference"].numbers[0]
    assert halved.value > by_name(blurred.tables[0])["floor"].numbers[0].value


def test_what_does_the_same_at_these_sizes_is_named_and_not_measured_twice(blurred: Report) -> None:
    """Both sets have 96 px, so that the generator's half is made by doing nothing."""
    assert blurred.tables[0].idle == (
        "clean (as floor)",
        "JPEG 75 before the size, both (as floor: JPEG 75 before the size)",
        "JPEG 75 after the size, both (as floor: JPEG 75 after the size)",
        "no common size (as floor: no common size)",
        "paper as a whole (as floor: paper)",
    )
    assert blurred.tables[1].idle == ()


def test_a_size_the_extractor_cannot_take_is_a_line_with_the_reason(blurred: Report) -> None:
    """299 px are not divisible by eight; all the others are measured."""
    for table in blurred.tables:
        missing = {line.choice.name: line.reason for line in table.lines if not line.numbers}
        assert list(missing) == ["floor: paper" if table.kind == "real against real" else "paper as a whole"]
        assert all("do not allow" in reason for reason in missing.values())


@pytest.mark.slow
def test_the_same_again_gives_the_same(real: Images, synthetic: Images) -> None:
    """Seeded throughout, and no block decides a number."""
    one, other = (audited(real, synthetic, side=16) for _ in range(2))
    assert [line.numbers for table in one.tables for line in table.lines] == [
        line.numbers for table in other.tables for line in table.lines
    ]


@pytest.mark.slow
def test_a_perfect_generator_at_another_size_shows_without_a_common_one(real: Images, synthetic: Images) -> None:
    """Real images made at 256 px lie further above their floor without a common size than under clean."""
    large = pixels.resize(synthetic.source.pixels, 256, "bilinear")
    found = audited(real, replace(synthetic, source=ArraySource(large)), side=None, name="random-network")
    assert found.side == 96
    lines = by_name(found.tables[0])
    assert lines["no common size"].numbers[0].change > lines["clean"].numbers[0].change > 0
    assert lines["paper as a whole"].numbers[0].change > 0
    assert {"clean", "no common size"} <= set(lines)


def test_halves_share_nothing_and_leave_nothing_out() -> None:
    """At random; another seed, other halves; an odd image goes to the second."""
    first, second = report.halves(61, None, seed=0)
    assert (len(first), len(second)) == (30, 31)
    assert sorted([*first, *second]) == list(range(61))
    assert not np.array_equal(first, report.halves(61, None, seed=1)[0])
    np.testing.assert_array_equal(first, report.halves(61, None, seed=0)[0])


def test_slides_are_never_parted() -> None:
    """Whole slides on one side each, as evenly as they allow; one that holds most is alone."""
    slides = np.repeat(["a", "b", "c", "d", "e"], [10, 20, 30, 5, 15])
    for seed in range(5):
        first, second = report.halves(80, slides, seed=seed)
        assert not set(slides[first]) & set(slides[second])
        assert 25 <= len(first) <= 55
    uneven = np.repeat(["a", "b"], [70, 10])
    assert {len(part) for part in report.halves(80, uneven, seed=0)} == {10, 70}


def test_known_slides_are_what_halves_and_intervals_leave_out(real: Images, synthetic: Images) -> None:
    """Six slides a side in the first comparison, twelve in the second."""
    slides = np.array([f"slide-{row % 12:02}" for row in range(60)])
    known = Images(real.source, real.rows, real.labels, real.classes, slides, digest="known")
    alone, against = audited(known, synthetic, side=16).tables
    parts = [by_name(table)[name].numbers[0].parts.sides for table, name in ((alone, "floor"), (against, "clean"))]
    assert [[len(side.values) for side in sides] for sides in parts] == [[6, 6], [12, 20]]


def test_sets_that_cannot_be_audited_are_refused(real: Images, synthetic: Images) -> None:
    """Too few images to halve; no squares."""
    few = real.take(np.arange(23), digest="few")
    with pytest.raises(UserError, match="The real set holds 23 images: expected 24 or more"):
        Sets.of(real=few, synthetic=synthetic, side=None, seed=0)
    three = replace(real, slides=np.array([f"s{row % 3}" for row in range(60)]))
    with pytest.raises(UserError, match="The real set holds 3 slides: expected 4 or more"):
        Sets.of(real=three, synthetic=synthetic, side=None, seed=0)
    flat = Images(
        ArraySource(synthetic.source.pixels[:, :90]), synthetic.rows, synthetic.labels, ("",), None, digest="flat"
    )
    with pytest.raises(UserError, match="The synthetic images are 90 px high and 96 px wide: expected squares"):
        Sets.of(real=real, synthetic=flat, side=None, seed=0)


def test_the_common_size_is_the_smaller_side_unless_told(real: Images, synthetic: Images) -> None:
    """So that nothing is made up by enlarging."""
    small = Images(
        ArraySource(synthetic.source.pixels[:, :40, :40]), synthetic.rows, synthetic.labels, ("",), None, digest="small"
    )
    assert Sets.of(real=real, synthetic=small, side=None, seed=0).side == 40
    assert Sets.of(real=small, synthetic=real, side=None, seed=0).side == 40
    assert Sets.of(real=real, synthetic=small, side=64, seed=0).side == 64
