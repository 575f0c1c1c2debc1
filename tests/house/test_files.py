"""Downloads that are what they should be, or none."""

import hashlib
import http.server
import threading

import pytest

from rnnbook import files

WHOLE = b"the whole file"


@pytest.fixture
def address():
    """Call `address(announced)` for one at which a server tells of so many bytes, sends WHOLE and hangs up."""
    servers = []

    def serve(announced):
        class Answer(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Length", str(announced))
                self.end_headers()
                self.wfile.write(WHOLE)

            def log_message(self, *_):
                pass

        servers.append(http.server.HTTPServer(("127.0.0.1", 0), Answer))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{servers[-1].server_port}/"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("algorithm", ["sha256", "md5"])
def test_a_download_is_the_file_that_is_known(address, algorithm):
    url, digest = address(len(WHOLE)), hashlib.new(algorithm, WHOLE).hexdigest()
    assert files.download(url, digest, algorithm) == WHOLE
    with pytest.raises(ValueError, match="not the file that was known"):
        files.download(url, digest[::-1], algorithm)


def test_a_download_that_breaks_off_is_none(address):
    with pytest.raises(OSError, match="IncompleteRead"):
        files.download(address(len(WHOLE) + 1), hashlib.sha256(WHOLE).hexdigest())
