"""How a cell can fail."""

from __future__ import annotations

import errno
import json
import os

import pytest

from benchmark.errors import Diverged, UserError
from benchmark.execution import failures


class Exploded(Diverged):
    """An author's own kind of divergence."""


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (Diverged("loss is nan"), "diverged"),
        (Exploded("loss is inf"), "diverged"),
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), "no-space"),
        (OSError(errno.EDQUOT, os.strerror(errno.EDQUOT)), "no-space"),
        (OSError(errno.EIO, os.strerror(errno.EIO)), "failed"),
        (OSError("no space left on device"), "failed"),
        (failures.ContractFault("too few"), "failed"),
        (UserError("a mistake"), "failed"),
        (MemoryError(), "failed"),
    ],
)
def test_the_status_tells_what_the_user_can_do(error, expected):
    """Another learning rate, another disk, or a look at the message."""
    assert failures.status_of(error) == expected


def test_an_error_is_told_by_kind_and_message():
    """As it reads in a traceback's last line."""
    assert failures.describe(ValueError("größer als 3")) == "ValueError: größer als 3"
    assert failures.describe(MemoryError()) == "MemoryError: "
    assert failures.describe(SystemExit(3)) == "its code ended the process with status 3"


def caught(work) -> Exception:
    """Return what some work raises, with its traceback."""
    try:
        work()
    except Exception as error:
        return error
    raise AssertionError("nothing was raised")


def errors_of_the_engine(error: Exception) -> None:
    raise error


def test_the_place_in_an_author_s_code_is_named():
    """His own line, also where a library that he called raised the error."""

    def mine():
        json.loads("{")

    line = mine.__code__.co_firstlineno + 1
    assert failures.describe(caught(mine)).endswith(f" (test_failures.py, line {line}, in mine)")


def test_what_the_engine_found_itself_has_no_place():
    """Neither where it raised it, nor where an author's code asked it for something."""
    asked = failures.describe(caught(lambda: errors_of_the_engine(UserError("no such thing"))))
    found = failures.describe(caught(lambda: errors_of_the_engine(failures.ContractFault("too few"))))
    assert (asked, found) == ("UserError: no such thing", "ContractFault: too few")


def test_a_message_with_bytes_that_are_no_text_can_be_written():
    """The name of a file may be any bytes; Python carries them as surrogates, which UTF-8 refuses."""
    told = failures.describe(FileNotFoundError(os.fsdecode(b"caf\xe9.bin")))
    assert told == r"FileNotFoundError: caf\udce9.bin"
    assert json.loads(json.dumps(told, ensure_ascii=False).encode()) == told
