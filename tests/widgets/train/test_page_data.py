"""The reader's own copy of IMDB becomes a text that the page reads."""

import base64

import pytest

from rnnbook import __main__ as command
from rnnbook import reviews
from rnnbook.widgets.train import page_data


@pytest.mark.reviews
def test_the_page_reads_what_the_command_writes(engine, real_imdb, tmp_path, capsys):
    out = tmp_path / "own.txt"
    assert command.main(["page-data", "--reviews", "120", "--words", "30", "--out", str(out)]) == 0
    assert "120 reviews" in capsys.readouterr().out
    read = engine(
        "const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0)).buffer;"
        "const { rows, labels, names } = tasks.readData('reviews', bytes);"
        "return { labels, last: rows.map((row) => names[row.at(-1)]), longest: Math.max(...rows.map((row) => row.length)) };",
        base64.b64encode(out.read_bytes()).decode(),
    )
    train = reviews.load("imdb").train
    assert read["labels"] == [int(label) for label in train.labels[:120]]
    assert 25 <= read["longest"] <= 35  # an apostrophe or a sign splits some words
    assert all(read["last"])


@pytest.mark.parametrize(
    "count, words, said", [(99, 40, "choose 100"), (20_001, 40, "choose 100"), (100, 201, "words")]
)
def test_sizes_that_the_page_cannot_read_are_refused(sample_corpus, count, words, said):
    with pytest.raises(ValueError, match=said):
        page_data.lines(sample_corpus, count, words)
