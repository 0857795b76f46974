"""A built site -> served on this machine for as long as it is looked at."""

import functools
import http.server
import io
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SEARCH = "/search/search_index.json"


class Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


class WithoutSearch(Handler):
    """Nothing is found in this site: to index all it says takes a third of the time of a page."""

    def send_head(self):
        if self.path != SEARCH:
            return super().send_head()
        index = json.loads(Path(self.translate_path(self.path)).read_bytes())
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        return io.BytesIO(json.dumps(index | {"docs": []}).encode())


@contextmanager
def serving(site: Path, kind: type[Handler] = WithoutSearch) -> Iterator[str]:
    """Address of the served site, with a slash at its end."""
    handler = functools.partial(kind, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
