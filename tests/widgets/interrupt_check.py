"""Run by test_hyperparameter_lab.py in a process of its own: an interrupt ends training and leaves no thread."""

import os
import signal

import pytest
from test_hyperparameter_lab import panel  # noqa: F401 (a fixture)


def test_an_interrupt_leaves_no_thread(panel):  # noqa: F811
    panel.take({"epochs": 20})
    panel.start()
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGINT)
        panel.thread.join(120)
    panel.thread.join(120)
    assert not panel.thread.is_alive() and panel.view._run["state"] == "stopped"
