"""The process in which student code runs. It runs as a script of its own, `python -I sandbox.py`, and never sees a test.

`launch` puts itself into Linux namespaces of its own (no network, no other process, a file system with nothing but Python and
its packages, read-only), sets limits and starts `serve`, which runs the cells and calls that the grader asks for.
The grader (grade.py) holds the tests, compares the results and decides.
"""

import ctypes
import json
import os
import resource
import shutil
import signal
import socket
import sys
from pathlib import Path

NAMESPACES = 0x10000000 | 0x00020000 | 0x20000000 | 0x40000000 | 0x08000000  # CLONE_NEW… USER, NS, PID, NET, IPC
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = (
    1,
    2,
    4,
    8,
    32,
    4096,
    16384,
    1 << 18,
)
PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38
NOBODY = 65534
SYSTEM = (
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/etc/ld.so.cache",
    "/etc/alternatives",
    "/etc/localtime",
    "/etc/mime.types",
    "/dev/null",
    "/dev/zero",
    "/dev/urandom",
    "/dev/random",
)


def call(function, *arguments):
    """Call a function of the C library; `OSError` where it fails."""
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, function)(*arguments) != 0:
        raise OSError(ctypes.get_errno(), f"{function}: {os.strerror(ctypes.get_errno())}")


def mount(what, where, kind=None, flags=0, options=None):
    text = [None if part is None else os.fsencode(part) for part in (what, where, kind)]
    call("mount", *text, ctypes.c_ulong(flags), None if options is None else options.encode())


def enter_namespaces():
    """Leave the machine's network, processes and mounts behind. Raises `OSError` where the system does not allow it."""
    uid, gid = os.geteuid(), os.getegid()
    call("unshare", NAMESPACES)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{NOBODY} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{NOBODY} {gid} 1")
    mount("none", "/", flags=MS_REC | MS_PRIVATE)


def make_root(root, visible):
    """A file system in memory at `root` that shows only the paths in `visible`, read-only, and empty /tmp and /home."""
    mount("tmpfs", root, "tmpfs", MS_NOSUID | MS_NODEV, "size=256m,mode=755")
    for path in dict.fromkeys([*SYSTEM, *visible]):
        target = Path(root + path)
        if os.path.islink(path) and path in SYSTEM:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(os.readlink(path))
        elif os.path.exists(path) and not target.exists():
            if os.path.isdir(path):
                target.mkdir(parents=True)
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.touch()
            try:
                mount(path, str(target), flags=MS_BIND)
            except OSError:  # mounts below it that may not be uncovered come along
                mount(path, str(target), flags=MS_BIND | MS_REC)
            if not path.startswith("/dev/"):
                kept = os.statvfs(target).f_flag & (MS_NODEV | MS_NOEXEC)
                mount("none", str(target), flags=MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | kept)
    for name in ("proc", "tmp", "home", "dev/shm"):
        Path(root, name).mkdir(parents=True, exist_ok=True)


def limit(settings):
    """Limits on memory, processor time, file size and processes, for this process and what it starts."""
    for kind, value in (
        (resource.RLIMIT_DATA, settings["memory"]),
        (resource.RLIMIT_CPU, settings["seconds"] + 5),
        (resource.RLIMIT_FSIZE, 64 * 2**20),
        (resource.RLIMIT_NOFILE, 256),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(kind)[1]
        value = int(value) if hard == resource.RLIM_INFINITY else min(int(value), hard)
        resource.setrlimit(kind, (value, value))


def launch(settings):
    """Start `serve` behind bars and wait for its end; a SIGTERM, or the grader's death, ends it at once."""
    isolated, linux = settings["isolate"], sys.platform == "linux"
    if linux:
        call("prctl", PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != settings["grader"]:  # it died before the line above
            return 1
        Path("/proc/self/oom_score_adj").write_text("1000")  # when memory runs out, this is what has to go
    if isolated:
        enter_namespaces()
        make_root(settings["root"], settings["visible"])
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        home = settings["root"]
        if isolated:
            try:
                mount("proc", f"{settings['root']}/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
            except OSError:
                pass  # inside some containers; Python does not need it
            os.chroot(settings["root"])
            home = "/home"
        os.chdir(home)
        limit(settings)
        if linux:
            call("prctl", PR_SET_PDEATHSIG, signal.SIGKILL)
            call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        os.environ.update(HOME=home, TMPDIR="/tmp" if isolated else home)
        # A new program without root's number also loses every capability that the namespaces gave.
        os.execv(sys.executable, [sys.executable, "-I", os.path.abspath(__file__), "serve", json.dumps(settings)])
    os.close(settings["channel"])
    signal.signal(signal.SIGTERM, lambda *_: os.kill(child, signal.SIGKILL))
    status = os.waitpid(child, 0)[1]
    if not isolated:
        shutil.rmtree(settings["root"], ignore_errors=True)
    return os.waitstatus_to_exitcode(status) % 256


def serve(settings):
    """Run cells, look up names, read attributes and call functions, as asked, until the grader hangs up."""
    sys.path[:0] = [str(Path(__file__).parent)]
    import wire

    sys.path.pop(0)
    sys.path += [path for path in settings["paths"] if path not in sys.path]
    import types

    main = sys.modules["__main__"] = types.ModuleType("__main__")
    main.__dict__.update(display=lambda *values, **options: None, get_ipython=lambda: None)
    objects = []
    channel = socket.socket(fileno=settings["channel"])

    def keep(value):
        objects.append(value)
        return len(objects) - 1

    def answer(request):
        what = request["do"]
        if what == "run":
            exec(compile(request["code"], f"<{request['name']}>", "exec"), main.__dict__)
            return None
        if what == "get":
            if request["name"] not in main.__dict__:
                raise NameError(f"{request['name']} is not defined")
            return main.__dict__[request["name"]]
        target = objects[request["of"]]
        if what == "read":
            return getattr(target, request["name"])
        arguments, named = wire.decode(request["arguments"], lambda number, _: objects[number])
        return target(*arguments, **named)

    wire.send(channel, {"id": 0, "value": None})
    while True:
        try:
            request = wire.receive(channel)
        except EOFError:
            return 0
        try:
            reply = {"id": request["id"], "value": wire.encode(answer(request), keep)}
        except BaseException as error:  # SystemExit, too, is only an answer's mistake
            reply = {"id": request["id"], "error": [type(error).__name__, str(error)[:2000]]}
        try:
            wire.send(channel, reply)
        except ValueError as error:  # too large a value
            wire.send(channel, {"id": request["id"], "error": ["ValueError", str(error)[:2000]]})


if __name__ == "__main__":
    sys.exit({"launch": launch, "serve": serve}[sys.argv[1]](json.loads(sys.argv[2])))
