"""`python -m rnnbook page-data`: the reader's own copy of IMDB as a text that the playground takes."""

from pathlib import Path

from ... import reviews
from ...errors import CourseError
from . import WORDS

MOST = 20_000  # of these words' lengths about 4 MB: the page reads up to 5 MB


def add_page_data(parser):
    """The arguments of `page-data`; returns what runs it."""
    parser.add_argument("--reviews", type=int, default=4000, help=f"how many, 100 to {MOST} (default: %(default)s)")
    parser.add_argument("--words", type=int, default=WORDS, help="the last how many of each (default: %(default)s)")
    parser.add_argument("--out", default="imdb-for-the-page.txt", help="the file to write (default: %(default)s)")
    return _command


def _command(arguments):
    corpus = reviews.load("imdb")
    text = lines(corpus, reviews.whole("reviews", arguments.reviews), reviews.whole("words", arguments.words))
    path = Path(arguments.out)
    path.write_text(text, encoding="utf-8")
    print(
        f"{path}: {text.count(chr(10)):,} reviews, {len(text.encode()) / 1e6:.1f} MB. On the playground choose the task "
        "“reviews”, open “Your own data”, and take this file. It stays on your machine: do not pass it on."
    )
    return 0


def lines(corpus, count, words):
    """Return the first `count` training reviews of `corpus`, a line each: 1 or 0, a space, the last `words` words.

    A word outside the vocabulary reads ``oov``.

    Raises CourseError where `count` or `words` cannot be served.
    """
    if not 100 <= count <= MOST:
        raise CourseError(f"{count} reviews cannot be written: choose 100 to {MOST}.")
    if not 1 <= words <= 200:
        raise CourseError(f"{words} words a review cannot be read by the page: choose 1 to 200.")
    train = corpus.train.take(min(count, len(corpus.train)))
    word_of = reviews.word_of(corpus.word_index)
    made = (" ".join(word_of.get(int(token), "oov") for token in train[i][-words:]) for i in range(len(train)))
    return "".join(f"{int(label)} {text}\n" for label, text in zip(train.labels, made))
