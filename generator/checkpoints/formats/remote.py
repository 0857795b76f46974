"""Address of a weight file -> its index, by requests for ranges of bytes: the header alone.

`https://...`, or `hf:org/name[/file][@revision]` on the Hugging Face Hub. At most three requests
are made, with a few redirects each, and no more than a header is read of any answer.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import NamedTuple
from urllib.parse import unquote, urljoin, urlsplit

import httpx2
import msgspec
from huggingface_hub import get_session, hf_hub_url
from huggingface_hub.errors import OfflineModeIsEnabled
from huggingface_hub.utils import build_hf_headers

from generator.checkpoints.formats.files import shown
from generator.checkpoints.formats.folders import SUFFIXES
from generator.checkpoints.formats.index import TensorIndex
from generator.checkpoints.formats.opening import index_of, read_header
from generator.checkpoints.formats.safetensors_header import LONGEST_HEADER
from generator.errors import CheckpointError

# The header of a network of 1,000 tensors takes 150 KB, that of a LoRA with a picture up to 1 MB.
FIRST_REQUEST = 2**20
MOST_REQUESTS = 3
MOST_REDIRECTS = 5
LARGEST_LISTING = 16 * 2**20
TIMEOUT = 20.0
HUB = re.compile(r"hf:(?P<repository>[\w.-]+/[\w.-]+)(?:/(?P<file>[^@]+))?(?:@(?P<revision>.+))?")
RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")
ENDPOINT = "https://huggingface.co"


class _Answer(NamedTuple):
    """Bytes of a file from `start`, and the size of the file (None if it is not told)."""

    content: bytes
    start: int
    size: int | None


class _Sibling(msgspec.Struct, frozen=True):
    rfilename: str


class _Repository(msgspec.Struct, frozen=True):
    """What the Hub says of a repository, as far as it is used."""

    siblings: tuple[_Sibling, ...] = ()


class RemoteFile:
    """A file at an address, read from its start; like `files.WeightFile`.

    Raises:
        CheckpointError: it is not reached, or the answers contradict themselves.
    """

    modified = 0

    def __init__(self, address: str, requests: int = MOST_REQUESTS) -> None:
        self.address = address
        self.path = Path(PurePosixPath(unquote(urlsplit(address).path)).name or "file")
        self._requests = requests
        first = self._ask(0, FIRST_REQUEST)
        if first.size is None:
            raise CheckpointError(address, "no_length")
        self.size = first.size
        self._held = first.content

    def read(self, offset: int, size: int) -> bytes:
        """`size` bytes from `offset`; what was not read yet is asked for at once."""
        stop = offset + size
        if stop > len(self._held):
            if stop > LONGEST_HEADER + FIRST_REQUEST:
                raise CheckpointError(
                    self.address, "too_large", part="header", size=stop, limit=LONGEST_HEADER
                )
            more = self._ask(len(self._held), max(stop, 2 * len(self._held)))
            if more.size != self.size:
                raise CheckpointError(self.address, "changed")
            self._held += more.content[len(self._held) - more.start :]
        if stop > len(self._held):
            raise CheckpointError(self.address, "shrank", offset=len(self._held), size=self.size)
        return self._held[offset:stop]

    def _ask(self, start: int, stop: int) -> _Answer:
        if not self._requests:
            raise CheckpointError(self.address, "requests", limit=MOST_REQUESTS)
        self._requests -= 1
        return _fetch(self.address, start, stop)


def open_remote(name: str) -> TensorIndex:
    """Index the file at the address `name` from its header.

    Raises:
        CheckpointError: it is not reached, or not fully understood.
    """
    address, requests = _address(name)
    file = RemoteFile(address, requests)
    # Only the header is read: what lies behind it, such as notes on a quantisation, is not.
    return index_of(file.path, [read_header(file, 0)], lambda *_: b"")


def _address(name: str) -> tuple[str, int]:
    """The address of a file, and how many requests are left for it."""
    if not name.startswith("hf:"):
        return name, MOST_REQUESTS
    match = HUB.fullmatch(name)
    if match is None:
        raise CheckpointError(name, "hub_name")
    repository, revision = match["repository"], match["revision"] or "main"
    if match["file"]:
        return hf_hub_url(repository, match["file"], revision=revision), MOST_REQUESTS
    (file,) = _weight_files(name, repository, revision)
    return hf_hub_url(repository, file, revision=revision), MOST_REQUESTS - 1


def _weight_files(name: str, repository: str, revision: str) -> list[str]:
    """The only weight file of a repository. Raises `CheckpointError` if there are others."""
    listing = f"{ENDPOINT}/api/models/{repository}/revision/{revision}"
    answer = _fetch(listing, 0, LARGEST_LISTING)
    try:
        siblings = msgspec.json.decode(answer.content, type=_Repository).siblings
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise CheckpointError(name, "not_parsed", part="listing", why=str(error)) from error
    files = [each.rfilename for each in siblings]
    weights = [file for file in files if file.lower().endswith(SUFFIXES)]
    if not weights:
        raise CheckpointError(name, "no_files")
    if len(weights) > 1:
        raise CheckpointError(name, "several_files", count=len(weights))
    return weights


def _fetch(address: str, start: int, stop: int) -> _Answer:
    """Bytes `start` to `stop` of the file at `address`, or fewer if it ends before."""
    headers = {"Range": f"bytes={start}-{stop - 1}", "Accept-Encoding": "identity"}
    try:
        with _following(address, headers) as response:
            return _answer(address, response, start, stop)
    except OfflineModeIsEnabled as error:
        raise CheckpointError(address, "not_reached", why="offline mode is on") from error
    except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError) as error:
        why = shown(str(error) or type(error).__name__)
        raise CheckpointError(address, "not_reached", why=why) from error


@contextmanager
def _following(address: str, headers: Mapping[str, str]) -> Iterator[httpx2.Response]:
    """The answer behind all redirects; the Hub's own headers are for the Hub only."""
    place = address
    for _ in range(MOST_REDIRECTS + 1):
        if urlsplit(place).scheme not in ("https", "http"):
            raise CheckpointError(address, "not_reached", why=f"redirect to {shown(place)}")
        own = build_hf_headers() if place.startswith(f"{ENDPOINT}/") else {}
        with get_session().stream(
            "GET", place, headers={**own, **headers}, follow_redirects=False, timeout=TIMEOUT
        ) as response:
            if not response.has_redirect_location:
                yield response
                return
            place = urljoin(place, response.headers["location"])
    raise CheckpointError(address, "redirects", limit=MOST_REDIRECTS)


def _answer(address: str, response: httpx2.Response, start: int, stop: int) -> _Answer:
    """What an answer holds, with no more than the bytes up to `stop` read."""
    if response.status_code == httpx2.codes.PARTIAL_CONTENT:
        match = RANGE.fullmatch(response.headers.get("content-range", ""))
        if match is None or int(match[1]) != start or int(match[2]) >= int(match[3]):
            raise CheckpointError(address, "bad_value", part="answer", of="Content-Range")
        return _Answer(_read(response, stop - start), start, int(match[3]))
    if response.status_code == httpx2.codes.OK:
        # Ranges are not supported: the file comes from its start.
        length = response.headers.get("content-length", "")
        return _Answer(_read(response, stop), 0, int(length) if length.isdecimal() else None)
    raise CheckpointError(address, "status", status=response.status_code)


def _read(response: httpx2.Response, most: int) -> bytes:
    content = bytearray()
    for part in response.iter_raw():
        content += part
        if len(content) >= most:
            break
    return bytes(content[:most])
