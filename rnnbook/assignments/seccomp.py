"""Calls of the Linux kernel that no answer needs and that would lead around the sandbox's limits: refused with "not permitted".

Memory that belongs to no process, as the kernel's queues and semaphores and what is mapped to be shared, would not be
counted; a key ring would outlive its process; and a namespace, a tracer or a BPF program are ways to more rights. Numbers: `arch/x86/entry/syscalls/syscall_64.tbl` and
`include/uapi/asm-generic/unistd.h` of Linux. See `man 2 seccomp`.
"""

import ctypes
import os
import platform
import struct

# the architecture's number in `linux/audit.h`, calls refused with some arguments only, calls refused always
REFUSED = {
    "x86_64": (
        0xC000003E,
        {"mmap": 9, "setsockopt": 54},
        {
            "shmget": 29,
            "semget": 64,
            "msgget": 68,
            "ptrace": 101,
            "mount": 165,
            "add_key": 248,
            "request_key": 249,
            "keyctl": 250,
            "unshare": 272,
            "vmsplice": 278,
            "perf_event_open": 298,
            "setns": 308,
            "memfd_create": 319,
            "bpf": 321,
            "userfaultfd": 323,
            "io_uring_setup": 425,
            "fsopen": 430,
            "memfd_secret": 447,
        },
    ),
    "aarch64": (
        0xC00000B7,
        {"mmap": 222, "setsockopt": 208},
        {
            "mount": 40,
            "vmsplice": 75,
            "unshare": 97,
            "ptrace": 117,
            "msgget": 186,
            "semget": 190,
            "shmget": 194,
            "add_key": 217,
            "request_key": 218,
            "keyctl": 219,
            "perf_event_open": 241,
            "setns": 268,
            "memfd_create": 279,
            "bpf": 280,
            "userfaultfd": 282,
            "io_uring_setup": 425,
            "fsopen": 430,
            "memfd_secret": 447,
        },
    ),
}
LOAD, AND, JUMP_EQUAL, JUMP_FROM, RETURN = 0x20, 0x54, 0x15, 0x35, 0x06  # of classic BPF
NUMBER, ARCHITECTURE, ARGUMENTS = 0, 4, 16  # places in what the filter is given, `struct seccomp_data`
ALLOW, NOT_PERMITTED = 0x7FFF0000, 0x00050001
OTHER_TABLE = 0x40000000  # from here on x86-64 has a second table of the same calls
# the call, which argument, its bits that matter, their value
SOME = (
    (
        "mmap",
        3,
        0x21,
        0x21,
    ),  # shared memory without a file: MAP_SHARED, which its other form has as well, and MAP_ANONYMOUS
    ("setsockopt", 2, 0xFFFF, 7),  # longer queues in a socket: SO_SNDBUF
    ("setsockopt", 2, 0xFFFF, 8),  # SO_RCVBUF
)
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


def _filter(architecture, some, always):
    """The steps of the BPF program: `(what, steps to skip where true, where false, number)`."""
    steps = [(JUMP_EQUAL, 0, None, architecture), (LOAD, 0, 0, NUMBER), (JUMP_FROM, None, 0, OTHER_TABLE)]
    steps += [(JUMP_EQUAL, None, 0, number) for number in always.values()]
    for name, argument, bits, value in SOME:
        steps += [(LOAD, 0, 0, NUMBER), (JUMP_EQUAL, 0, 3, some[name]), (LOAD, 0, 0, ARGUMENTS + 8 * argument)]
        steps += [(AND, 0, 0, bits), (JUMP_EQUAL, None, 0, value)]
    steps = [(LOAD, 0, 0, ARCHITECTURE), *steps, (RETURN, 0, 0, ALLOW), (RETURN, 0, 0, NOT_PERMITTED)]
    # None is the way to the last step
    return [
        (what, *(len(steps) - place - 2 if skip is None else skip for skip in skips), number)
        for place, (what, *skips, number) in enumerate(steps)
    ]


def refuse():
    """Refuse the calls above in this process, and in all that it starts, for good. Raises `OSError` where Linux does not.

    No program started from here on gains rights by being set-uid. On other machines than the two above only that is done.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "no_new_privs")
    if platform.machine() not in REFUSED:
        return
    code = b"".join(struct.pack("HBBI", *step) for step in _filter(*REFUSED[platform.machine()]))
    program = _Program(len(code) // 8, code)
    if libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"seccomp: {os.strerror(ctypes.get_errno())}")
