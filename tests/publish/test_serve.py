"""The book on this computer: its pages come, and a port that is taken is said so."""

import gzip
import threading
import urllib.request

import pytest

from rnnbook.errors import CourseError
from rnnbook.publish.serve import server


def test_the_book_is_served_and_a_taken_port_named(tmp_path):
    (tmp_path / "index.html").write_text("The book")
    with server(0, tmp_path) as found:
        threading.Thread(target=found.serve_forever, daemon=True).start()
        port = found.server_port
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as answer:
            assert answer.headers["Content-Encoding"] == "gzip" and gzip.decompress(answer.read()) == b"The book"
        with pytest.raises(CourseError, match=f"^Port {port} is taken .* make serve PORT={port + 1}$"):
            server(port, tmp_path)
        found.shutdown()


@pytest.mark.parametrize(
    "port, error, said",
    [
        (99999, None, "There is no port 99999. Choose one from 1024 to 65535: make serve PORT=8000"),
        (
            80,
            PermissionError(13, "Permission denied"),
            "Port 80 is kept for the system. Choose another: make serve PORT=8000",
        ),
    ],
)
def test_a_port_that_cannot_be_had_is_said_so(tmp_path, monkeypatch, port, error, said):
    (tmp_path / "index.html").write_text("The book")
    if error:
        monkeypatch.setattr("socketserver.TCPServer.server_bind", lambda self: (_ for _ in ()).throw(error))
    with pytest.raises(CourseError, match=f"^{said}$"):
        server(port, tmp_path)


def test_there_must_be_a_book(tmp_path):
    with pytest.raises(CourseError, match="^There is no built book yet: run `make book` first.$"):
        server(0, tmp_path)
