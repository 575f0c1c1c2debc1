import keras

model = keras.Sequential(
    [
        keras.Input((None,), dtype="int32"),  # token ids, 0 is padding
        keras.layers.Embedding(10_000, 32, mask_zero=True),  # 320,000 parameters
        keras.layers.SimpleRNN(32),  # 2,080: U, W and b; padding leaves the state alone
        keras.layers.Dense(1),  # 33; a logit, above 0 for a good review
    ]
)
