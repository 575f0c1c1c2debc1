"""How a learning rate is chosen: over seeds, and nothing is asked before it is known."""

import pandas as pd

from rnnbook.laboratory.choice import Choice

CHOICE = Choice((0.01, 0.02, 0.04), lambda row: row["error"])


def row(rate, seed, error, **network):
    return {"learning_rate": rate, "seed": seed, "error": error} | network


def test_a_rate_that_one_seed_likes_and_others_do_not_is_not_chosen():
    rows = [row(0.01, 0, 2.6), row(0.02, 0, 2.5), row(0.04, 0, 2.4)]
    assert CHOICE.rate(rows) == 0.04 and CHOICE.finalists(rows) == [0.04, 0.02]
    rows += [row(0.02, 1, 2.5), row(0.04, 1, 2.9)]
    assert CHOICE.rate(rows) == 0.02
    rows += [row(0.02, 2, float("nan"))]  # came apart, but the other has no such seed yet
    assert CHOICE.rate(rows) == 0.02
    rows += [row(0.04, 2, 2.9)]
    assert CHOICE.rate(rows) == 0.04


def test_all_rates_are_tried_before_seeds_and_nothing_is_asked_twice():
    tries = [{"cell": "a", "seed": 0, "learning_rate": rate} for rate in CHOICE.rates]
    rows = [row(0.01, 0, 1.0, cell="a"), row(0.02, 0, 2.0, cell="a"), row(0.04, 0, 1.0, cell="b")]
    assert CHOICE.cases({"cell": "a"}, range(3), rows) == tries
    rows += [row(0.04, 0, 3.0, cell="a")]
    finals = [{"cell": "a", "seed": seed, "learning_rate": rate} for seed in (1, 2) for rate in (0.01, 0.02)]
    assert CHOICE.cases({"cell": "a"}, range(3), rows) == tries + finals


def test_each_network_has_a_rate_of_its_own():
    rows = [
        row(rate, 0, abs(rate - best), cell=cell) for rate in CHOICE.rates for cell, best in (("a", 0.01), ("b", 0.04))
    ]
    frame = pd.DataFrame(rows)
    chosen = frame[CHOICE.chosen(frame, "cell")]
    assert dict(zip(chosen.cell, chosen.learning_rate, strict=True)) == {"a": 0.01, "b": 0.04}


def test_where_one_rate_is_kept_the_first_seed_alone_chooses():
    choice = Choice(CHOICE.rates, CHOICE.error, kept=1)
    rows = [row(0.01, 0, 2.6), row(0.02, 0, 2.5), row(0.04, 0, 2.6), row(0.02, 1, 2.9)]
    assert choice.cases({}, range(3), rows)[3:] == [{"seed": seed, "learning_rate": 0.02} for seed in (1, 2)]
    assert choice.rate(rows) == 0.02
