"""Weights: where they are looked for, how they are fetched, and that a wrong file is never used."""

from __future__ import annotations

import hashlib
import http.server
import json
import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import yaml

from benchmark import digests
from benchmark.errors import UserError
from benchmark.registry import pretrained
from benchmark.registry.extractors import Extractors
from benchmark.registry.pretrained import Found
from benchmark.registry.weights import Wanted, Weights

COMMIT = "0123456789abcdef0123456789abcdef01234567"
BYTES = b"tensors" * 1000
SHA256 = hashlib.sha256(BYTES).hexdigest()


@pytest.fixture(autouse=True)
def _empty_homes(tmp_path, monkeypatch):
    """No weights of this machine's user are found."""
    monkeypatch.setenv("BENCH_WEIGHTS", str(tmp_path / "weights"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))


@pytest.fixture
def listed(tmp_path):
    """An extractor whose entry stands in a file of the user's own."""

    def made(**wanted):
        known = Extractors()
        known.add("net", {"extractor": "a:B", "weights": wanted}, origin="mine.yaml", folder=tmp_path)
        return known.get("net").wanted[0]

    return made


@pytest.fixture
def served(tmp_path):
    """A web server of one's own: its address, what it holds by path, and what was asked of it."""

    class Handler(http.server.BaseHTTPRequestHandler):
        held: dict[str, bytes] = {}
        asked: list[str] = []

        def do_HEAD(self):
            self._answer(body=False)

        def do_GET(self):
            self._answer(body=True)

        def _answer(self, *, body):
            path = self.path.split("?")[0]
            type(self).asked.append(path)
            content = type(self).held.get(path)
            self.send_response(200 if content is not None else 404)
            self.send_header("Content-Length", str(len(content or b"")))
            self.send_header("ETag", f'"{hashlib.sha1(content or b"").hexdigest()}"')
            self.send_header("X-Repo-Commit", COMMIT)
            self.send_header(
                "Content-Type", "application/json" if path.startswith("/api") else "application/octet-stream"
            )
            self.end_headers()
            if body:
                self.wfile.write(content or b"")

        def log_message(self, *arguments):
            pass

    Handler.held, Handler.asked = {}, []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", Handler
    server.shutdown()
    server.server_close()


def test_an_entrys_own_path_is_all_that_is_looked_at(listed, tmp_path):
    """A file, a folder with the files named, or all of a folder but notes and code; nothing there is an error."""
    (tmp_path / "w").mkdir()
    for name in ("net.pth", "config.json", "README.md", "code.py", ".hidden"):
        (tmp_path / "w" / name).write_bytes(BYTES)
    assert pretrained.find(listed(path="w/net.pth")) == Found(tmp_path / "w", ("net.pth",), is_file=True)
    assert pretrained.find(listed(path="w", files=["net.pth"])) == Found(tmp_path / "w", ("net.pth",))
    assert pretrained.find(listed(path="w")) == Found(tmp_path / "w", ("config.json", "net.pth"))
    with pytest.raises(UserError, match=r"'net' of mine\.yaml: expected other\.pth at .*/w"):
        pretrained.find(listed(path="w", files=["other.pth"]))
    with pytest.raises(UserError, match="expected a file, or a folder that is not empty at .*/gone"):
        pretrained.find(listed(path="gone", hub="a/b", revision=COMMIT))


def test_a_file_is_found_where_others_keep_it(listed, tmp_path):
    """In the folder for weights first, then in PyTorch's cache, where torch-fidelity has put it."""
    one = listed(url="http://x.invalid/net-1.pth", files=["net-1.pth"])
    assert pretrained.find(one) is None
    cache = tmp_path / "torch" / "hub" / "checkpoints"
    cache.mkdir(parents=True)
    (cache / "net-1.pth").write_bytes(BYTES)
    assert pretrained.find(one) == Found(cache, ("net-1.pth",))
    own = tmp_path / "weights" / "net-1"
    own.mkdir(parents=True)
    (own / "net-1.pth").write_bytes(BYTES)
    assert pretrained.find(one) == Found(own, ("net-1.pth",))
    assert pretrained.place_for(one.weights) == own


