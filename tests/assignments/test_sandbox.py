"""What student code can reach: nothing but Python, its packages and an empty folder."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from rnnbook.assignments import grade


@pytest.fixture(scope="module")
def inside(isolate, first):
    """Runs code in a sandbox and returns the value of its variable `found`."""
    if not isolate:
        pytest.skip("NO ISOLATION TESTED: this system has no Linux namespaces for this user")

    def run(code, **limits):
        with grade.Sandbox(**{"seconds": 20, "memory": 2**30, "isolate": True} | limits) as sandbox:
            sandbox.start()
            sandbox.give(10)
            sandbox.ask({"do": "run", "code": code, "name": "answer"})
            return sandbox.ask({"do": "get", "name": "found"})

    return run


def test_no_network(inside):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        found = inside(
            f"import socket\ntry:\n    socket.create_connection(('127.0.0.1', {port}), 2)\n    found = 'open'\n"
            "except OSError as error:\n    found = type(error).__name__"
        )
    assert found == "OSError" or found.endswith("Error")


def test_no_other_file(inside, first, tmp_path):
    (tmp_path / "other.ipynb").write_text("another student's work")
    paths = [
        str(first / "autograder.zip"),
        str(tmp_path / "other.ipynb"),
        str(grade.HERE.parents[1] / "book"),
        "/etc/shadow",
        "/etc/passwd",
    ]
    assert inside(f"import os\nfound = [p for p in {paths!r} if os.path.exists(p)]") == []
    # Python and its packages are there to be read, also where they lie below one of these folders.
    own = {Path(p).parts[2] for p in (sys.prefix, sys.base_prefix, grade.HERE) if Path(p).parts[1] in ("tmp", "home")}
    assert set(inside("import os\nfound = sorted(os.listdir('.') + os.listdir('/tmp') + os.listdir('/home'))")) <= own


def test_nothing_can_be_changed(inside):
    package = str(grade.HERE / "planted.py")
    assert (
        inside(
            f"try:\n    open({package!r}, 'w')\n    found = 'written'\nexcept OSError as error:\n    found = 'refused'"
        )
        == "refused"
    )
    assert not os.path.exists(package)


def test_no_other_process(inside):
    outside = {os.getpid(), os.getppid()} - {1}  # the sandbox has a process 1 of its own
    found = inside(
        f"import os\nfound = []\nfor pid in {outside}:\n    try:\n        os.kill(pid, 0)\n"
        "        found.append(pid)\n    except OSError:\n        pass\nfound += [p for p in os.listdir('/proc') if p.isdigit() and p != '1']"
    )
    assert found == []


def test_no_power(inside):
    """No capability is left, and none can be had."""
    found = inside("""import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
found = [libc.unshare(0x10000000), libc.mount(b"none", b"/tmp", b"tmpfs", 0, None), os.getuid()]
try:
    os.chroot("/tmp"); found.append("chroot")
except OSError:
    pass
""")
    assert found == [-1, -1, 65534]


def test_leaves_no_process(inside):
    marker = f"rnnbook-left-over-{os.getpid()}"
    inside(
        f"import subprocess, sys\nfor _ in range(3):\n    subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)', {marker!r}],"
        " start_new_session=True)\nfound = 0"
    )
    assert marker not in subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout


def test_limits(inside):
    assert (
        inside(
            "try:\n    x = bytearray(2**30)\n    found = 'had it'\nexcept MemoryError:\n    found = 'refused'",
            memory=2**29,
        )
        == "refused"
    )
    assert (
        inside("""try:
    with open('big', 'wb') as file:
        for _ in range(100): file.write(bytes(2**20))
    found = 'written'
except OSError:
    found = 'refused'""")
        == "refused"
    )
