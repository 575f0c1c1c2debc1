"""Train a network from a notebook without blocking it: ipywidgets controls, a thread, and ways to stop it."""

import dataclasses
import functools
import html
import signal
import threading
import time
import weakref

import ipywidgets as W

from .. import laboratory
from ..reviews import load

_WIDE = {"style": {"description_width": "9.5em"}, "layout": W.Layout(width="24em", max_width="98%")}
ALL = 100_000
_stops = weakref.WeakSet()


class TrainingPanel:
    """Controls that train a SimpleRNN. `box` is the ipywidgets container, `view` the widget that draws.

    After every epoch and at the end, `view._run` gets a new dictionary: number (of the run, so that equal curves
    still count as news), state ("training", "finished", "stopped" or "failed"), about and message (sentences), epochs
    and history (the curves so far).
    """

    def __init__(self, view, config):
        self.view, self.thread, self.stop, self.number = view, None, threading.Event(), 0
        self.controls = {
            "units": W.Dropdown(options=[8, 16, 32, 64, 128], description="Units in a layer", **_WIDE),
            "depth": W.IntSlider(1, min=1, max=4, description="Layers", **_WIDE),
            "bidirectional": W.Checkbox(False, description="Bidirectional", indent=True, **_WIDE),
            "dropout": W.FloatSlider(0, min=0, max=0.8, step=0.1, description="Dropout", **_WIDE),
            "recurrent_dropout": W.FloatSlider(0, min=0, max=0.8, step=0.1, description="Recurrent dropout", **_WIDE),
            "learning_rate": W.Dropdown(options=[1e-4, 3e-4, 1e-3, 3e-3, 1e-2], description="Learning rate", **_WIDE),
            "maxlen": W.IntSlider(200, min=20, max=500, step=20, description="Words (maxlen)", **_WIDE),
            "reviews": W.Dropdown(
                options=[("500", 500), ("2,000", 2000), ("5,000", 5000), ("all", ALL)],
                value=2000,
                description="Reviews",
                **_WIDE,
            ),
            "epochs": W.IntSlider(5, min=1, max=20, description="Epochs", **_WIDE),
            "seed": W.BoundedIntText(0, min=0, max=9999, description="Seed", **_WIDE),
        }
        self.take(config)
        self.train = W.Button(description="Train", button_style="primary")
        self.end = W.Button(description="Stop", disabled=True)
        self.progress = W.IntProgress(0, min=0, max=1, layout=W.Layout(width="16em", max_width="60%"))
        self.status = W.HTML("Nothing is trained yet.")
        self.train.on_click(lambda _: self.start())
        self.end.on_click(lambda _: self.stop.set())
        copies = []
        for side in "ab":
            copy = W.Button(
                description=f"Copy {side.upper()}", tooltip=f"Take the settings of configuration {side.upper()}"
            )
            copy.on_click(lambda _, side=side: self.take(getattr(view, side)))
            copies.append(copy)
        wrap = W.Layout(flex_flow="row wrap", align_items="center")
        self.box = W.VBox(
            [
                view,
                W.HTML("<b>Train one yourself</b>"),
                W.Box(list(self.controls.values()), layout=wrap),
                W.Box([self.train, self.end, *copies, self.progress], layout=wrap),
                self.status,
            ]
        )
        _listen()

    def take(self, config):
        """Set the controls to a configuration."""
        for key, value in config.items():
            self.controls[key].value = value

    def start(self):
        """Start training as the controls say, unless it is under way; returns at once."""
        if self.thread and self.thread.is_alive():
            return
        self.number += 1
        self.stop = threading.Event()
        _stops.add(self.stop)
        settings = {key: control.value for key, control in self.controls.items()}
        self.train.disabled, self.end.disabled = True, False
        self.thread = threading.Thread(target=self._work, args=(settings, self.stop), daemon=True)
        self.thread.start()

    def _work(self, settings, stop):
        reviews, epochs, seed, maxlen = (settings.pop(key) for key in ("reviews", "epochs", "seed", "maxlen"))
        history = {name: [] for name in laboratory.CURVES}
        told = {"number": self.number, "about": "", "epochs": epochs, "message": ""}
        began = [time.monotonic()]

        def tell(state, message):
            self.progress.max, self.progress.value = epochs, len(history["loss"])
            self.status.value = html.escape(message)
            self.view._run = {
                **told,
                "state": state,
                "message": message,
                "history": {name: list(curve) for name, curve in history.items()},
            }

        def on_epoch(epoch, logs):
            if stop.is_set():  # the epoch was broken off
                return
            for name in history:
                history[name].append(round(float(logs[name]), 4))
            began.append(time.monotonic())
            times = [b - a for a, b in zip(began, began[1:])]
            usual = sum(times[1:]) / len(times[1:]) if times[1:] else times[0]  # the first epoch also compiles
            left = (epochs - epoch) * usual
            tell(
                "training",
                f"Epoch {epoch} of {epochs}: validation accuracy {100 * history['val_accuracy'][-1]:.1f} %; about {_duration(left)} left.",
            )

        def on_end(error):
            done = len(history["loss"])
            if error:
                tell("failed", f"The training failed. {type(error).__name__}: {error}")
            elif stop.is_set():
                tell("stopped", f"Stopped after {done} of {epochs} epochs.")
            else:
                tell("finished", f"Trained for {epochs} epochs in {_duration(began[-1] - began[0])}.")

        try:
            tell("training", "Loading Keras and the reviews.")
            import keras

            from ..networks import models, training

            corpus = load("auto")
            corpus = dataclasses.replace(corpus, train=corpus.train.take(min(reviews, len(corpus.train))))
            keras.utils.set_random_seed(seed)
            model = models.recurrent_classifier(mask_zero=True, **settings)
            told["about"] = (
                f"{model.count_params():,} parameters, {len(corpus.train):,} reviews ({corpus.name}), a fifth of them for validation; seed {seed}."
            )
            tell("training", f"Epoch 1 of {epochs} is under way. The time left is known after it.")
            began[0] = time.monotonic()
            if not stop.is_set():
                training.train_in_background(
                    model, corpus, epochs, on_epoch, stop, on_end, maxlen=maxlen, seed=seed
                ).join()
            else:
                on_end(None)
        except Exception as error:  # whatever it is, the reader must see it and be able to go on
            on_end(error)
        finally:
            self.train.disabled, self.end.disabled = False, True


def _duration(seconds):
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def _interrupted():
    for stop in list(_stops):
        stop.set()


@functools.cache
def _listen():
    """Let an interrupt of the kernel end all training: one that breaks off a cell, and one that comes between cells."""
    import asyncio

    from IPython import get_ipython

    if threading.current_thread() is not threading.main_thread():
        return

    def install():
        before = signal.getsignal(signal.SIGINT)

        def handle(number, frame):
            _interrupted()
            if callable(before):
                before(number, frame)

        signal.signal(signal.SIGINT, handle)

    shell = get_ipython()
    if hasattr(shell, "kernel"):
        shell.events.register(
            "post_run_cell", lambda result: isinstance(result.error_in_exec, KeyboardInterrupt) and _interrupted()
        )
        # While a cell runs, ipykernel has a handler of its own, and at the end puts back the one before it.
        asyncio.get_event_loop().call_later(0.5, install)
    else:
        install()
