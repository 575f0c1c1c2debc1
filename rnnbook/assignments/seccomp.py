"""Calls of the Linux kernel that no answer needs and that would lead around the sandbox's limits: refused with "not permitted".

Shared memory that belongs to no process would not be counted, a key ring would outlive its process, and a namespace, a
tracer or a BPF program are ways to more rights. numbers: `arch/x86/entry/syscalls/syscall_64.tbl` and
`include/uapi/asm-generic/unistd.h` of Linux. See `man 2 seccomp`.
"""

import ctypes
import os
import platform
import struct

# the architecture's number in `linux/audit.h`, then the calls
REFUSED = {
    "x86_64": (
        0xC000003E,
        {
            "shmget": 29,
            "ptrace": 101,
            "mount": 165,
            "add_key": 248,
            "request_key": 249,
            "keyctl": 250,
            "unshare": 272,
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
        {
            "mount": 40,
            "unshare": 97,
            "ptrace": 117,
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
LOAD, JUMP_EQUAL, JUMP_FROM, RETURN = 0x20, 0x15, 0x35, 0x06  # of classic BPF
ALLOW, NOT_PERMITTED = 0x7FFF0000, 0x00050001
OTHER_TABLE = 0x40000000  # from here on x86-64 has a second table of the same calls
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


def refuse():
    """Refuse the calls above in this process, and in all that it starts, for good. Raises `OSError` where Linux does not.

    No program started from here on gains rights by being set-uid. On other machines than the two above only that is done.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "no_new_privs")
    if platform.machine() not in REFUSED:
        return
    architecture, calls = REFUSED[platform.machine()]
    numbers = list(calls.values())
    steps = [(LOAD, 0, 0, 4), (JUMP_EQUAL, 0, len(numbers) + 2, architecture), (LOAD, 0, 0, 0)]
    steps.append((JUMP_FROM, len(numbers), 0, OTHER_TABLE))
    steps += [(JUMP_EQUAL, len(numbers) - place - 1, 0, number) for place, number in enumerate(numbers[:-1])]
    steps.append((JUMP_EQUAL, 0, 1, numbers[-1]))
    steps += [(RETURN, 0, 0, NOT_PERMITTED), (RETURN, 0, 0, ALLOW)]
    code = b"".join(struct.pack("HBBI", *step) for step in steps)
    program = _Program(len(steps), code)
    if libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"seccomp: {os.strerror(ctypes.get_errno())}")
