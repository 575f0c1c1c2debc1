"""The LSTM cell, move by move: show."""

from rnnbook.figures.lstm_cell import move

ALT = (
    "The LSTM cell, with the way of showing in its colours and all else pale. Z_i and X_i feed the layer that gives the "
    "output gate o. From the new cell state C_{i+1} a branch goes down through a tanh, is multiplied by o, and leaves as "
    "the hidden state Z_{i+1}. The cell state itself runs on."
)


def draw():
    return move("show")
