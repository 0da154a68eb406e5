"""How many threads may be used."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from benchmark import threads


@pytest.mark.parametrize(("given", "expected"), [("3", 3), ("16", 16)])
def test_the_environment_decides(monkeypatch, given, expected):
    """OMP_NUM_THREADS is what the numerical libraries follow themselves."""
    monkeypatch.setenv("OMP_NUM_THREADS", given)
    assert threads.count() == expected


@pytest.mark.parametrize("given", ["", "0", "-2", "many", "2,1"])
def test_what_is_no_number_of_threads_is_passed_over(monkeypatch, given):
    """Then the cores given to this process count."""
    monkeypatch.setenv("OMP_NUM_THREADS", given)
    assert threads.count() == len(os.sched_getaffinity(0))


def test_only_cores_given_to_the_process_count():
    """On a shared machine a job has fewer cores than the machine."""
    code = "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))});"
    code += "from benchmark import threads; print(threads.count())"
    environment = {key: value for key, value in os.environ.items() if key != "OMP_NUM_THREADS"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "1"
