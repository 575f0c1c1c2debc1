"""Several pieces of work at once: each gets done, whatever another one does to the process that it shares."""

import functools
import os
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import pytest

from rnnbook import workers


def work(folder, item):
    """In a worker: leaves a mark; "killer" ends its process, "once" only where it comes first."""
    with open(folder / item, "a") as file:
        file.write(".")
    if item == "killer" or item == "once" and (folder / item).read_text() == ".":
        os._exit(9)
    if item == "wrong":
        raise ValueError("no such thing")
    return "too long" if item == "said" else None


@pytest.fixture
def start():
    return functools.partial(workers.processes, 1)


def test_a_process_that_is_killed_costs_what_it_was_given_and_no_more(tmp_path, start):
    """With one item handed over at a time nobody else loses anything; with all of them those that wait are lost as well."""
    items = ["a", "killer", "b", "c"]
    for ahead, lost in ((1, ["killer"]), (None, ["killer", "b", "c"])):
        done = list(workers.each(functools.partial(work, tmp_path), items, start, ahead))
        assert sorted(item for item, _ in done if item) == sorted(items)  # each once
        broken = [item for item, future in done if future and isinstance(future.exception(), BrokenProcessPool)]
        assert sorted(broken) == sorted(lost)


def test_what_a_killed_process_left_is_done_again_and_failures_are_told(tmp_path, start):
    heard = []
    failed = workers.work_off(
        functools.partial(work, tmp_path), ["said", "once", "wrong", "a"], start, lambda *said: heard.append(said)
    )
    assert dict(failed) == {"said": "too long", "wrong": "ValueError: no such thing"}
    assert (tmp_path / "once").read_text() == ".." and {item for item, _ in heard if item} == {
        "said",
        "once",
        "wrong",
        "a",
    }


def test_what_always_kills_is_given_up(tmp_path, start):
    """And nothing else, although the killer may come first every time and take with it all that waits."""
    others = ["a", "b", "c", "d", "e"]
    failed = workers.work_off(functools.partial(work, tmp_path), ["killer", *others], start)
    assert failed == [("killer", "its process was killed")]
    assert len((tmp_path / "killer").read_text()) == 1 + workers.RESTARTS
    assert all((tmp_path / other).exists() for other in others)


class LosesAll:
    """A pool as unlucky as can be: what is handed over waits a moment, and the killer takes all that waits with it."""

    def __enter__(self):
        self.waiting, self.broken = [], False
        return self

    def __exit__(self, *error):
        pass

    def submit(self, work, item):
        if self.broken:
            raise BrokenProcessPool
        future = Future()
        self.waiting.append(future)
        if item == "killer":
            self.broken = True
            for lost in self.waiting:
                if not lost.done():
                    lost.set_exception(BrokenProcessPool())
        else:
            threading.Timer(0.2, self.finish, (future, work, item)).start()
        return future

    def finish(self, future, work, item):
        if not future.done():
            future.set_result(work(item))


def test_only_what_kills_is_given_up_however_unlucky_the_others_are():
    done = []
    failed = workers.work_off(done.append, ["a", "b", "c", "killer"], LosesAll)
    assert failed == [("killer", "its process was killed")]
    assert sorted(done) == ["a", "b", "c"]


def slowly(folder, item):
    time.sleep(0.3)
    (folder / item).touch()


@pytest.mark.parametrize("wanted", [KeyboardInterrupt, GeneratorExit])
def test_what_waits_is_not_begun_once_nobody_wants_it(tmp_path, start, wanted):
    """Ctrl-C, or a loop that is left: what runs ends, and of the others only the few that the pool had taken already."""
    going = workers.each(functools.partial(slowly, tmp_path), [str(k) for k in range(12)], start)
    next(going)
    if wanted is GeneratorExit:
        going.close()
    else:
        with pytest.raises(KeyboardInterrupt):
            going.throw(KeyboardInterrupt())
    assert 1 <= len(list(tmp_path.iterdir())) <= 4


def say_first(word):
    os.environ["SAID_FIRST"] = word


def said_first(_):
    return os.environ.get("SAID_FIRST")


def test_a_worker_begins_as_it_was_told():
    start = functools.partial(workers.processes, 1, say_first, "yes")
    assert [future.result() for item, future in workers.each(said_first, ["a"], start) if item] == ["yes"]


def test_no_more_than_wanted_is_handed_over():
    """Read by the executor's own queue: work waits there until a thread is free."""
    handed = []

    class Counting(ThreadPoolExecutor):
        def submit(self, *given):
            handed.append(self._work_queue.qsize())
            return super().submit(*given)

    for _ in workers.each(str, range(20), lambda: Counting(1), ahead=2):
        pass
    assert len(handed) == 20 and max(handed) <= 2
