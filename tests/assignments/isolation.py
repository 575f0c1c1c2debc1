"""What student code can do to the machine that grades it: attacks, each refused or harmless, as whoever starts this.

    python tests/assignments/isolation.py               as you are
    sudo .venv/bin/python tests/assignments/isolation.py user    as root: the same as an ordinary user

Prints a line an attack and ends with 1 if one of them got through, with 2 where student code cannot be locked away here.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
LIBC = "import ctypes, os, sys\nlibc = ctypes.CDLL(None, use_errno=True)\n"
MARK = f"rnnbook-isolation-{os.getpid()}"

# name: (code that leaves what it reached in `found`, what `found` is where nothing was reached)
REACH = {
    "is root": ("import os\nfound = 0 in os.getresuid() + os.getresgid()", False),
    "has a capability": (
        "found = [line for line in open('/proc/self/status') if line[:6] in ('CapEff', 'CapPrm', 'CapAmb') and int(line[7:], 16)]",
        [],
    ),
    "opens files of /proc and /sys for writing": (
        "import os\nfound = []\nfor top in ('/proc', '/sys'):\n    for folder, _, names in os.walk(top):\n"
        "        for name in names if not folder.endswith('/fd') else ():\n            try:\n"
        "                os.close(os.open(os.path.join(folder, name), os.O_WRONLY | os.O_NONBLOCK))\n"
        "                found.append(os.path.join(folder, name))\n            except OSError: pass",
        [],
    ),
    "writes a kernel setting": (
        "found = []\nfor name in ('kernel/core_pattern', 'vm/overcommit_memory'):\n    try:\n"
        "        text = open('/proc/sys/' + name).read()\n        open('/proc/sys/' + name, 'w').write(text)\n        found.append(name)\n"
        "    except OSError: pass",
        [],
    ),
    "reaches the network": (
        "import socket\nfound = []\nfor place in [('127.0.0.1', {port}), ('192.0.2.1', 80)]:\n    try:\n"
        "        socket.create_connection(place, 2)\n        found.append(place[0])\n    except OSError: pass",
        [],
    ),
    "sees files of the machine": (
        "import os\nfound = [p for p in ('/etc/shadow', '/etc/passwd', {secret!r}, '/var', '/run', '/boot', {book!r}, {here!r}, {reference!r}) if os.path.exists(p)]",
        [],
    ),
    "changes the course or Python": (
        "import os\nfound = []\nfor p in ({package!r}, os.__file__, '/usr/bin/python3'):\n    try:\n"
        "        open(p, 'a').close()\n        found.append(p)\n    except OSError: pass",
        [],
    ),
    "signals the grader": (
        "import os\nfound = []\nfor pid in ({grader}, {parent}):\n    try:\n        os.kill(pid, 0)\n        found.append(pid)\n"
        "    except OSError: pass\nfound = [pid for pid in found if pid != 1]",
        [],
    ),
    "sees other processes": ("import os\nfound = sorted(int(p) for p in os.listdir('/proc') if p.isdigit())[1:]", []),
    "calls what leads out": (
        LIBC
        + 'found = []\nfor call in (\'unshare(0x10000000)\', \'mount(b"none", b"/tmp", b"tmpfs", 0, None)\', \'umount(b"/proc")\','
        " 'ptrace(16, 1, 0, 0)', 'memfd_create(b\"x\", 0)', 'shmget(0, 4096, 0o1600)', 'semget(0, 1, 0o1600)', 'msgget(0, 0o1600)', 'setns(0, 0)', 'setuid(0)', 'chroot(b\"/tmp\")'):\n"
        "    if eval('libc.' + call) >= 0: found.append(call)",
        [],
    ),
    "raises its limits": (
        "import resource\nfound = []\nfor name in ('RLIMIT_DATA', 'RLIMIT_CPU', 'RLIMIT_NPROC', 'RLIMIT_FSIZE'):\n    try:\n"
        "        resource.setrlimit(getattr(resource, name), (resource.RLIM_INFINITY,) * 2)\n        found.append(name)\n"
        "    except (ValueError, OSError): pass",
        [],
    ),
    "starts more than 256 processes": (
        "import os, time\nfound = 0\ntry:\n    while found < 1000:\n        if os.fork() == 0:\n            time.sleep(20)\n            os._exit(0)\n"
        "        found += 1\nexcept OSError: pass\nfound = max(found, 256)",
        256,
    ),
    "fills the disk": (
        "found = 0\ntry:\n    for n in range(10):\n        with open(f'f{n}', 'wb') as file:\n            for _ in range(50):\n"
        "                file.write(bytes(2**20)); found += 1\nexcept OSError: pass\nfound = max(found, 64)",
        64,
    ),
    "leaves a daemon": (
        "import os, subprocess, sys\nif os.fork() == 0:\n    os.setsid()\n"
        "    subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(120)', {mark!r}], start_new_session=True)\n    os._exit(0)\nfound = 0",
        0,
    ),
}
# Code that must be stopped, or refused: memory that no single process holds, or that the kernel holds for it.
STOPPED = {
    "memory of many children": "import os\nfor _ in range(6):\n    if os.fork() == 0:\n        kept = b'x' * 2**27\n        while True: pass\nwhile True: pass",
    "tables of pages that are never written": "import mmap\nm = mmap.mmap(-1, 2**40, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=mmap.PROT_READ)\n"
    "m.madvise(15)\nfor place in range(0, 2**40, 2**21): m[place]",
    "what waits in sockets": "import os, socket\nkept = []\ndef fill():\n    try:\n        while True:\n            kept.append(socket.socketpair())\n"
    "            for one in kept[-1]:\n                one.setblocking(False)\n                try:\n                    while True: one.send(bytes(2**16))\n"
    "                except BlockingIOError: pass\n    except OSError: pass\nfor _ in range(200):\n    if os.fork() == 0:\n        fill()\n"
    "        while True: pass\nwhile True: pass",
    "shared memory": "import mmap\nkept = []\nwhile True:\n    kept.append(mmap.mmap(-1, 2**24))\n    kept[-1].write(b'x' * 2**24)",
    "shared memory given back and yet kept": "import mmap\nkept = []\nwhile True:\n    kept.append(mmap.mmap(-1, 2**24))\n"
    "    kept[-1].write(b'x' * 2**24)\n    kept[-1].madvise(mmap.MADV_DONTNEED)",
    "memory of a device": "import mmap\nkept, file = [], open('/dev/zero', 'r+b')\nwhile True:\n    kept.append(mmap.mmap(file.fileno(), 2**24))\n"
    "    kept[-1].write(b'x' * 2**24)",
    "longer queues in sockets": "import socket\none, _ = socket.socketpair()\none.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2**30)\n"
    "found = one.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)",
    "files in memory": "n = 0\nwhile True:\n    open(f'/dev/shm/{n}', 'wb').write(bytes(2**24)); n += 1",
}


def attack():
    """Run all attacks; returns how many got through."""
    from rnnbook.assignments import box

    through = 0
    with socket.create_server(("127.0.0.1", 0)) as server, tempfile.NamedTemporaryFile(dir=Path.home()) as secret:
        places = {
            "{secret!r}": repr(secret.name),  # a file of whoever grades
            "{port}": server.getsockname()[1],
            "{book!r}": repr(str(ROOT / "book")),
            "{here!r}": repr(str(Path(__file__).resolve())),
            "{reference!r}": repr(str(box.COURSE / "networks" / "reference.py")),  # has many an answer
            "{package!r}": repr(str(box.HERE / "wire.py")),
            "{grader}": os.getpid(),
            "{parent}": os.getppid(),
            "{mark!r}": repr(MARK),
        }
        for name, (code, nothing) in REACH.items():
            for place, value in places.items():
                code = code.replace(place, str(value))
            with box.Sandbox(box.Budget(20, 2**29), isolate=True) as sandbox:
                sandbox.start()
                sandbox.give(20)
                sandbox.ask({"do": "run", "code": code, "name": "x"})
                found = sandbox.ask({"do": "get", "name": "found"})
            through += found != nothing
            print(f"{name}: {'no' if found == nothing else f'YES, {found}'}", flush=True)
    for name, code in STOPPED.items():
        with box.Sandbox(box.Budget(30, 2**29), isolate=True) as sandbox:
            sandbox.start()
            sandbox.give(30)
            try:
                sandbox.ask({"do": "run", "code": code, "name": "x"})
                said = "not stopped"
            except box.Gone as reason:
                said = str(reason)
            except box.StudentError as error:
                said = f"refused, {error.kind}"
        through += said == "not stopped"
        print(f"{name}: {said}", flush=True)
    left = MARK in subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout
    print(f"processes left: {'YES' if left else 'no'}")
    return through + left


def as_user(number=1000):
    """Start this file again as an ordinary user, in a mount namespace where folders that only root may enter can be passed."""
    needed = {ROOT, Path(sys.prefix).resolve(), Path(sys.base_prefix), Path(sys.executable).resolve().parent}
    closed = {p for path in needed for p in path.parents if not p.stat().st_mode & 1}
    lines = ["set -e"]
    for top in sorted(closed, key=lambda p: len(p.parts))[:1]:
        inside = sorted(path for path in needed if top in path.parents)
        lines += [f"mkdir -p /tmp/{MARK}/{i}; mount --bind {path} /tmp/{MARK}/{i}" for i, path in enumerate(inside)]
        lines += [f"mount -t tmpfs -o mode=755 none {top}"]
        lines += [f"mkdir -p {path}; mount --bind /tmp/{MARK}/{i} {path}" for i, path in enumerate(inside)]
    lines += [
        f"exec setpriv --reuid {number} --regid {number} --clear-groups env HOME=/tmp {sys.executable} -B {Path(__file__).resolve()}"
    ]
    try:
        return subprocess.run(["unshare", "--mount", "bash", "-c", "\n".join(lines)], cwd="/").returncode
    finally:
        shutil.rmtree(f"/tmp/{MARK}", ignore_errors=True)


if __name__ == "__main__":
    if sys.argv[1:] == ["user"]:
        sys.exit(as_user())
    from rnnbook.assignments import box

    print(f"started by user {os.geteuid()}")
    if not box.can_isolate():
        sys.exit(2)
    sys.exit(min(attack(), 1))
