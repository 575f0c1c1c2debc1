"""The LSTM cell, move by move: forget."""

from rnnbook.figures.lstm_cell import move

ALT = (
    "The LSTM cell, with the way of forgetting in its colours and all else pale. Z_i and X_i feed the layer that gives the "
    "forget gate f. The gate goes up to the product on the way of the cell state: C_i comes in from the left, is multiplied "
    "by f, and what is kept runs on to the sum."
)


def draw():
    return move("forget")
