import re

import keras
import numpy as np

VOCABULARY = 10_000  # the most frequent words; all others are one word, number 2
MAXLEN = 200  # words of a review that are read, its last ones
EPOCHS = 8
PATIENCE = 2  # epochs without a better validation loss, then training stops
keras.utils.set_random_seed(1)

# Data: 25,000 reviews to learn from, 25,000 to test with, as numbers of words.
train, test = keras.datasets.imdb.load_data(num_words=VOCABULARY)


def padded(reviews):
    return keras.utils.pad_sequences(reviews, MAXLEN, padding="post")


x_train, y_train, x_test, y_test = padded(train[0]), train[1], padded(test[0]), test[1]

# Network: 322,113 parameters.
model = keras.Sequential(
    [
        keras.Input((None,), dtype="int32"),
        keras.layers.Embedding(VOCABULARY, 32, mask_zero=True),  # 0 is padding
        keras.layers.SimpleRNN(32),
        keras.layers.Dense(1),  # a logit, above 0 for a good review
    ]
)

# Training, with a fifth of the reviews held out.
model.compile(
    optimizer=keras.optimizers.Adam(1e-3),
    loss=keras.losses.BinaryCrossentropy(from_logits=True),
    metrics=[keras.metrics.BinaryAccuracy(name="accuracy", threshold=0)],
)
stop = keras.callbacks.EarlyStopping(patience=PATIENCE, restore_best_weights=True)
model.fit(x_train, y_train, 128, EPOCHS, validation_split=0.2, callbacks=[stop])

# Evaluation, once.
loss, accuracy = model.evaluate(x_test, y_test, batch_size=500)

# Saving, loading, and a review of one's own.
model.save("reviews.keras")
model = keras.models.load_model("reviews.keras")
rank = keras.datasets.imdb.get_word_index()


def probability(text):
    """That a text is a good review."""
    words = re.findall(r"[a-z0-9']+", text.lower())
    numbers = [
        1,
        *(rank.get(word, VOCABULARY) + 3 for word in words),
    ]  # 1: a review starts
    numbers = [number if number < VOCABULARY else 2 for number in numbers]
    logit = model.predict(padded([numbers]), verbose=0)[0, 0]
    return 1 / (1 + np.exp(-logit))


for text in (
    "A wonderful film, moving and beautiful.",
    "Boring, badly acted, a waste of time.",
):
    print(f"{probability(text):.2f}  {text}")