def test_a_repository_that_lacks_a_file_is_not_there(listed, tmp_path):
    """Half a download is none."""
    one = listed(hub="toy/net", revision=COMMIT, files=["config.json", "model.safetensors"])
    place = tmp_path / "weights" / "toy--net"
    place.mkdir(parents=True)
    (place / "config.json").write_text("{}")
    assert pretrained.find(one) is None
    (place / "model.safetensors").write_bytes(BYTES)
    assert pretrained.find(one) == Found(place, ("config.json", "model.safetensors"))


def test_a_file_of_another_digest_is_refused(listed, tmp_path):
    """With both digests, the file's place and what to do."""
    one = listed(path="net.pth", sha256={"net.pth": SHA256})
    (tmp_path / "net.pth").write_bytes(BYTES)
    found = pretrained.find(one)
    pretrained.verify(one, found.digests(digests.of_file), found.folder)
    (tmp_path / "net.pth").write_bytes(b"x" + BYTES[1:])
    with pytest.raises(UserError, match=rf"net\.pth has the sha256 .*, expected {SHA256[:12]}.*damaged, or another"):
        pretrained.verify(one, found.digests(digests.of_file), found.folder)
    with pytest.raises(UserError, match=r"has no 'net\.pth', whose digest is known"):
        pretrained.verify(one, {}, found.folder)


def test_a_file_is_fetched_whole_or_not_at_all(listed, served, tmp_path):
    """What the server sends is verified before it stands in its place; what is there is not fetched again."""
    address, server = served
    server.held["/net-1.pth"] = BYTES
    one = listed(url=f"{address}/net-1.pth", files=["net-1.pth"], sha256={"net-1.pth": SHA256})
    found = pretrained.fetch(one)
    assert found == Found(tmp_path / "weights" / "net-1", ("net-1.pth",))
    assert (found.folder / "net-1.pth").read_bytes() == BYTES
    assert pretrained.fetch(one) == found
    assert server.asked == ["/net-1.pth"]
    server.held["/net-2.pth"] = BYTES[:-1]
    other = listed(url=f"{address}/net-2.pth", files=["net-2.pth"], sha256={"net-2.pth": SHA256})
    with pytest.raises(UserError, match=r"net-2\.pth sent is not the file it should be: sha256 .*It was removed"):
        pretrained.fetch(other)
    assert list((tmp_path / "weights" / "net-2").iterdir()) == []
    gone = listed(url=f"{address}/gone.pth", files=["gone.pth"])
    with pytest.raises(
        UserError, match=r"gone\.pth: 127\.0\.0\.1:\d+ has no such file \(404 Not Found\).*put it into .*/weights/gone"
    ):
        pretrained.fetch(gone)


def test_what_is_missing_is_said_with_the_way_to_get_it(listed, tmp_path):
    """The command, the place, and who may be asked."""
    one = listed(hub="toy/net", revision=COMMIT, files=["config.json"], access="Ask Ada.")
    assert str(pretrained.missing(one)) == (
        "Extractor 'net' needs weights that are not on this machine. `bench weights fetch net`, without --offline, brings "
        f"them from toy/net at 0123456, or put config.json into {tmp_path / 'weights' / 'toy--net'}. Ask Ada."
    )


