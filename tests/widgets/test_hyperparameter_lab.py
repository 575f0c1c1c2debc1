"""The explorer of recorded runs, on made-up records, and the panel that trains, on the sample reviews."""

import gzip
import itertools
import math
import re
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

from rnnbook.laboratory import store
from rnnbook.laboratory.studies import hyperparameters
from rnnbook.widgets import training_panel
from rnnbook.widgets.hyperparameter_lab import USUAL, HyperparameterLab, nearest, recorded_runs


def made_up(units=32, seed=0, epochs=10, **config):
    """A record as `rnnbook.laboratory` writes it, with curves by a formula instead of a training."""
    other = {**USUAL, **config}
    speed = (
        units
        / 32
        * (1 + 0.05 * seed)
        * (
            0.8
            + other["maxlen"] / 1000
            + 0.1 * other["depth"]
            + 0.2 * other["bidirectional"]
            - 0.3 * other["dropout"]
            - 0.17 * other["recurrent_dropout"]
            + 50 * other["learning_rate"]
        )
    )
    loss = [round(0.7 * math.exp(-0.3 * speed * e), 5) for e in range(1, epochs + 1)]
    val_loss = [round(0.35 + 0.3 * math.exp(-0.9 * speed * e) + 0.02 * speed * e, 5) for e in range(1, epochs + 1)]
    accuracy, val_accuracy = ([round(1 - v / 2, 5) for v in losses] for losses in (loss, val_loss))
    return {
        "study": "hyperparameters",
        "architecture": "simple_rnn",
        "config": {**USUAL, "units": units, **config, "mask_zero": True},
        "seed": seed,
        "dataset": "sample",
        "data_sha256": "0" * 64,
        "n_train": 160,
        "n_validation": 40,
        "n_test": 100,
        "epochs": epochs,
        "history": {"loss": loss, "accuracy": accuracy, "val_loss": val_loss, "val_accuracy": val_accuracy},
        "best_epoch": 1 + val_loss.index(min(val_loss)),
        "best_val_accuracy": max(val_accuracy),
        "test_accuracy": round(0.8 + 0.01 * seed + 0.001 * units, 5),
        "last_test_accuracy": 0.8,
        "parameters": 320_000 + 66 * units,
        "seconds_per_epoch": 1.0,
        "first_epoch_seconds": 2.0,
        "cpu_seconds_per_epoch": 1.0,
        "path": "fast",
        "backend": "jax",
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Made-up records of every run of the study."""
    root = tmp_path_factory.mktemp("recorded")
    lines = []
    for config in hyperparameters.runs():
        choices = {
            **USUAL,
            **{key: value for key, value in config.settings.items() if key != "mask_zero"},
            "maxlen": config.maxlen,
        }
        lines.append(
            {
                "case": config.case,
                "rows": [made_up(seed=config.seed, **choices)],
                "made": {"versions": {"python": "3.11"}, "processor": "none"},
            }
        )
    store.write("hyperparameters", lines, root)
    return root


@pytest.fixture(scope="module")
def recorded(folder):
    return recorded_runs(folder)


def validation(item):
    """Mean and standard deviation over the seeds of the validation accuracy, each at its best epoch, in percent."""
    values = [100 * run["val_accuracy"][run["best"] - 1] for run in item["runs"]]
    return statistics.mean(values), statistics.stdev(values) if len(values) > 1 else 0


def test_the_records_arrive_compact_and_in_order(folder, recorded):
    configs = [tuple(item["config"].values()) for item in recorded]
    assert configs == sorted(configs) and len(configs) == len(
        {(c.maxlen, *sorted(c.settings.items())) for c in hyperparameters.runs()}
    )
    central = next(item for item in recorded if item["config"] == USUAL)
    assert [run["test"] for run in central["runs"]] == [0.832, 0.842, 0.852]  # seeds 0 to 2
    assert central["parameters"] == 322_112 and len(central["runs"][0]["val_loss"]) == 10
    text = HyperparameterLab(recorded=recorded).html()
    assert text == HyperparameterLab(recorded=recorded_runs(folder)).html()
    state = re.search(r'data-rnnbook-state="\w+">(.*?)</script>', text)[1]
    size = len(gzip.compress(state.encode()))
    print(f"{len(configs)} configurations: {size / 1000:.1f} kB gzip")
    assert size < 40_000


def test_an_unknown_setting_is_named():
    with pytest.raises(ValueError, match="no 'layers': choose among units, depth"):
        HyperparameterLab(recorded=[], b={"layers": 4})


def test_python_and_the_page_agree_on_what_is_nearest(node, recorded):
    wanted = [
        dict(zip(USUAL, values))
        for values in itertools.product(
            (8, 20, 64), (1, 4), (False, True), (0.0, 0.5), (0.2,), (3e-4, 1e-3), (100, 200)
        )
    ]
    python = [nearest(recorded, w)["config"] for w in wanted]
    assert python == node(
        "hyperparameter_lab",
        "data.wanted.map((w) => m.nearest(data.recorded, w).config)",
        {"recorded": recorded, "wanted": wanted},
    )
    assert all(nearest(recorded, item["config"]) is item for item in recorded)
    assert nearest([], USUAL) is None


def test_a_setting_that_the_reader_has_just_chosen_stays(node, recorded):
    wanted = {**USUAL, "units": 8, "dropout": 0.2}
    found = node(
        "hyperparameter_lab",
        "m.nearest(data.recorded, data.wanted, 'dropout').config",
        {"recorded": recorded, "wanted": wanted},
    )
    assert found["dropout"] == 0.2 and found in [item["config"] for item in recorded]


def test_means_and_deviations_over_seeds(node):
    history = lambda *losses: {"loss": losses, "accuracy": losses, "val_loss": losses, "val_accuracy": losses}
    all_ = node("hyperparameter_lab", "m.curves(data)", [history(3.0, 1.0, 2.0), history(1.0, 2.0)])
    assert all_["epochs"] == 2 and all_["best"] == 2  # means 2, 1.5; the third epoch has one seed only
    assert all_["loss"][0] == {"mean": 2, "sd": pytest.approx(math.sqrt(2))}
    assert node("hyperparameter_lab", "m.spread([4])") == {"mean": 4, "sd": 0}


@pytest.mark.browser
def deviation(percent):
    """As the page tells it: with one digit, or two where one would be nought."""
    return f"{percent:.2f}" if percent < 0.05 else f"{percent:.1f}"


class TestExplorer:
    def test_every_recorded_value_can_be_chosen(self, open_page, recorded):
        page = open_page(HyperparameterLab(recorded=recorded).html())
        root = page.locator("[data-widget]")
        menus = root.locator("select")
        assert menus.count() == 14
        seen = lambda: (
            root.locator(".plot").first.inner_html()
            + root.locator(".plot").nth(1).inner_html()
            + root.locator(".lab").inner_text()
        )
        for i in range(menus.count()):
            menu = menus.nth(i)
            for value in menu.evaluate("(m) => [...m.options].map((o) => o.value)"):
                before, was = seen(), menu.input_value()
                menu.select_option(index=int(value))
                page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
                assert menu.input_value() == value  # what the reader chose stays, whatever else has to move
                assert value == was or seen() != before

    def test_what_was_not_recorded_snaps_and_says_so(self, open_page, recorded):
        page = open_page(HyperparameterLab(recorded=recorded).html())
        root = page.locator("[data-widget]")
        told = root.locator(".readout")
        assert "nearest" not in told.inner_text()
        root.get_by_label("Units in a layer, A").select_option(label="8")
        root.get_by_label("Dropout, A", exact=True).select_option(label="0.5")
        told.get_by_text("A: this combination was not recorded").wait_for()
        now = {
            label: root.get_by_label(f"{label}, A", exact=True).evaluate("(m) => m.selectedOptions[0].text")
            for label in ("Units in a layer", "Dropout", "Recurrent dropout")
        }
        assert now["Dropout"] == "0.5" and "in place of" in told.inner_text()
        assert root.locator("select.moved").count() >= 1
        root.get_by_label("Words kept (maxlen), B").select_option(label="500")
        page.wait_for_timeout(50)
        assert "in place of" in told.inner_text()  # A's note stays as long as A does
        typical = sorted(validation(item)[1] for item in recorded if len(item["runs"]) > 1)
        said = f"the validation accuracy varies by {deviation(typical[len(typical) // 2])} points"
        assert f"One seed each. Where several were run, {said}" in told.inner_text()

    def test_the_figures_are_those_of_the_records(self, open_page, recorded):
        page = open_page(HyperparameterLab(recorded=recorded, b={"units": 16}, epoch=2).html())
        root = page.locator("[data-widget]")
        facts = root.locator(".lab b").all_inner_texts()
        assert facts[:2] == ["322,112", "321,056"]
        (mean, sd), (other, other_sd) = map(validation, HyperparameterLab(recorded=recorded, b={"units": 16}).shown())
        assert facts[4:] == [
            f"{mean:.1f} ± {deviation(sd)}\u202f%",
            f"{other:.1f} ± {deviation(other_sd)}\u202f%",
            "3",
            "3",
        ]
        told = root.locator(".readout").inner_text()
        ranked = f"{abs(round(other, 1) - round(mean, 1)):.1f} points {'more' if other > mean else 'less'} accurate on the validation reviews"
        assert abs(other - mean) > 0.05  # else the page calls them as accurate
        assert f"B has 1,056 parameters fewer than A, and is {ranked}" in told
        varies = f"A by {deviation(sd)} points, B by {deviation(other_sd)} points (standard deviation)"
        assert f"From seed to seed the validation accuracy varies: {varies}" in told
        central = next(item for item in recorded if item["config"] == USUAL)
        mean = sum(run["val_accuracy"][1] for run in central["runs"]) / 3
        assert "Epoch 2: A training" in told and f"validation {100 * mean:.1f}" in told

    def test_the_test_accuracy_ranks_nothing(self, open_page, recorded):
        """It stands in a fold that the reader opens at the end, and nowhere else."""
        page = open_page(HyperparameterLab(recorded=recorded, b={"units": 64}).html())
        root = page.locator("[data-widget]")
        assert "test" not in root.locator(".lab").inner_text().lower() + root.locator(".readout").inner_text().lower()
        fold = root.locator("details")
        assert not fold.locator("p").is_visible()
        fold.locator("summary").click()
        assert "A: 84.2 ± 1.0\u202f%; B: 87.4 ± 1.0\u202f%" in fold.inner_text()

    def test_both_train_in_the_page_beside_the_recorded_runs(self, open_page, recorded):
        page = open_page(HyperparameterLab(recorded=recorded, a={"units": 8}, b={"units": 16}).html())
        root = page.locator("[data-widget]")
        before = root.locator(".lab").inner_text()
        root.get_by_role("button", name="Train both in this page").click()
        expected = lambda name: root.get_by_role("button", name=name, exact=True)
        expected("no difference").wait_for()
        assert not root.get_by_role("button", name=re.compile("^(Start|Pause|Reset)$")).count()
        expected("B").click()
        root.get_by_role("button", name="Pause").wait_for()
        assert root.get_by_text("You expect: B.").is_visible()
        root.get_by_text(re.compile(r"B: \d+ updates?, loss .* over 3 seeds")).wait_for(timeout=60000)
        root.evaluate(
            "(r) => [...r.shadowRoot.querySelectorAll('button')].find((b) => b.textContent === 'Pause')?.click()"
        )
        root.get_by_role("button", name=re.compile("^(Start|Again)$")).wait_for()  # Again: it came to its end by itself
        assert root.locator(".lab").inner_text() == before
        root.get_by_label("Units in a layer, B").select_option(label="32")  # another race asks anew
        expected("no difference").wait_for()
        assert not root.get_by_role("button", name=re.compile("^(Start|Again|Reset)$")).count()

    def test_without_records_it_says_what_is_missing_and_shows_no_control(self, open_page):
        page = open_page(HyperparameterLab(recorded=[]).html())
        root = page.locator("[data-widget]")
        assert "python -m rnnbook study hyperparameters" in root.locator(".readout").inner_text()
        assert root.locator("input, select, button, [tabindex]").count() == 0

    def test_with_a_single_record_only_the_epoch_can_be_chosen(self, open_page, recorded):
        page = open_page(HyperparameterLab(recorded=recorded[:1]).html())
        root = page.locator("[data-widget]")
        assert root.locator("select").count() == 0 and root.get_by_role("slider", name="Epoch").count() == 1


@pytest.fixture
def panel(monkeypatch):
    """The panel of a lab, set to one or two quick epochs on the sample reviews."""
    from rnnbook import reviews

    sample = reviews.load("sample")
    monkeypatch.setattr(training_panel, "load", lambda name: sample)
    lab = HyperparameterLab(recorded=[])
    lab.panel.take({"units": 8, "maxlen": 20, "reviews": 500, "epochs": 2})
    yield lab.panel
    lab.panel.stop.set()
    if lab.panel.thread:
        lab.panel.thread.join(120)
        assert not lab.panel.thread.is_alive()


def test_training_runs_in_the_background_and_tells_every_epoch(panel):
    heard = []
    panel.view.observe(lambda change: heard.append(change.new), "_run")
    panel.train.click()
    assert panel.train.disabled and not panel.end.disabled
    panel.start()  # a second start while one is under way does nothing
    panel.thread.join(120)
    assert [len(run["history"]["loss"]) for run in heard if run["history"]["loss"]] == [1, 2, 2]
    assert {run["number"] for run in heard} == {1} and heard[-1]["state"] == "finished"
    assert any("left" in run["message"] for run in heard) and panel.progress.value == panel.progress.max == 2
    assert not panel.train.disabled and panel.end.disabled
    assert "_run" not in panel.view.settings() and "Trained" not in panel.view.html()


def test_stop_stops(panel):
    panel.take({"epochs": 20})
    panel.view.observe(lambda change: change.new["history"]["loss"] and panel.end.click(), "_run")
    panel.start()
    panel.thread.join(120)
    assert panel.view._run["state"] == "stopped" and len(panel.view._run["history"]["loss"]) < 20
    assert "Stopped after 1 of 20 epochs" in panel.status.value and not panel.train.disabled


def test_a_failure_says_why_and_the_panel_can_be_used_again(panel, monkeypatch):
    from rnnbook.networks import models

    def broken(**settings):
        raise MemoryError("no room <b>left</b>")

    with monkeypatch.context() as patch:
        patch.setattr(models, "recurrent_classifier", broken)
        panel.start()
        panel.thread.join(120)
    assert panel.view._run["state"] == "failed" and "MemoryError: no room &lt;b&gt;left" in panel.status.value
    panel.take({"epochs": 1})
    panel.start()
    panel.thread.join(120)
    assert panel.view._run["state"] == "finished" and panel.view._run["number"] == 2


@pytest.mark.nightly
def test_an_interrupt_leaves_no_thread():
    """In a process of its own: a browser under test owns this one's event loop, and with it the interrupt."""
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            Path(__file__).with_name("interrupt_check.py"),
        ],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout[-3000:]


def test_a_kernel_shows_the_panel_and_a_page_the_explorer(panel):
    bundle, _ = panel.view._repr_mimebundle_()
    assert bundle["application/vnd.jupyter.widget-view+json"]["model_id"] == panel.box.model_id
    assert bundle["text/html"] == panel.view.html() and panel.view in panel.box.children


def test_settings_are_copied_from_a_configuration(panel):
    panel.view.b = {"units": 64, "bidirectional": True, "learning_rate": 3e-3}
    next(
        c for row in panel.box.children if hasattr(row, "children") for c in row.children if c.description == "Copy B"
    ).click()
    assert (
        panel.controls["units"].value,
        panel.controls["bidirectional"].value,
        panel.controls["learning_rate"].value,
    ) == (64, True, 3e-3)
