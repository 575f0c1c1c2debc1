"""Show the built book at an address of this computer, compressed as a public host does."""

import errno
import gzip
from functools import lru_cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from ..errors import CourseError
from .build import ROOT

BOOK = ROOT / "_build" / "html"
COMPRESSED = ("text/", "application/javascript", "application/json", "application/xml", "application/wasm", "image/svg")


@lru_cache(maxsize=64)
def compressed(data):
    """With gzip, once for each content: Python for the page takes more than a second."""
    return gzip.compress(data)


class Handler(SimpleHTTPRequestHandler):
    """Sends text with gzip, and the book's own page where there is none."""

    top = b""  # put at the top of every page

    def do_GET(self):
        path = Path(self.translate_path(self.path))
        if path.is_dir():
            path /= "index.html"
        if not path.is_file():
            path = Path(self.directory) / "404.html"
        data, kind = path.read_bytes(), self.guess_type(str(path))
        if path.suffix == ".html":
            data = data.replace(b"<head>", b"<head>" + self.top, 1)
        self.send_response(404 if path.name == "404.html" else 200)
        if kind.startswith(COMPRESSED):
            data = compressed(data)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args):
        """Nothing: the terminal shows the address alone."""


def server(port, folder=BOOK):
    """A server of `folder` at 127.0.0.1; port 0 takes a free one. Raises `CourseError` where the port cannot be had or there is no book."""
    if not (folder / "index.html").is_file():
        raise CourseError("There is no built book yet: run `make book` first.")
    try:
        return ThreadingHTTPServer(("127.0.0.1", port), partial(Handler, directory=str(folder)))
    except OverflowError:
        raise CourseError(f"There is no port {port}. Choose one from 1024 to 65535: make serve PORT=8000") from None
    except PermissionError:
        raise CourseError(f"Port {port} is kept for the system. Choose another: make serve PORT=8000") from None
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise CourseError(
            f"Port {port} is taken by another program. Choose another: make serve PORT={port + 1}"
        ) from None


def add_serve(parser):
    """The arguments of `serve`; returns what runs it."""
    parser.add_argument("--port", type=int, default=8000, help="default: %(default)s")

    def run(options):
        with server(options.port) as found:
            print(f"The book is at http://localhost:{found.server_port} (Ctrl+C stops).", flush=True)
            try:
                found.serve_forever()
            except KeyboardInterrupt:
                print()

    return run
