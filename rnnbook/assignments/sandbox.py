"""The cage in which student code runs. `python -I sandbox.py launch` closes it and starts serve.py inside; it never sees a test.

It gives up root, enters Linux namespaces of its own (no network, no other process, a file system with nothing but Python
and its packages, read-only), sets limits and refuses the kernel's dangerous calls. The grader watches it from outside (box.py).
"""

import contextlib
import ctypes
import json
import os
import resource
import shutil
import signal
import sys
from pathlib import Path

NEW_NS, NEW_USER, NEW_PID, NEW_NET, NEW_IPC = 0x00020000, 0x10000000, 0x20000000, 0x40000000, 0x08000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 32, 4096, 16384, 1 << 18
MNT_DETACH = 2
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
NOBODY = 65534
FIRST_UID = (
    1_900_000_000  # each sandbox of a grader that is root gets a user of its own, so that limits are its own, too
)
PROCESSES = 256  # and threads; TensorFlow alone starts several for each core
SCRATCH = 64 * 2**20  # bytes in files
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
    "/dev/null",  # not /dev/zero, which mapped is memory of no process
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
    """Leave the machine's network, processes and mounts behind. Raises `OSError` where the system does not allow it.

    Root needs no namespace of users: it gives itself up in `give_up_root`.
    """
    spaces, uid, gid = NEW_NS | NEW_PID | NEW_NET | NEW_IPC, os.geteuid(), os.getegid()
    if uid == 0:
        call("unshare", spaces)
    else:
        call("unshare", spaces | NEW_USER)
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{NOBODY} {uid} 1")
        Path("/proc/self/gid_map").write_text(f"{NOBODY} {gid} 1")
    mount("none", "/", flags=MS_REC | MS_PRIVATE)


def give_up_root(uid):
    """Become a user whom nothing belongs to, for good. Without effect for any other than root."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(uid, uid, uid)
        if 0 in os.getresuid():
            raise OSError("root could not be given up")


def make_root(root, visible):
    """A file system in memory at `root` that shows only the paths in `visible`, read-only, and empty /tmp and /home."""
    mount("tmpfs", root, "tmpfs", MS_NOSUID | MS_NODEV, f"size={SCRATCH},nr_inodes=20000,mode=755")
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
    Path(root, "proc").mkdir()
    for name in ("tmp", "home", "dev/shm"):
        Path(root, name).mkdir(parents=True, exist_ok=True)
        Path(root, name).chmod(0o1777)


def limit(settings):
    """Limits of the kernel on each process: memory of its own, processor time, size of a file, and how many processes."""
    limits = [
        (resource.RLIMIT_DATA, settings["memory"]),
        (resource.RLIMIT_CPU, settings["seconds"]),
        (resource.RLIMIT_FSIZE, SCRATCH),
        (resource.RLIMIT_NOFILE, 256),
        (resource.RLIMIT_CORE, 0),
    ]
    # Elsewhere the number counts all processes of the user, the grader's among them.
    if settings["isolate"] or os.geteuid() >= FIRST_UID:
        limits.append((resource.RLIMIT_NPROC, PROCESSES))
    for kind, value in limits:
        hard = resource.getrlimit(kind)[1]
        value = int(value) if hard == resource.RLIM_INFINITY else min(int(value), hard)
        resource.setrlimit(kind, (value, value))


def enter(settings, uid):
    """In the child: shut the door and become serve.py."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    isolated, home = settings["isolate"], settings["root"]
    if isolated:
        try:
            flags = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC
            mount("proc", f"{settings['root']}/proc", "proc", flags)
        except OSError:
            pass  # inside some containers; Python does not need it
        os.chroot(settings["root"])
        home = "/home"
    os.chdir(home)
    os.environ.update(HOME=home, TMPDIR="/tmp" if isolated else home)
    serve = str(Path(__file__).resolve().with_name("serve.py"))
    what = json.dumps({key: settings[key] for key in ("channel", "paths")})
    try:
        give_up_root(uid)
    except OSError:  # a root that has no power, as in some containers; who asked for no isolation gets none
        if isolated:
            raise
    limit(settings)
    if sys.platform == "linux":
        call("prctl", PR_SET_PDEATHSIG, signal.SIGKILL)
        import seccomp

        seccomp.refuse()
    # A new program without root's number also loses every capability that the namespaces gave.
    os.execv(sys.executable, [sys.executable, "-I", serve, what])


def children():
    """The processes that this one started and that have not been waited for, orphans of theirs included."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                fields = Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()
            except (OSError, ValueError):
                continue
            if int(fields[1]) == os.getpid():
                found.append(int(name))
    return found


def launch(settings):
    """Start serve.py behind bars and wait for its end; a SIGTERM, or the grader's death, ends it and all that it started."""
    isolated, linux = settings["isolate"], sys.platform == "linux"
    uid = FIRST_UID + os.getpid()
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    if linux:
        call("prctl", PR_SET_PDEATHSIG, signal.SIGTERM)
        call("prctl", PR_SET_CHILD_SUBREAPER, 1)
        if os.getppid() != settings["grader"]:  # it died before the lines above
            shutil.rmtree(settings["root"], ignore_errors=True)
            return 1
        Path("/proc/self/oom_score_adj").write_text("1000")  # when memory runs out, this is what has to go
    if isolated:
        enter_namespaces()
        make_root(settings["root"], settings["visible"])
    elif os.geteuid() == 0:
        with contextlib.suppress(OSError):
            os.chown(settings["root"], uid, NOBODY)
    child = os.fork()
    if child == 0:
        try:
            enter(settings, uid)
        finally:
            os._exit(1)
    os.close(settings["channel"])
    signal.signal(signal.SIGTERM, lambda *_: os.kill(child, signal.SIGKILL))
    status = os.waitpid(child, 0)[1]
    if not isolated:
        while linux and (left := children()):  # elsewhere the end of its namespace ended them
            for pid in left:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
        shutil.rmtree(settings["root"], ignore_errors=True)
    else:  # a grader that was killed cannot do it
        with contextlib.suppress(OSError):
            call("umount2", os.fsencode(settings["root"]), MNT_DETACH)
            os.rmdir(settings["root"])
    return os.waitstatus_to_exitcode(status) % 256


if __name__ == "__main__":
    sys.exit(launch(json.loads(sys.argv[1])))
