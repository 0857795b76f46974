"""Headers of files at addresses: few requests, few bytes, and one clear reason of each refusal."""

import contextlib
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from safetensors.numpy import save

from generator.checkpoints.formats import remote
from generator.checkpoints.formats.opening import open_checkpoint
from generator.errors import CheckpointError
from generator.text.coded import error_text

MATRIX = {"lora_unet_x.lora_down.weight": np.ones((4, 768), np.float32)}
SMALL = save(MATRIX, {"title": "x"})
LONG = save(MATRIX, {"picture": "x" * (3 << 20)})
PAYLOAD = save({f"blocks.{n}.weight": np.zeros((1024, 1024), np.float32) for n in range(2)})


class Handler(BaseHTTPRequestHandler):
    """Serves what the server holds by path; counts requests, and bytes that were sent."""

    def do_GET(self):
        self.server.requests += 1
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.answer(self.path.strip("/"))

    def answer(self, name):
        content = self.server.contents.get(name.rpartition("/")[2], b"")
        asked = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers["Range"])
        start, stop = int(asked[1]), min(int(asked[2]) + 1, len(content))
        if name.startswith("redirect"):
            hops = int(name.split("/")[1])
            self.reply(302, {"Location": f"/redirect/{hops - 1}" if hops else "/range/small"})
        elif name.startswith("elsewhere"):
            self.reply(302, {"Location": "file:///etc/passwd"})
        elif name.startswith("whole"):
            self.reply(200, {"Content-Length": len(content)}, content)
        elif name.startswith("unsized"):
            self.reply(200, {}, content)
        elif name.startswith("unranged"):
            self.reply(206, {}, content)
        elif name.startswith("other-range"):
            self.reply(206, {"Content-Range": f"bytes 5-9/{len(content)}"}, content[5:10])
        elif name.startswith("short"):
            span = f"bytes {start}-{stop - 1}/{len(content)}"
            self.reply(206, {"Content-Range": span}, content[start : start + 20])
        elif name.startswith("endless"):
            self.reply(206, {"Content-Range": f"bytes {start}-{stop - 1}/{10**12}"}, content * 9)
        elif name.startswith("range") and content:
            span = f"bytes {start}-{stop - 1}/{len(content)}"
            self.reply(206, {"Content-Range": span}, content[start:stop])
        else:
            self.reply(404, {})

    def reply(self, status, headers, content=b""):
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, str(value))
        self.end_headers()
        for first in range(0, len(content), 65536):
            self.wfile.write(content[first : first + 65536])
            self.server.sent += len(content[first : first + 65536])

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def server():
    contents = {"small": SMALL, "long": LONG, "payload": PAYLOAD, "other": b"<html>no</html>"}
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.contents, server.requests, server.sent = contents, 0, 0
        server.block_on_close = False
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def ask(server):
    def ask(path):
        server.requests = server.sent = 0
        return remote.open_remote(f"http://127.0.0.1:{server.server_port}/{path}")

    return ask


@pytest.mark.parametrize("way", ["range", "whole"])
@pytest.mark.parametrize(("name", "requests"), [("small", 1), ("long", 2), ("payload", 1)])
def test_the_index_is_that_of_the_file(way, name, requests, ask, server, tmp_path):
    (tmp_path / "a.safetensors").write_bytes(server.contents[name])
    index = ask(f"{way}/{name}")
    local = open_checkpoint(tmp_path / "a.safetensors")
    assert (index.tensors, index.metadata) == (local.tensors, local.metadata)
    assert index.files[0].size == len(server.contents[name])
    assert server.requests == requests
    if way == "range":
        assert server.sent <= max(remote.FIRST_REQUEST, 2 * (3 << 20))


def test_redirects_are_followed_a_few_times(ask):
    assert len(ask(f"redirect/{remote.MOST_REDIRECTS - 1}").tensors) == 1
    with pytest.raises(CheckpointError, match="redirects"):
        ask(f"redirect/{remote.MOST_REDIRECTS}")


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("nowhere/small", "status"),
        ("elsewhere/small", "not_reached"),
        ("unsized/small", "no_length"),
        ("other-range/small", "bad_value"),
        ("unranged/small", "bad_value"),
        ("short/small", "shrank"),
        ("endless/small", "trailing"),
        ("range/other", "not_weights"),
        ("range/empty", "status"),
    ],
)
def test_refusals(path, code, ask, server):
    with pytest.raises(CheckpointError) as caught:
        ask(path)
    assert caught.value.code == code
    assert "\n" not in error_text(caught.value)
    assert server.requests <= remote.MOST_REQUESTS


@pytest.mark.parametrize("most", [1, 2, 3])
def test_a_file_is_asked_for_no_more_often_than_allowed(most, server):
    address = f"http://127.0.0.1:{server.server_port}/range/payload"
    server.requests = 0
    file = remote.RemoteFile(address, most)
    content, held = server.contents["payload"], remote.FIRST_REQUEST
    for _ in range(most - 1):
        assert file.read(held, 1) == content[held : held + 1]
        held *= 2
    with pytest.raises(CheckpointError) as caught:
        file.read(held, 1)
    assert (caught.value.code, caught.value.subject) == ("requests", address)
    assert server.requests == most


def test_without_a_network_there_is_one_line():
    with pytest.raises(CheckpointError) as caught:
        remote.open_remote("http://127.0.0.1:1/a.safetensors")
    assert caught.value.code == "not_reached"
    assert "\n" not in error_text(caught.value)


def test_names_on_the_hub(monkeypatch):
    asked = []

    def fetch(address, start, stop):
        asked.append(address)
        listed = b'{"siblings": [{"rfilename": "README.md"}, {"rfilename": "x.safetensors"}]}'
        content = listed if "/api/" in address else SMALL
        return remote._Answer(content[start:stop], start, len(content))

    monkeypatch.setattr(remote, "_fetch", fetch)
    assert remote.open_remote("hf:some-org/name/sub/a.safetensors@v1").path.name == "a.safetensors"
    assert asked.pop().endswith("/some-org/name/resolve/v1/sub/a.safetensors")
    remote.open_remote("hf:some-org/name")
    assert asked[0].endswith("/api/models/some-org/name/revision/main")
    assert asked[1].endswith("/some-org/name/resolve/main/x.safetensors")
    with pytest.raises(CheckpointError) as caught:
        remote.open_remote("hf:name")
    assert caught.value.code == "hub_name"
