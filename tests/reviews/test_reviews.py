"""Keras's conventions by hand, by property and on whole files; the cache; what goes wrong and what is said then."""

import hashlib
import io
import json
import os
import pickle
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnbook import files, reviews
from rnnbook.reviews import imdb, sample

SAMPLE_SHA256 = "d753160ef4f48bb3fbddfab9ff4d09aa5f28242d545eacd9e22cd2ab1c37363a"
WORDS = {"the": 1, "film": 2, "was": 3, "good": 4, "bad": 5, "don't": 6}


@pytest.fixture(autouse=True)
def alone(tmp_path, monkeypatch):
    """No test reads or fills the caches of the user, or reaches the network."""
    monkeypatch.setenv("RNNBOOK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.delenv("RNNBOOK_IMDB", raising=False)
    monkeypatch.setattr(urllib.request, "urlopen", no_network)


def no_network(*_, **__):
    raise urllib.error.URLError("no network in this test")


def ragged(some):
    array = np.empty(len(some), object)
    array[:] = some
    return array


def hand_made(**changes):
    """A small file in Keras's layout."""
    rng = np.random.default_rng(0)
    arrays = {}
    for split, n in (("train", 40), ("test", 30)):
        lengths = rng.integers(1, 60, n)
        arrays[f"x_{split}"] = ragged([(rng.zipf(1.3, length) % 88_000 + 1).tolist() for length in lengths])
        arrays[f"y_{split}"] = rng.integers(0, 2, n)
    return arrays | changes


@pytest.fixture
def named(tmp_path, monkeypatch):
    """Writes a file and names it in RNNBOOK_IMDB."""

    def write(arrays=None, content=None):
        path = tmp_path / "imdb.npz"
        if content is None:
            np.savez(path, **(arrays or hand_made()))
        else:
            path.write_bytes(content)
        monkeypatch.setenv("RNNBOOK_IMDB", str(path))
        return path

    return write


def as_keras_loads(path, monkeypatch, **options):
    import keras

    monkeypatch.setattr(sys.modules["keras.src.datasets.imdb"], "get_file", lambda **_: str(path))
    return keras.datasets.imdb.load_data(**options)


def refused(match):
    """The error is one clear sentence."""
    return pytest.raises(reviews.DataError, match=match)


# --- conventions -----------------------------------------------------------------------------------


@pytest.mark.parametrize("num_words", [100, 10_000, 65_536])
def test_a_file_loads_as_in_keras(named, monkeypatch, num_words):
    path = named()
    (x_train, y_train), (x_test, y_test) = as_keras_loads(path, monkeypatch, num_words=num_words)
    for _ in range(2):  # from the file, then from the cache
        corpus = reviews.load(num_words=num_words)
        for part, x, y in ((corpus.train, x_train, y_train), (corpus.test, x_test, y_test)):
            assert [part[i].tolist() for i in range(len(part))] == x.tolist()
            assert part.labels.tolist() == y.tolist()
    assert corpus.name == "imdb" and corpus.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    tokens = np.concatenate([corpus.train.tokens, corpus.test.tokens])
    assert tokens.dtype == np.uint16 and tokens.max() < num_words


@pytest.mark.real
def test_real_reviews_load_as_in_keras(real_imdb, monkeypatch):
    import keras

    def with_keras():
        (x_train, y_train), (x_test, y_test) = as_keras_loads(real_imdb, monkeypatch, num_words=10_000)
        return keras.utils.pad_sequences(x_train, 500), y_train, keras.utils.pad_sequences(x_test, 500), y_test

    def with_rnnbook():
        corpus = reviews.load(num_words=10_000)
        return corpus.train.padded(500), corpus.train.labels, corpus.test.padded(500), corpus.test.labels

    monkeypatch.setenv("RNNBOOK_IMDB", str(real_imdb))
    arrays, expected = with_rnnbook(), with_keras()  # ours fills the cache here
    assert all(np.array_equal(a, b) for a, b in zip(arrays, expected, strict=True))


@pytest.mark.real
def test_real_reviews_describe_themselves(real_corpus):
    sizes = f"{len(real_corpus.train):,} training and {len(real_corpus.test):,} test reviews"
    assert real_corpus.describe().startswith(f"IMDB: {sizes}")
    assert real_corpus.word_index["the"] == 1 and real_corpus.train.labels.mean() == 0.5
    assert reviews.decode(real_corpus.train[0], real_corpus.word_index).startswith("[START] ")


def test_shuffled_reviews_keep_their_words_but_not_their_order(sample_corpus):
    reviews = sample_corpus.train.take(200)
    mixed = reviews.shuffled(np.random.default_rng(1), 40)
    assert all(sorted(a) == sorted(b[-40:]) for a, b in zip(mixed, reviews))
    assert all(a[0] == 1 for a, b in zip(mixed, reviews) if len(b) <= 40)
    assert np.mean([list(a) != list(b[-40:]) for a, b in zip(mixed, reviews)]) > 0.9
    assert (mixed.labels == reviews.labels).all() and (mixed.lengths == np.minimum(reviews.lengths, 40)).all()


def test_padding_by_hand():
    some = reviews.Reviews.from_lists([[1, 7], [1, 7, 8, 9]], [0, 1])
    assert some.padded(3).tolist() == [[0, 1, 7], [7, 8, 9]]
    assert some.padded(3, padding="post", truncating="post").tolist() == [[1, 7, 0], [1, 7, 8]]
    assert some.padded().shape == (2, 500) and some.padded().dtype == np.int32


sequences = st.lists(st.lists(st.integers(0, 65_535), max_size=30), min_size=1, max_size=8)
sides = st.sampled_from(["pre", "post"])


@settings(deadline=None)
@given(sequences, st.integers(1, 40), sides, sides)
def test_padding_equals_keras(lists, maxlen, padding, truncating):
    import keras

    some = reviews.Reviews.from_lists(lists, [0] * len(lists))
    expected = keras.utils.pad_sequences(lists, maxlen, padding=padding, truncating=truncating)
    assert np.array_equal(some.padded(maxlen, padding, truncating), expected)


@given(sequences, st.integers(-10, 10), st.integers(-10, 10))
def test_reviews_slice_like_a_list(lists, a, b):
    some = reviews.Reviews.from_lists(lists, np.arange(len(lists)) % 2)
    part = some[a:b]
    assert [part[i].tolist() for i in range(len(part))] == lists[a:b]
    assert part.lengths.tolist() == [len(review) for review in lists[a:b]]
    assert part.labels.tolist() == (np.arange(len(lists)) % 2).tolist()[a:b]
    assert some[-1].tolist() == lists[-1]
    assert len(some.take(3)) == min(3, len(lists))
    with pytest.raises(IndexError):
        some[len(lists)]


def test_encoding_by_hand():
    assert reviews.encode("The film, was GOOD!", WORDS) == [1, 4, 5, 6, 7]
    assert reviews.encode("I don\u2019t: the_film", WORDS, start=False) == [2, 9, 4, 5]
    assert reviews.encode("the film was good", WORDS, num_words=7) == [1, 4, 5, 6, 2]
    assert reviews.decode([0, 0, 1, 4, 5, 2, 7], WORDS) == "[START] the film [OOV] good"


@given(st.text(max_size=200), st.integers(4, 12))
def test_any_text_encodes_or_is_refused(text, num_words):
    words = reviews.tokenize(text)
    try:
        tokens = reviews.encode(text, WORDS, num_words)
    except reviews.DataError:
        assert not {word for word in words if WORDS.get(word, 99) + 3 < num_words}
    else:
        assert tokens[0] == reviews.START and len(tokens) == len(words) + 1
        assert all(reviews.OOV <= token < num_words for token in tokens[1:])


@given(st.lists(st.sampled_from(list(WORDS)), min_size=1))
def test_known_words_survive_the_round_trip(words):
    text = " ".join(words)
    assert reviews.decode(reviews.encode(text, WORDS, start=False), WORDS) == text


# --- the cache -------------------------------------------------------------------------------------


def test_the_second_load_needs_no_unpickling(named, monkeypatch):
    named()
    first = reviews.load()
    monkeypatch.setattr(imdb, "_convert", None)
    assert np.array_equal(reviews.load().train.tokens, first.train.tokens)


def test_a_changed_file_is_read_anew(named):
    named()
    before = reviews.load().sha256
    arrays = hand_made()
    arrays["y_train"] = 1 - arrays["y_train"]
    named(arrays)
    assert reviews.load().sha256 != before


@pytest.mark.parametrize(
    "damage", [lambda c: c[:100], lambda c: c[: len(c) // 2], lambda c: b"", lambda c: c[:300] + b"?" + c[301:]]
)
def test_a_damaged_cache_is_made_again(named, damage):
    named()
    first = reviews.load()
    flat = imdb._flat_path(first.sha256)
    whole = flat.read_bytes()
    flat.write_bytes(damage(whole))
    assert np.array_equal(reviews.load().train.tokens, first.train.tokens)
    assert flat.read_bytes() == whole


def test_an_unwritable_cache_is_said_and_does_no_harm(named, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("RNNBOOK_CACHE", str(tmp_path / "file" / "cache"))
    named()
    with pytest.warns(UserWarning, match="Cannot write to the cache .*set RNNBOOK_CACHE"):
        assert len(reviews.load().train) == 40


def test_a_full_disk_leaves_nothing_half_written(named, monkeypatch):
    named()

    def half(file, **arrays):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(imdb.np, "savez", half)
        with pytest.warns(UserWarning, match="No space left"):
            reviews.load()
    assert not list(files.cache_folder().iterdir())


def test_processes_may_fill_the_cache_at_once(named):
    named()
    code = "from rnnbook import reviews; c = reviews.load('imdb'); print(c.train.tokens.sum(), c.test.tokens.sum())"
    runs = [
        subprocess.Popen([sys.executable, "-W", "error", "-c", code], stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    answers = {run.communicate()[0] for run in runs}
    assert len(answers) == 1 and "" not in answers and not any(run.returncode for run in runs)
    assert [path.suffix for path in files.cache_folder().iterdir()] == [".npz"]


def test_the_flat_copy_of_a_known_file_serves_without_the_file(named, monkeypatch):
    path = named()
    path.with_name(imdb.WORDS_FILE).write_text(json.dumps(WORDS))
    first = reviews.load()
    assert first.word_index == WORDS
    monkeypatch.delenv("RNNBOOK_IMDB")
    with refused("Downloading"):  # a file that nobody knows is not taken from the cache
        reviews.load("imdb")
    monkeypatch.setattr(imdb, "OFFLINE_SHA256", first.sha256)
    again = reviews.load("imdb")
    assert np.array_equal(again.test.tokens, first.test.tokens) and again.word_index == WORDS


def test_a_corpus_can_be_sent_to_another_process(named, sample_corpus):
    named().with_name(imdb.WORDS_FILE).write_text(json.dumps(WORDS))
    for corpus in (reviews.load(), sample_corpus):
        sent = pickle.loads(pickle.dumps(corpus))
        assert np.array_equal(sent.train.tokens, corpus.train.tokens) and sent.word_index == corpus.word_index


# --- the download ----------------------------------------------------------------------------------


@pytest.fixture
def published(monkeypatch):
    """Serves a hand-made file and word index as if Keras published them."""
    file = io.BytesIO()
    np.savez(file, **hand_made())
    files = {"imdb.npz": file.getvalue(), imdb.WORDS_FILE: json.dumps(WORDS).encode()}
    asked = []

    def urlopen(url, timeout):
        assert url.startswith("https://")
        asked.append(url.removeprefix(imdb.KERAS_URL))
        return io.BytesIO(files[asked[-1]])

    monkeypatch.setattr(urllib.request, "urlopen", urlopen)
    monkeypatch.setattr(imdb, "KERAS_SHA256", hashlib.sha256(files["imdb.npz"]).hexdigest())
    monkeypatch.setattr(imdb, "WORDS_MD5", hashlib.md5(files[imdb.WORDS_FILE]).hexdigest())
    files["asked"] = asked
    return files


def test_what_was_downloaded_is_kept(published):
    for _ in range(2):
        corpus = reviews.load()
        assert corpus.name == "imdb" and corpus.word_index == WORDS
    assert published["asked"] == ["imdb.npz", imdb.WORDS_FILE]


def test_keras_own_copy_is_used(published, tmp_path):
    folder = tmp_path / "keras" / "datasets"
    folder.mkdir(parents=True)
    (folder / "imdb.npz").write_bytes(published["imdb.npz"])
    assert len(reviews.load("imdb").train) == 40 and not published["asked"]


def test_a_wrong_download_is_refused(published):
    published["imdb.npz"] = published["imdb.npz"][:-1]
    with refused("not the file that Keras publishes: try again"):
        reviews.load("imdb")


def test_without_network_imdb_fails_and_auto_says_what_stands_in():
    with refused("Downloading .* failed .no network in this test.: connect to the internet, or set RNNBOOK_IMDB"):
        reviews.load("imdb")
    corpus = reviews.load("auto")
    assert corpus.name == "sample"
    assert "IMDB could not be had" in corpus.describe() and "no network in this test" in corpus.describe()


# --- bad input -------------------------------------------------------------------------------------


class Evil:
    def __reduce__(self):
        return os.system, ("touch /tmp/rnnbook-was-here",)


def test_a_file_with_code_in_it_is_refused(named):
    trap = Path("/tmp/rnnbook-was-here")
    trap.unlink(missing_ok=True)
    named(hand_made(x_train=ragged([Evil()] * 40)))
    with refused("is refused .it asks for (posix|nt).system"):
        reviews.load()
    assert not trap.exists()
    assert not files.cache_folder().exists()


@pytest.mark.parametrize(
    "content, says",
    [
        (b"", "damaged or not an imdb.npz"),
        (b"hello", "damaged or not an imdb.npz"),
        (b"PK\x03\x04" + b"\0" * 100, "damaged or not an imdb.npz"),
    ],
)
def test_what_is_no_npz_is_refused(named, content, says):
    named(content=content)
    with refused(says):
        reviews.load()


@settings(deadline=None, max_examples=30)
@given(st.data())
def test_truncated_and_altered_files_never_pass_unseen(draw):
    file = io.BytesIO()
    np.savez(file, **hand_made())
    content = bytearray(file.getvalue())
    if draw.draw(st.booleans()):
        content = content[: draw.draw(st.integers(0, len(content) - 1))]
    else:
        content[draw.draw(st.integers(0, len(content) - 1))] ^= 1 << draw.draw(st.integers(0, 7))
    try:
        arrays = imdb._convert(bytes(content), "the file")
    except reviews.DataError:
        return
    intact = imdb._convert(file.getvalue(), "the file")  # the altered byte carried no content, e.g. a date
    assert all(np.array_equal(arrays[name], intact[name]) for name in intact)


@pytest.mark.parametrize(
    "changes, says",
    [
        (dict(x_train=ragged([])), "0 reviews and 40 labels"),
        (dict(y_test=np.ones(7, int)), "30 reviews and 7 labels in x_test and y_test"),
        (dict(x_train=ragged([]), y_train=np.array([], int)), "at least one"),
        (dict(y_train=np.arange(40)), "labels other than 0 and 1 in y_train"),
        (dict(x_test=ragged(["a text"] * 30)), "something other than lists of word ranks in x_test"),
        (dict(x_test=ragged([3] * 30)), "something other than lists of word ranks"),
        (dict(x_test=ragged([[2, None]] * 30)), "something other than lists of word ranks"),
        (dict(x_test=ragged([[-5]] * 30)), "negative word ranks in x_test"),
        (dict(x_test=ragged([[2**80]] * 30)), "something other than lists of word ranks"),
    ],
)
def test_a_wrong_layout_is_named(named, changes, says):
    named(hand_made(**changes))
    with refused(says):
        reviews.load()


def test_missing_arrays_are_named(named):
    named({"reviews": np.zeros(3)})
    with refused("not in Keras's layout .*x_train.npy"):
        reviews.load()


def test_a_named_file_that_is_missing_is_no_reason_for_the_sample(tmp_path, monkeypatch):
    for path in (tmp_path / "nowhere.npz", tmp_path):
        monkeypatch.setenv("RNNBOOK_IMDB", str(path))
        for dataset in ("auto", "imdb"):
            with refused(f"RNNBOOK_IMDB names {path}, but there is no such file"):
                reviews.load(dataset)


@pytest.mark.parametrize(
    "content, says", [("{", "is damaged"), ("[1]", "does not map words to ranks"), ('{"a": "b"}', "does not map words")]
)
def test_a_wrong_word_index_is_named(named, content, says):
    named().with_name(imdb.WORDS_FILE).write_text(content)
    corpus = reviews.load()
    with refused(says):
        corpus.word_index  # noqa: B018 - read when first asked for


@pytest.mark.parametrize(
    "call, says",
    [
        (lambda c: reviews.load("imbd"), 'dataset is .imbd.: use "auto", "imdb" or "sample"'),
        (lambda c: reviews.load("sample", num_words=3), "num_words is 3: choose a vocabulary of 4 to 65,536"),
        (lambda c: reviews.load("sample", num_words=65_537), "num_words is 65537"),
        (lambda c: reviews.load("sample", num_words=0), "num_words is 0"),
        (lambda c: reviews.load("sample", num_words=None), "num_words is None: it must be a whole number"),
        (lambda c: reviews.load("sample", num_words="10"), "num_words is '10'"),
        (lambda c: c.train.padded(0), "maxlen is 0: it must be a whole number, at least 1"),
        (lambda c: c.train.padded(10.5), "maxlen is 10.5"),
        (lambda c: c.train.padded(True), "maxlen is True"),
        (lambda c: c.train.padded(padding="left"), 'padding is .left.: use "pre" or "post"'),
        (lambda c: c.train.padded(truncating=None), "truncating is None"),
        (lambda c: c.train.take(0), "The number of reviews is 0: it must be a whole number, at least 1"),
        (lambda c: c.train.take("5"), "The number of reviews is '5'"),
        (lambda c: c.train[::2], "sliced without a step"),
        (lambda c: reviews.encode("", c.word_index), "The text holds no words"),
        (lambda c: reviews.encode(" \n…?!", c.word_index), "The text holds no words"),
        (
            lambda c: reviews.encode("Der Streifen gefiel mir überhaupt nicht", c.word_index),
            "None of the 6 words .* in English",
        ),
        (lambda c: reviews.encode("この映画は最高でした", c.word_index), "None of the 1 words .* in English"),
    ],
)
def test_bad_input_gets_one_clear_sentence(sample_corpus, call, says):
    with refused(says) as caught:
        call(sample_corpus)
    assert "\n" not in str(caught.value) and isinstance(caught.value, ValueError)


# --- the sample ------------------------------------------------------------------------------------


def test_the_sample_is_the_same_everywhere(sample_corpus):
    assert sample.write(3, seed=5) == sample.write(3, seed=5) != sample.write(3, seed=6)
    assert sample_corpus.sha256 == SAMPLE_SHA256


def test_the_sample_has_the_shape_of_reviews(sample_corpus):
    assert (len(sample_corpus.train), len(sample_corpus.test)) == (4000, 1000)
    assert sample_corpus.train.labels.mean() == 0.5
    assert 20 <= sample_corpus.train.lengths.min() < 40 < 300 < sample_corpus.train.lengths.max() <= 400
    assert 250 < len(sample_corpus.word_index) < 2000
    text = reviews.decode(sample_corpus.test[0], sample_corpus.word_index)
    assert "[OOV]" not in text
    assert "generated by a program" in sample_corpus.describe() and "not real" in sample_corpus.describe()


def test_a_small_vocabulary_turns_rare_words_into_oov(sample_corpus):
    small = reviews.load("sample", num_words=50)
    expected = np.where(sample_corpus.train.tokens < 50, sample_corpus.train.tokens, 2)
    assert np.array_equal(small.train.tokens, expected)


def test_counting_words_is_not_enough_on_the_sample(sample_corpus):
    """Logistic regression on word counts stays far from perfect, a small recurrent network gets further."""
    from scipy.optimize import minimize
    from scipy.sparse import csr_array

    from rnnbook.networks import numpy_training

    def counts(some):
        return csr_array((np.ones(len(some.tokens)), some.tokens.astype(int), some.offsets), (len(some), 400))

    A, y = counts(sample_corpus.train), sample_corpus.train.labels * 2.0 - 1

    def loss(w):
        margin = y * (A @ w)
        return np.logaddexp(0, -margin).sum() + 5 * w @ w, 10 * w - A.T @ (y / (1 + np.exp(np.minimum(margin, 50))))

    w = minimize(loss, np.zeros(400), jac=True, method="L-BFGS-B").x
    by_counting = ((counts(sample_corpus.test) @ w > 0) == sample_corpus.test.labels).mean()
    _, history = numpy_training.train(sample_corpus, epochs=10)
    assert 0.6 < by_counting < 0.82
    assert max(history["val_accuracy"]) > by_counting + 0.04


def test_ratings_in_the_reviews_tell_the_label_as_chapter_4_says(real_corpus):
    """A few reviews rate, mostly near their end, and from seven on they are positive."""
    token = {number: real_corpus.word_index[str(number)] + 3 for number in range(1, 11)}
    number_of = {value: number for number, value in token.items()}
    given, words_after = [], []
    for row in (np.asarray(real_corpus.test[k]).tolist() for k in range(len(real_corpus.test))):
        at = [i for i in range(len(row) - 1) if row[i] in number_of and row[i + 1] == token[10]]
        given.append(number_of[row[at[-1]]] if at else 0)
        words_after.append(len(row) - at[-1] - 2 if at else 0)
    given, words_after = np.array(given), np.array(words_after)
    positive = np.asarray(real_corpus.test.labels)
    assert 0.04 < (given > 0).mean() < 0.08 and (words_after[given > 0] <= 10).mean() > 0.75
    assert positive[(given >= 7) & (given <= 9)].mean() > 0.95
    assert positive[(given >= 1) & (given <= 4)].mean() < 0.05
