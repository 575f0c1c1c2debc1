"""How a learning rate is chosen: over seeds, never at the edge, and nothing runs twice."""

from rnnbook.runs.choice import Choice

CHOICE = Choice((0.01, 0.02, 0.04), 0, lambda row: row["error"])


def row(rate, seed, error):
    return {"learning_rate": rate, "seed": seed, "error": error}


def test_a_rate_that_one_seed_likes_and_others_do_not_is_not_chosen():
    rows = [row(0.01, 0, 2.6), row(0.02, 0, 2.5), row(0.04, 0, 2.4)]
    CHOICE.choose(rows)
    assert [r["chosen"] for r in rows] == [False, False, True] and CHOICE.finalists(rows) == [0.04, 0.02]
    rows += [row(0.02, 1, 2.5), row(0.04, 1, 2.9)]
    CHOICE.choose(rows)
    assert {r["learning_rate"] for r in rows if r["chosen"]} == {0.02}
    rows += [row(0.02, 2, float("nan"))]  # came apart, but the other has no such seed yet
    CHOICE.choose(rows)
    assert {r["learning_rate"] for r in rows if r["chosen"]} == {0.02}
    rows += [row(0.04, 2, 2.9)]
    CHOICE.choose(rows)
    assert {r["learning_rate"] for r in rows if r["chosen"]} == {0.04}


def test_all_rates_are_tried_before_seeds_and_nothing_is_asked_twice():
    networks = {"a": [], "b": [row(0.01, 0, 3.0)]}
    assert CHOICE.missing(networks, range(2)) == [(n, 0, r) for n in "ab" for r in CHOICE.rates][:3] + [
        ("b", 0, 0.02),
        ("b", 0, 0.04),
    ]
    networks["a"] += [row(0.01, 0, 1.0), row(0.02, 0, 2.0), row(0.04, 0, 3.0)]
    networks["b"] += [row(0.02, 0, 2.0), row(0.04, 0, 1.0)]
    assert CHOICE.missing(networks, range(2)) == [("a", 1, 0.01), ("a", 1, 0.02), ("b", 1, 0.04), ("b", 1, 0.02)]
    networks["a"].append(row(0.02, 1, 2.0))
    assert ("a", 1, 0.02) not in CHOICE.missing(networks, range(2))


def test_where_one_rate_is_kept_the_first_seed_alone_chooses():
    choice = Choice(CHOICE.rates, 0, CHOICE.error, kept=1)
    rows = [row(0.01, 0, 2.6), row(0.02, 0, 2.5), row(0.04, 0, 2.6), row(0.02, 1, 2.9)]
    assert choice.missing({"a": rows}, range(3)) == [("a", 2, 0.02)]
    choice.choose(rows)
    assert {r["learning_rate"] for r in rows if r["chosen"]} == {0.02}
