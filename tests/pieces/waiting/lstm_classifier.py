import keras

model = keras.Sequential(
    [
        keras.Input((None,), dtype="int32"),  # token ids, 0 is padding
        keras.layers.Embedding(10_000, 32, mask_zero=True),
        # 8,320 parameters: the gates i, f, c, o side by side in each matrix; the bias of
        # the forget gate starts at 1.
        keras.layers.LSTM(32),
        keras.layers.Dense(1),  # a logit, above 0 for a good review
    ]
)