def test_a_hub_is_asked_for_the_commit_and_never_offline(served, tmp_path):
    """A real client and a server that speaks the hub's language, in a process of its own with an empty home."""
    address, server = served
    config, tensors = b'{"model_type": "toy"}', BYTES
    tree = [{"type": "file", "path": name, "size": len(content), "oid": hashlib.sha1(content).hexdigest()}
            for name, content in (("config.json", config), ("model.safetensors", tensors), ("evil.bin", b"x"))]  # fmt: skip
    server.held[f"/api/models/toy/net/tree/{COMMIT}"] = json.dumps(tree).encode()
    server.held[f"/api/models/toy/net/revision/{COMMIT}"] = json.dumps(
        {"id": "toy/net", "sha": COMMIT, "siblings": [{"rfilename": one["path"]} for one in tree]}
    ).encode()
    for name, content in (("config.json", config), ("model.safetensors", tensors), ("evil.bin", b"x")):
        server.held[f"/toy/net/resolve/{COMMIT}/{name}"] = content
    entry = {
        "extractor": "a:B",
        "weights": {
            "hub": "toy/net",
            "revision": COMMIT,
            "files": ["config.json", "model.safetensors"],
            "sha256": {"model.safetensors": SHA256},
        },
    }
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump({"extractors": {"net": entry}}))
    environment = {**os.environ, "HF_ENDPOINT": address, "HF_HOME": str(tmp_path / "hf"), "HOME": str(tmp_path)}
    environment.pop("HF_HUB_OFFLINE", None)

    def fetch(*words):
        command = [sys.executable, "-m", "benchmark.cli.main", "weights", "fetch", "net", "--registry", "mine.yaml"]
        return subprocess.run(
            [*command, "--json", *words], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120
        )

    refused = fetch("--offline")
    assert (refused.returncode, server.asked) == (2, [])
    assert "needs weights that are not on this machine" in refused.stderr
    done = fetch()
    assert done.returncode == 0, done.stderr
    rows = {Path(row["file"]).name: row["sha256"] for row in json.loads(done.stdout)}
    assert rows == {"config.json": hashlib.sha256(config).hexdigest(), "model.safetensors": SHA256}
    assert not any("evil" in path for path in server.asked if "resolve" in path)
    asked = len(server.asked)
    again = fetch("--offline")
    assert (again.returncode, len(server.asked)) == (0, asked), again.stderr
    assert json.loads(again.stdout) == json.loads(done.stdout)


@pytest.mark.parametrize("kind", ["extractor", "variant"])
def test_a_folder_of_a_package_is_found_without_importing_it(tmp_path, monkeypatch, kind):
    """It lies beside the package's modules."""
    package = tmp_path / "weights_pack"
    (package / "net").mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('imported')")
    (package / "net" / "a.bin").write_bytes(b"1")
    monkeypatch.syspath_prepend(tmp_path)
    wanted = Wanted(kind, "x", None, Weights(path="package:weights_pack/net"), "mine.yaml", Path("/nowhere"))
    assert pretrained.find(wanted) == Found(package / "net", ("a.bin",))


def test_a_name_of_the_hub_alone_is_told_what_it_lacks(listed):
    """It is taken for a path; which commit and which files is not guessed."""
    with pytest.raises(
        UserError, match="If toy/net is on the hub, write 'hub: toy/net' with 'revision' and 'files' below"
    ):
        pretrained.find(listed(path="toy/net"))


def test_what_a_downloader_notes_for_itself_does_not_count(listed, tmp_path):
    """In hidden folders, at any depth."""
    for name in (".cache/huggingface/net.metadata", "unet/.lock", "unet/net.bin"):
        (tmp_path / "w" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "w" / name).write_bytes(b"1")
    assert pretrained.find(listed(path="w")) == Found(tmp_path / "w", ("unet/net.bin",))


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        (403, {"X-Error-Code": "GatedRepo"}, "toy/net is not open to all. Ask Ada."),
        (404, {"X-Error-Code": "RevisionNotFound"}, "toy/net at 0123456 could not be fetched: .*Ask Ada."),
    ],
)
def test_a_hub_that_refuses_is_answered_with_what_to_do(tmp_path, status, headers, expected):
    """Gated, or gone: one message, no traceback, from a real client and a real server."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(status)
            for key, value in {**headers, "X-Error-Message": "no", "Content-Length": "0"}.items():
                self.send_header(key, value)
            self.end_headers()

        def do_HEAD(self):
            self.do_GET()

        def log_message(self, *arguments):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    weights = {"hub": "toy/net", "revision": COMMIT, "files": ["config.json"], "access": "Ask Ada."}
    entry = {"generator": "a:B", "summary": "x", "weights": {"base": weights}}
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump({"mine": entry}))
    environment = {**os.environ, "HF_ENDPOINT": f"http://127.0.0.1:{server.server_port}", "HF_HOME": str(tmp_path)}
    environment.pop("HF_HUB_OFFLINE", None)
    command = [sys.executable, "-m", "benchmark.cli.main", "weights", "fetch", "mine", "--registry", "mine.yaml"]
    said = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120)
    server.shutdown()
    server.server_close()
    assert said.returncode == 2
    assert "Traceback" not in said.stderr
    assert re.search(f"Variant 'mine', weights 'base': {expected}", said.stderr.replace("\n", " ")), said.stderr
