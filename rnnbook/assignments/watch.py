"""What the processes of a sandbox use, all together, as Linux's /proc tells it to those outside."""

import os
from dataclasses import dataclass

TICK = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
OWN, TOGETHER = ("RssAnon:", "RssShmem:", "VmPTE:"), ("Pss_Anon:", "Pss_Shmem:")
SOCKET = (
    2 * 212_992
)  # bytes that may wait in one, with what belongs to them: Linux's usual limit, which seccomp.py keeps


@dataclass
class Usage:
    """Processor seconds, bytes of memory, and whether any process had something to do."""

    seconds: float = 0
    memory: int = 0
    busy: bool = False


def load():
    """Processes that want a core, for each core there is; 1 where the system does not tell."""
    return os.getloadavg()[0] / (os.cpu_count() or 1) if hasattr(os, "getloadavg") else 1.0


def usage(root, most, alone):
    """The `Usage` of the processes below the process `root`, without itself; None where the system has no /proc.

    Memory is what they hold that is no file: their own and what they share, each page once if the sum of all is above
    `most` bytes; the kernel's tables of their pages; and, where they are `alone` in their network, what their sockets may hold.
    """
    try:
        table = {int(name): _stat(name) for name in os.listdir("/proc") if name.isdigit()}
    except OSError:
        return None
    below, found = [root], []
    for parent in below:
        below += [pid for pid, fields in table.items() if fields and int(fields[1]) == parent]
    found = [(pid, table[pid]) for pid in below[1:]]
    ticks = sum(int(number) for _, fields in found for number in fields[11:15])  # its own and of children that ended
    memory = kernel = _sockets(found[0][0]) * SOCKET if alone and found else 0
    memory += sum(_memory(pid, "status", OWN) for pid, _ in found)
    if memory > most:
        memory = kernel + sum(_memory(pid, "status", ("VmPTE:",)) for pid, _ in found)
        memory += sum(_memory(pid, "smaps_rollup", TOGETHER) for pid, _ in found)
    return Usage(ticks / TICK, memory, any(fields[0] in "RD" for _, fields in found))


def _stat(pid):
    """The fields of /proc/PID/stat from the state on, or None for a process that has just ended."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()
    except OSError:
        return None


def _memory(pid, name, wanted):
    try:
        with open(f"/proc/{pid}/{name}", encoding="utf-8", errors="replace") as file:
            lines = [line.split() for line in file]
    except OSError:
        if name == "smaps_rollup":  # not ours to see, or just ended
            return _memory(pid, "status", OWN[:2])
        return 0
    return sum(int(fields[1]) * 1024 for fields in lines if fields and fields[0] in wanted)


def _sockets(pid):
    """How many sockets there are in the network of a process."""
    try:
        with open(f"/proc/{pid}/net/sockstat", encoding="utf-8") as file:
            return int(file.readline().split()[2])
    except (OSError, ValueError, IndexError):
        return 0
