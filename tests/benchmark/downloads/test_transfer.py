"""Bringing a file here from a server that behaves, and from one that does not."""

from __future__ import annotations

import gzip
import hashlib
import socket
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmark.downloads import transfer
from benchmark.downloads.remote import NotFetched, Remote

CONTENT = np.random.default_rng(0).bytes(3_000_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()
FAST = (0.01, 0.01, 0.01)


@pytest.fixture
def remote(mirror: Any) -> Remote:
    """A file of 3 MB whose size and digest are known."""
    mirror.held["/f.gz"] = CONTENT
    return Remote(f"{mirror.address}/f.gz", size=len(CONTENT), digests={"sha256": SHA256})


@pytest.fixture
def part(tmp_path: Path) -> Path:
    """Where it gathers."""
    return tmp_path / "folder" / "f.gz.part"


def test_a_file_comes_whole_and_is_told_of(remote: Remote, part: Path, mirror: Any) -> None:
    """From none to all of its bytes, then its verifying."""
    told: list[tuple[int, int, str]] = []
    transfer.bring(remote, part, told=lambda done, total, note="": told.append((done, total, note)))
    assert part.read_bytes() == CONTENT
    assert mirror.asked == [("/f.gz", None)]
    assert told[0] == (0, len(CONTENT), "fetching f.gz")
    assert told[-2] == (len(CONTENT), len(CONTENT), "fetching f.gz")
    assert told[-1][2] == "verifying f.gz"
    assert [done for done, _, _ in told] == sorted(done for done, _, _ in told)


def test_what_is_there_is_its_beginning(remote: Remote, part: Path, mirror: Any) -> None:
    """Only the rest is asked for; of a whole one nothing."""
    part.parent.mkdir()
    part.write_bytes(CONTENT[:1_234_567])
    transfer.bring(remote, part)
    assert part.read_bytes() == CONTENT
    assert mirror.asked == [("/f.gz", "bytes=1234567-")]
    transfer.bring(remote, part)
    assert len(mirror.asked) == 1


def test_connections_that_are_cut_are_gone_on_from(remote: Remote, part: Path, mirror: Any) -> None:
    """More often than there are pauses, as long as each brings something."""
    mirror.cuts = [300_000] * 8
    transfer.bring(remote, part, pauses=FAST)
    assert part.read_bytes() == CONTENT
    starts = [0 if asked is None else int(asked[6:-1]) for _, asked in mirror.asked]
    assert len(starts) == 9
    assert starts == sorted(set(starts))


def test_a_server_that_gives_only_the_whole_starts_anew(remote: Remote, part: Path, mirror: Any) -> None:
    """What was there is not put in front of it."""
    mirror.ranges = False
    part.parent.mkdir()
    part.write_bytes(CONTENT[:1_000_000])
    transfer.bring(remote, part)
    assert part.read_bytes() == CONTENT
    assert len(mirror.asked) == 1


def test_a_server_that_gives_only_the_whole_and_cuts_it_is_given_up(remote: Remote, part: Path, mirror: Any) -> None:
    """Bytes that came before do not count as progress."""
    mirror.ranges, mirror.cuts = False, [400_000, 300_000] * 10
    with pytest.raises(NotFetched, match=r"f\.gz could not be fetched: the connection to 127\.0\.0\.1:\d+ was cut$"):
        transfer.bring(remote, part, pauses=FAST)
    assert len(mirror.asked) <= 8
    assert part.stat().st_size <= 400_000


@pytest.mark.parametrize("there", [CONTENT[:500_000][::-1], b"\0" * len(CONTENT), CONTENT + b"more"])
def test_a_beginning_that_does_not_belong_to_it_is_thrown_away(
    remote: Remote, part: Path, mirror: Any, there: bytes
) -> None:
    """Of another file, as long as this one, or longer: it is fetched once more, from the start."""
    part.parent.mkdir()
    part.write_bytes(there)
    transfer.bring(remote, part)
    assert part.read_bytes() == CONTENT
    assert mirror.asked[-1] == ("/f.gz", None)


def test_a_wrong_file_is_removed_and_named(remote: Remote, part: Path, mirror: Any) -> None:
    """Of the right size: only its digest tells. It is not fetched twice in vain."""
    mirror.held["/f.gz"] = b"x" + CONTENT[1:]
    with pytest.raises(
        NotFetched, match=rf"f\.gz sent is not .*: sha256 \w{{12}}\.\.\., expected {SHA256[:12]}.* removed$"
    ):
        transfer.bring(remote, part)
    assert not part.exists()
    assert len(mirror.asked) == 1


def test_a_file_of_another_size_is_refused_before_it_comes(remote: Remote, part: Path, mirror: Any) -> None:
    """As a page to log in would be; what was there stays."""
    mirror.held["/f.gz"] = CONTENT[:2_000_000]
    part.parent.mkdir()
    part.write_bytes(CONTENT[:1000])
    with pytest.raises(NotFetched, match=r"has 2,000,000 bytes under this address, expected 3,000,000: it is another"):
        transfer.bring(remote, part)
    assert part.read_bytes() == CONTENT[:1000]


def test_a_file_longer_than_it_should_be_is_not_taken_in(remote: Remote, part: Path, mirror: Any) -> None:
    """From a server that does not tell how long it is."""
    mirror.held["/f.gz"], mirror.tells_length = CONTENT * 5, False
    seen: list[int] = []
    with pytest.raises(NotFetched, match=r"not the file it should be: [\d,]+ bytes, expected 3,000,000"):
        transfer.bring(remote, part, told=lambda done, total, note="": seen.append(done))
    assert not part.exists()
    assert max(seen) < 4_000_000


def test_a_file_cut_short_without_a_length_is_noticed(remote: Remote, part: Path, mirror: Any) -> None:
    """HTTP itself cannot tell; the size that is known does."""
    mirror.tells_length, mirror.cuts = False, [700_000]
    transfer.bring(remote, part, pauses=FAST)
    assert part.read_bytes() == CONTENT
    assert len(mirror.asked) == 2


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_busy_server_is_asked_again(remote: Remote, part: Path, mirror: Any, status: int) -> None:
    """After pauses of growing length, which are told."""
    mirror.answers = [(status, {}), (status, {})]
    notes = []
    transfer.bring(remote, part, told=lambda done, total, note="": notes.append(note), pauses=FAST)
    assert part.read_bytes() == CONTENT
    assert len(mirror.asked) == 3
    assert sum(f"answers {status} " in note and "again in" in note for note in notes) == 2


def test_a_server_that_stays_busy_is_given_up(remote: Remote, part: Path, mirror: Any) -> None:
    """After the last pause, with what it says; at once where it asks for longer than anyone waits."""
    mirror.answers = [(503, {})] * 9
    with pytest.raises(NotFetched, match=r"could not be fetched: 127\.0\.0\.1:\d+ answers 503 Service Unavailable$"):
        transfer.bring(remote, part, pauses=FAST)
    assert len(mirror.asked) == 1 + len(FAST)
    mirror.answers = [(429, {"Retry-After": "3600"})]
    with pytest.raises(NotFetched, match="429 Too Many Requests and asks to wait 3600 s"):
        transfer.bring(remote, part)
    assert len(mirror.asked) == 2 + len(FAST)


def test_what_a_busy_server_asks_for_is_waited(
    remote: Remote, part: Path, mirror: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where that is longer than our own pause."""
    mirror.answers = [(429, {"Retry-After": "7"}), (429, {"Retry-After": "0"})]
    slept: list[float] = []
    monkeypatch.setattr(transfer.time, "sleep", lambda seconds: slept.append(seconds) if seconds else None)
    transfer.bring(remote, part, pauses=(1.0, 2.0))
    assert [seconds for seconds in slept if seconds >= 1] == [7.0, 2.0]


@pytest.mark.parametrize(
    ("status", "says"), [(404, "has no such file (404 Not Found)"), (403, "refuses (403 Forbidden)"), (401, "refuses"),
                         (410, "has no such file"), (400, "does not give it (400 Bad Request)"), (599, "(599)")]
)  # fmt: skip
def test_a_refusal_is_said_at_once(remote: Remote, part: Path, mirror: Any, status: int, says: str) -> None:
    """With its status, for who asked to tell by; nothing is left."""
    mirror.answers = [(status, {})]
    with pytest.raises(NotFetched) as refused:
        transfer.bring(remote, part)
    assert says in str(refused.value)
    assert refused.value.status == status
    assert (len(mirror.asked), part.exists()) == (1, False)


def test_nobody_there_is_said_at_once(part: Path) -> None:
    """No name, no server, no address: no pause is waited for."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # Bound but not listening: whoever connects is refused.
        port = taken.getsockname()[1]
        with pytest.raises(NotFetched, match=rf"fetched: 127\.0\.0\.1:{port} cannot be reached: .*refused"):
            transfer.bring(Remote(f"http://127.0.0.1:{port}/f"), part, pauses=(900,))
    with pytest.raises(NotFetched, match=r"the name nowhere\.invalid is not known here \(no network\?\)$"):
        transfer.bring(Remote("http://nowhere.invalid/f"), part, pauses=(900,))
    with pytest.raises(NotFetched, match=r"cannot be asked for: "):
        transfer.bring(Remote("http://[/f"), part, pauses=(900,))


def test_without_a_digest_pieces_are_not_joined(part: Path, mirror: Any) -> None:
    """Nothing would tell whether they belong together."""
    mirror.held["/f"], mirror.cuts = CONTENT, [900_000]
    part.parent.mkdir()
    part.write_bytes(b"of another file")
    transfer.bring(Remote(f"{mirror.address}/f"), part, pauses=FAST)
    assert part.read_bytes() == CONTENT
    assert mirror.asked == [("/f", None)] * 2


def test_without_a_size_what_is_there_is_gone_on_from(part: Path, mirror: Any) -> None:
    """Whole, in part, or too long, the digest tells."""
    mirror.held["/f"] = CONTENT
    part.parent.mkdir()
    for there in (CONTENT, CONTENT[:-1], CONTENT + b"more"):
        part.write_bytes(there)
        transfer.bring(Remote(f"{mirror.address}/f", digests={"sha256": SHA256}), part)
        assert part.read_bytes() == CONTENT


def test_a_packed_file_stays_packed(part: Path, mirror: Any) -> None:
    """From a server that takes gzip for a way of sending: its size and digest are of the bytes as they lie there."""
    packed = gzip.compress(b"pixels" * 1000)
    mirror.held["/p.gz"], mirror.headers = packed, {"Content-Encoding": "gzip"}
    known = {"sha256": hashlib.sha256(packed).hexdigest()}
    transfer.bring(Remote(f"{mirror.address}/p.gz", size=len(packed), digests=known), part)
    assert part.read_bytes() == packed
