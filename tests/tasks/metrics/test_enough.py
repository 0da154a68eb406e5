"""N_min: the rules, and that pages and tasks know of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tasks import coverage, fidelity
from tasks.metrics import enough, frechet, kernel_subsets, prdc
from tasks.metrics.enough import RULES, shortfall

PAGE = Path(__file__).resolve().parents[3] / "docs" / "numbers.md"


@pytest.mark.parametrize(
    ("metric", "width", "least"),
    [("fd", 6, 7), ("fd-infinity", 6, 24), ("kd", 6, 50), ("kd-subsets", 6, 1000), ("coverage-k5", 2048, 300)],
)
def test_one_row_less_is_too_few_on_either_side(metric, width, least):
    """The reason tells N, N_min and what is wrong; that metric's own words."""
    assert shortfall(metric, n={"real": least, "synthetic": least}, width=width) is None
    for n in ({"real": least - 1, "synthetic": 5000}, {"real": 5000, "synthetic": least - 1}):
        reason = shortfall(metric, n=n, width=width)
        assert reason.startswith(f"N = {least - 1} is below N_min = {least}")
        assert reason.endswith(f": {RULES[metric].below}")


def test_rules_that_depend_on_the_width_say_how():
    """As a formula."""
    assert {rule.words for rule in RULES.values()} == {"D + 1", "4 D", "50", "300", "1000"}
    assert "N_min = 24 (4 D): " in shortfall("fd-infinity", n={"real": 9}, width=6)
    assert "N_min = 50: " in shortfall("kd", n={"real": 9}, width=6)


def test_one_without_a_rule_has_enough():
    """Beyond what it needs to be computed."""
    assert shortfall("auc-tstr", n={"synthetic": 1}, width=6) is None


def test_rules_are_those_of_the_definitions():
    """Full rank; the protocol's subsets; above what the neighbors of two halves need."""
    for rows in (5, 6, 7, 8):
        deficient = frechet.rank_deficient(real_rows=rows, synthetic_rows=9, width=6)
        assert deficient is (shortfall("fd", n={"real": rows, "synthetic": 9}, width=6) is not None)
    assert RULES["kd-subsets"].rows == kernel_subsets.REFERENCE_SUBSET_SIZE
    assert RULES["density-k5"].rows > 2 * (prdc.DEFAULT_K + 1)


def test_metrics_of_the_tasks_have_rules_and_the_limit_alone_is_refused():
    """Those that compare sets of features."""
    names = {metric.name for task in (fidelity.Fidelity, coverage.Coverage) for metric in task.metrics}
    assert names <= set(RULES)
    assert [name for name, rule in RULES.items() if rule.refused] == ["fd-infinity"]


def test_the_page_has_every_rule():
    """One row of its table a rule, with the formula and what it rests on."""
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    for name, rule in RULES.items():
        formula = f"{rule.rows:,}" if not rule.a_column else rule.words
        assert any(f"`{name}`" in row and f"| {formula} | {rule.basis} |" in row for row in rows), name


def test_what_a_rule_rests_on_is_one_of_three():
    """As the module says."""
    assert {rule.basis for rule in RULES.values()} == set(enough.Basis.__args__)
