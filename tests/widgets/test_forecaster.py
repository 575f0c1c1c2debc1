"""What the page forecasts is what Python forecasts, and the networks in it are the recorded ones, but for the rounding."""

import base64
import json

import numpy as np
import pytest
import traitlets as T

from rnnbook.laboratory import shipped_forecasts
from rnnbook.networks import shipped_forecasters as shipped
from rnnbook.networks import shown_forecasts as shown
from rnnbook.series import windows
from rnnbook.widgets import Forecaster, forecaster

DATA = "m.unpack(new DataView(Uint8Array.from(atob(data.bytes), (c) => c.charCodeAt(0)).buffer), data.layout)"
DAYS = (0, 59, 342, 536, 703)  # the first, the last before a leap day's year, Christmas, Independence Day, the last


def given(**more):
    """As the page gets it: the static page sorts the keys of every object."""
    data, layout = forecaster.packed()
    return json.loads(json.dumps({"bytes": base64.b64encode(data).decode(), "layout": layout, **more}, sort_keys=True))


@pytest.mark.parametrize("model", shown.MODELS)
def test_the_page_forecasts_as_python_does(node, model):
    for widened in (False, True):
        page = node(
            "forecasting",
            f"(() => {{ const d = {DATA}; return data.days.map((day) => m.forecast(d, data.model, day, data.widened)); }})()",
            given(days=DAYS, model=model, widened=widened and model in shown.WITH_QUANTILES),
        )
        for day, answer in zip(DAYS, page, strict=True):
            mine = shown.from_day(model, day, widened)
            np.testing.assert_allclose(answer, mine, atol=4, err_msg=f"{model}, day {day}")  # of ten thousand births


def test_the_page_knows_the_truth_and_its_own_errors(node):
    page = node(
        "forecasting",
        f"(() => {{ const d = {DATA}; const at = 7; const said = Object.keys(d.models).map((model) => m.forecast(d, model, at * d.step)); const came = m.truth(d, at * d.step);"
        " return { came, here: said.map((s) => m.mase(d, came, s) * d.naive_error), recorded: Object.keys(d.models).map((model) => d.errors[model][at]), means: Object.keys(d.models).map((model) => m.meanMase(d, model)), keys: Object.keys(d.models) }; })()",
        given(),
    )
    task = shown.task()[0]
    assert page["came"] == task.truth("test")[7].tolist() and page["keys"] == list(shown.MODELS)
    np.testing.assert_allclose(page["here"], page["recorded"], atol=1.5)
    for model, mean in zip(shown.MODELS, page["means"], strict=True):
        error = task.truth("test") - shown.middle(model, "test")
        assert mean == pytest.approx(windows.mase(error, task.training), abs=1e-3)


def test_dates_and_calendar_of_the_page_are_those_of_pandas(node):
    task = shown.task()[0]
    start = int(task.at["test"][0]) - forecaster.packed()[1]["before"]
    page = node(
        "forecasting",
        f"(() => {{ const d = {DATA}; return Array.from({{ length: d.days }}, (_, i) => [m.dateOf(d, i).toISOString().slice(0, 10), m.calendar(d, i)]); }})()",
        given(),
    )
    assert [date for date, _ in page] == [f"{day:%Y-%m-%d}" for day in task.series.index[start:]]
    np.testing.assert_allclose([known for _, known in page], task.calendar[start:], atol=1e-12)


@pytest.mark.parametrize("name", shipped.NAMES)
def test_the_shipped_networks_are_the_recorded_ones(name):
    """Seed 0 of the study, read back from float16; the page's int8 costs less than a hundredth of a MASE."""
    task = shown.task()[0]
    recursive = name == shipped.RECURSIVE
    way = "recursive" if recursive else "last year"
    recorded = shipped_forecasts.recorded(name)

    def measured(network):
        said = task.births(network.forecast(task.past("test"), task.future("test", way)), "test")
        truth = task.truth("test")
        inside = None if recursive else windows.coverage(truth, said[..., 0], said[..., 2])
        return windows.mase(truth - said[..., said.shape[-1] // 2], task.training), inside

    mase, inside = measured(shipped.Forecaster(name))
    assert mase == pytest.approx(recorded["mase"], abs=0.002)
    assert recursive or inside == pytest.approx(recorded["coverage"], abs=0.004)
    assert name not in shown.NETWORKS or measured(shown.network(name))[0] == pytest.approx(recorded["mase"], abs=0.01)


@pytest.mark.parametrize("cell", ["simple_rnn", "lstm", "gru"])
def test_numpy_forecasts_as_keras_does(cell):
    from rnnbook.networks import forecasters

    rng = np.random.default_rng(3)
    past, future = rng.normal(size=(3, 9, 4)).astype("float32"), rng.normal(size=(3, 5, 2)).astype("float32")
    model = forecasters.encoder_decoder(cell, 9, 4, 5, 2, units=6, quantiles=(0.1, 0.5, 0.9))
    mine = shipped.Forecaster(cell, shipped.letters(model.get_weights())).forecast(past, future)
    theirs = np.sort(model.predict([past, future], verbose=0), axis=-1)
    np.testing.assert_allclose(mine, theirs, atol=1e-5)


def test_an_interval_is_widened_by_what_the_validation_years_ask():
    truth = shown.task()[0].truth("validation")
    for model in shown.WITH_QUANTILES:
        assert windows.coverage(truth, *shown.interval(model, "validation", wider=True)) == pytest.approx(
            0.8, abs=0.002
        )
        assert shown.inside(model) < shown.inside(model, wider=True)
    for model in set(shown.MODELS) - set(shown.WITH_QUANTILES):
        assert windows.coverage(truth, *shown.interval(model, "validation")) == pytest.approx(0.8, abs=0.01)


def test_the_picture_follows_the_settings_and_bad_ones_are_told():
    plain, open_ = Forecaster(), Forecaster(truth=True)
    assert "23 November 1987" in plain.alt_text() and "that came" in open_.alt_text() != plain.alt_text()
    assert Forecaster(model="recursive").picture() != plain.picture() != open_.picture()
    with pytest.raises(Exception, match="simple"):
        Forecaster(model="transformer")
    with pytest.raises(TypeError, match="no setting 'day'"):
        Forecaster(day=3)


def test_a_wrong_setting_waits_for_no_fit(monkeypatch):
    monkeypatch.setattr(forecaster, "packed", lambda: pytest.fail("fitted before the settings were looked at"))
    for wrong in ({"origin": "nope"}, {"model": "transformer"}, {"origin": 704}):
        with pytest.raises(T.TraitError):
            Forecaster(**wrong)
