import keras

model = keras.Sequential(
    [
        keras.Input((None,), dtype="int32"),  # token ids, 0 is padding
        keras.layers.Embedding(10_000, 32, mask_zero=True),
        # 6,336 parameters: the gates z (update), r (reset), h side by side; z near 1 keeps
        # the old state. Two biases, for the reset comes after the product, r * (W Z + b),
        # as cuDNN has it; with reset_after=False it comes before, as in the paper of 2014.
        keras.layers.GRU(32),
        keras.layers.Dense(1),  # a logit, above 0 for a good review
    ]
)
