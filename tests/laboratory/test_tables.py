"""Tables of recorded runs: means with spread, and no verdict without seeds."""

import pandas as pd

from rnnbook.laboratory import tables


def frame(**accuracies):
    return pd.DataFrame(
        [
            {"architecture": name, "seed": seed, "test_accuracy": value, "best_epoch": 3 + seed, "parameters": 322113}
            for name, values in accuracies.items()
            for seed, value in enumerate(values)
        ]
    )


def test_told():
    assert tables.told(pd.Series([0.86, 0.88])) == "0.870\u00a0±\u00a00.014"
    assert tables.told(pd.Series([4.0]), 1) == "4.0"


def test_results():
    made = frame(gru=[0.86, 0.88], lstm=[0.875])
    assert tables.results(
        made, ["test_accuracy", "best_epoch", "parameters"], order=["lstm", "gru", "dense"]
    ).splitlines() == [
        "| architecture | test accuracy | best epoch | parameters | seeds |",
        "| :--- | ---: | ---: | ---: | ---: |",
        "| `lstm` | 0.875 | 3.0 | 322,113 | 1 |",
        "| `gru` | 0.870\u00a0±\u00a00.014 | 3.5\u00a0±\u00a00.7 | 322,113 | 2 |",
    ]
    named = tables.results(made.assign(depth=[1, 1, 2]), ["test_accuracy"], by="depth", names={1: "one", 2: "two"})
    assert named.splitlines()[2:] == ["| one | 0.870\u00a0±\u00a00.014 | 2 |", "| two | 0.875 | 1 |"]


def test_lags():
    made = pd.DataFrame(
        [
            {
                "architecture": name,
                "seed": seed,
                "lag": lag,
                "epochs": 30,
                "test_accuracy": accuracy,
                "last_test_accuracy": 0.48 if (name, lag, seed) == ("lstm", 20, 1) else accuracy,
            }
            for name, values in {"gru": (1.0, 0.99, 0.5), "lstm": (0.9, 1.0, 1.0)}.items()
            for lag, accuracy in zip((5, 10, 20), values)
            for seed in (0, 1)
        ]
    )
    text = tables.lags(made)
    assert "| 20 | 0.50 (0.50 to 0.50) | 1.00 (1.00 to 1.00) |" in text
    assert "`gru`: every seed is above 95 % up to a lag of 10." in text
    assert "`lstm`: every seed is above 95 % at none of the lags." in text  # what lies beyond a gap was not remembered
    assert "at the epoch of lowest validation loss, of 30 epochs: mean over 2 seeds" in text
    assert text.endswith("By the last epoch some had lost it again: `lstm` at lag 20, seed 1: 1.00, at the end 0.48.")
