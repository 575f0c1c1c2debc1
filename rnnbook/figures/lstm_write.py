"""The LSTM cell, move by move: write."""

from rnnbook.figures.lstm_cell import move

ALT = (
    "The LSTM cell, with the way of writing in its colours and all else pale. Z_i and X_i feed two layers: a sigmoid gives "
    "the input gate i, a tanh the candidate C-tilde. Their product goes up to the sum on the way of the cell state, where "
    "it is added to what was kept, and C_{i+1} leaves at the right."
)


def draw():
    return move("write")
