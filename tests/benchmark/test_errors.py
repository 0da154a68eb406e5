"""Messages to users: the nearest name, text that cannot drive a terminal, exit codes that scripts rely on."""

from __future__ import annotations

import errno

from benchmark import errors


def test_the_nearest_name_comes_first():
    """A typing mistake is answered with the name meant; all others are listed in order."""
    assert errors.nearest("dmeo", ["pcam-full", "demo"]) == "Did you mean 'demo'? Known: demo, pcam-full."
    assert errors.nearest("xyzzy", ["pcam-full", "demo"]) == "Known: demo, pcam-full."
    assert errors.nearest("x", []) == "Known: (none)."


def test_exit_codes_are_a_promise():
    """Scripts compare numbers."""
    assert [int(code) for code in errors.ExitCode] == [0, 1, 2, 3, 130]


def test_plain_text_cannot_drive_a_terminal():
    """C0 and C1 controls, bidirectional overrides; letters of all scripts and line ends stay."""
    assert errors.plain("a\x1b[31m\x07\x9b2J\u202eb\r\né漢\t") == "a[31m2Jb\né漢"


def test_a_full_disk_is_told_from_other_errors():
    """Quota counts as full; a missing file does not."""
    assert errors.is_full(OSError(errno.ENOSPC, "full"))
    assert errors.is_full(OSError(errno.EDQUOT, "quota"))
    assert not errors.is_full(FileNotFoundError(errno.ENOENT, "none"))
    assert not errors.is_full(ValueError(errno.ENOSPC))
