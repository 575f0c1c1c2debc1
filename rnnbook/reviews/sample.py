"""Generated stand-in reviews, for machines without IMDB: seeded, labelled, made of our own phrases.

A review is labelled by its verdict. Every review praises and blames; two in five turn late ("but in the end …") and
reach a verdict against most of what came before, and small talk after the verdict makes it something to remember.
So counting words misleads, and order, negation and memory pay.
"""

from __future__ import annotations

import functools
import hashlib
import itertools
import random
import re
from collections import Counter

import numpy as np

from .corpus import INDEX_FROM, OOV, START, Corpus, Reviews, tokenize

PRAISE = """good great fine excellent wonderful brilliant superb lovely charming moving funny clever gripping touching
fresh honest warm witty stunning beautiful delightful memorable graceful sharp tender inventive thrilling elegant
convincing rewarding""".split()
BLAME = """bad poor dull awful terrible horrible boring weak clumsy tedious silly stale shallow cold ugly annoying
pointless forgettable lifeless messy flat predictable tiresome wooden lazy hollow painful dreary confusing
disappointing""".split()
ASPECTS = """plot story script acting cast ending opening music score dialogue pace camera direction editing humour
romance drama action lighting costumes scenery villain hero heroine narrator soundtrack finale dialect makeup
photography""".split()
DEGREES = "very really quite rather so truly simply remarkably surprisingly incredibly utterly fairly".split()
VIEWERS = ["i", "we", "my brother", "my wife", "my friends", "the critics", "the audience", "my neighbour", "everyone"]
SMALL_TALK = [
    "{who} saw it on a {day} in {month} with {company}",
    "it was shown at the {place} near the {spot}",
    "it runs for about {number} minutes and was made in the {decade}",
    "the {person} plays a {job} who moves to a {spot} by the {water}",
    "a {job} and a {job} meet at the {place} and travel to the {water}",
    "the {job} has a {relative} who works at the {place}",
    "{who} had read the {source} some {number} years ago",
    "it was raining that {day} and the {place} was half empty",
    "there is a scene with a {thing} and a {thing} in the {spot}",
    "the {thing} belongs to the {relative} of the {job}",
]
SLOTS = {
    "who": VIEWERS[:6],
    "day": "monday tuesday wednesday thursday friday saturday sunday".split(),
    "month": "january february march april may june july august september october november december".split(),
    "company": ["my sister", "two friends", "the children", "a colleague", "my parents", "nobody else"],
    "place": "cinema theatre station hotel museum library school hospital bakery harbour market castle".split(),
    "spot": "village city forest garden valley street kitchen island desert tower bridge attic".split(),
    "number": "ten twenty thirty forty fifty sixty seventy eighty ninety".split(),
    "decade": "forties fifties sixties seventies eighties nineties".split(),
    "person": "lead actress newcomer comedian singer veteran".split(),
    "job": "teacher sailor doctor painter farmer detective pilot lawyer baker soldier clerk gardener".split(),
    "water": "river sea lake canal coast ocean".split(),
    "relative": "mother father uncle aunt cousin daughter son grandmother".split(),
    "source": "novel comic play diary poem article".split(),
    "thing": "clock letter piano lantern suitcase mirror bicycle violin map knife hat telescope".split(),
}
OPENINGS = [
    "here is what i think of it",
    "a few words about this film",
    "i did not know what to expect",
    "this one had been on my list",
    "let me be brief",
    "some thoughts on this picture",
]
TURNS = [
    "but in the end",
    "yet when all is said",
    "and still after all",
    "however looking back",
    "but all things considered",
]
CLOSINGS = ["so in the end", "and when all is said", "all in all", "looking back", "all things considered"]


def write(reviews: int, seed: int) -> tuple[list[str], list[int]]:
    """Texts of 20 to 400 words and their labels, 1 = positive; half of each."""
    rng = random.Random(seed)
    labels = [i % 2 for i in range(reviews)]
    rng.shuffle(labels)
    return [_review(rng, label) for label in labels], labels


def _review(rng: random.Random, label: int) -> str:
    turns = rng.random() < 0.4
    leaning = 1 - label if turns else label
    sentences = [rng.choice(OPENINGS)]
    words_left = min(320, int(1 + rng.expovariate(1 / 80)))
    while words_left > 0:
        if rng.random() < 0.45:
            sentences.append(_small_talk(rng))
        else:
            sentences.append(_opinion(rng, leaning if rng.random() < 0.8 else 1 - leaning))
        words_left -= sentences[-1].count(" ") + 1
    sentences.append(f"{rng.choice(TURNS if turns else CLOSINGS)} {_opinion(rng, label)}")
    sentences += [_opinion(rng, label) for _ in range(rng.randint(1, 3))]
    sentences += [_small_talk(rng) for _ in range(rng.randint(0, 2))]
    return ". ".join(sentences) + "."


def _opinion(rng: random.Random, positive: int) -> str:
    """One judgement; one in seven says it by negating its opposite."""
    aspect = rng.choice(ASPECTS)
    negated = rng.random() < 1 / 7
    word = rng.choice(PRAISE if positive != negated else BLAME)
    degree = f"{rng.choice(DEGREES)} " if rng.random() < 0.4 else ""
    if negated:
        return rng.choice(
            [
                f"the {aspect} was not {degree}{word}",
                f"nobody would call the {aspect} {word}",
                f"the {aspect} is never {word}",
                f"{rng.choice(VIEWERS)} did not find the {aspect} {degree}{word}",
            ]
        )
    return rng.choice(
        [
            f"the {aspect} was {degree}{word}",
            f"what a {word} {aspect}",
            f"{rng.choice(VIEWERS)} found the {aspect} {degree}{word}",
            f"the {aspect} is {degree}{word}",
        ]
    )


def _small_talk(rng: random.Random) -> str:
    """A sentence whose slots, each `{name}`, are filled with words drawn anew."""
    return re.sub(r"{(\w+)}", lambda slot: rng.choice(SLOTS[slot[1]]), rng.choice(SMALL_TALK))


def corpus(num_words: int, reason: str = "") -> Corpus:
    """The generated reviews with a vocabulary of ``num_words`` tokens; ``reason`` says why they stand in for IMDB."""
    train, test, word_index, digest = _encoded()

    def cut(part):
        tokens = np.where(part.tokens < num_words, part.tokens, np.uint16(OOV))
        return Reviews(tokens, part.offsets, part.labels)

    return Corpus("sample", cut(train), cut(test), num_words, digest, functools.partial(dict, word_index), reason)


@functools.cache
def _encoded():
    (train, train_labels), (test, test_labels) = write(4000, seed=0), write(1000, seed=1)
    train, test = ([tokenize(text) for text in texts] for texts in (train, test))
    counts = Counter(itertools.chain.from_iterable(train))
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    word_index = {word: rank for rank, word in enumerate(ranked, start=1)}
    splits = [
        Reviews.from_lists([[START] + [word_index[word] + INDEX_FROM for word in words] for words in texts], labels)
        for texts, labels in ((train, train_labels), (test, test_labels))
    ]
    digest = hashlib.sha256(b"".join(part.tobytes() for split in splits for part in (split.tokens, split.labels)))
    return *splits, word_index, digest.hexdigest()
