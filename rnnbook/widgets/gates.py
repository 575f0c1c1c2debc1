"""One LSTM or GRU unit over a short sequence: open and close its gates and watch what it keeps."""

import numpy as np
import traitlets as T

from ..networks import reference
from .live import Live
from .picture import Svg

STEPS = 16


class Gates(Live):
    """Set the gates' biases of a single LSTM or GRU unit, edit its input, and step through what it computes.

    Settings: `cell` "lstm" or "gru"; `X`, 16 inputs between -1 and 1; the biases `input_bias`, `forget_bias`,
    `output_bias` of the LSTM and `update_bias`, `reset_bias` of the GRU; `step`. The other weights are fixed, see
    `lstm_weights` and `gru_weights`: the input gate opens for large inputs, the update gate closes for them.
    """

    cell = T.Enum(["lstm", "gru"], "lstm").tag(sync=True)
    X = T.List(
        T.Float(), [0, 1, 0, 0.2, -0.2, 0.1, 0, -0.1, 0.2, -0.1, 0.1, 0, -0.9, 0.1, -0.2, 0], minlen=STEPS, maxlen=STEPS
    ).tag(sync=True)
    input_bias = T.Float(-3.0, min=-6, max=6).tag(sync=True)
    forget_bias = T.Float(4.0, min=-6, max=6).tag(sync=True)
    output_bias = T.Float(2.0, min=-6, max=6).tag(sync=True)
    update_bias = T.Float(3.0, min=-6, max=6).tag(sync=True)
    reset_bias = T.Float(2.0, min=-6, max=6).tag(sync=True)
    step = T.Int(5, min=0, max=STEPS).tag(sync=True)

    def lstm_weights(self):
        """Return U (4, 2), W (4, 1), b (4,), order i, f, c, o. The gates read the square of X, so they mind its size only."""
        U = np.array([[0.0, 6.0], [0.0, 0.0], [2.0, 0.0], [0.0, 0.0]])
        return (
            U,
            np.array([[0.0], [0.0], [0.5], [0.0]]),
            np.array([self.input_bias, self.forget_bias, 0.0, self.output_bias]),
        )

    def gru_weights(self):
        """Return U (3, 2), W (3, 1), b (2, 3), order z, r, h."""
        U = np.array([[0.0, -6.0], [0.0, 0.0], [2.0, 0.0]])
        return U, np.array([[0.0], [0.0], [0.5]]), np.array([[self.update_bias, self.reset_bias, 0.0], [0.0, 0.0, 0.0]])

    def inputs(self):
        """Return the two features that the unit reads, X and its square, (timesteps, 2)."""
        X = np.array(self.X)
        return np.stack([X, X**2], axis=1)

    def states(self):
        """Return Z (timesteps + 1,) of the chosen cell."""
        return self.both_states()[0]

    def both_states(self):
        """Return Z and C (timesteps + 1,) of the chosen cell; the GRU's C is 0."""
        Z = C = np.zeros((1, 1))
        states = [(0.0, 0.0)]
        for X in self.inputs()[:, None]:
            if self.cell == "lstm":
                Z, C = reference.lstm_step(X, Z, C, *self.lstm_weights())
            else:
                Z = reference.gru_step(X, Z, *self.gru_weights())
            states.append((float(Z[0, 0]), float(C[0, 0])))
        return np.array(states).T

    def alt_text(self):
        if self.cell == "gru":
            return f"Top, an input sequence of {STEPS} steps with two large values. Bottom, the state of one GRU unit."
        return (
            f"Top, an input sequence of {STEPS} steps with two large values. Bottom, the cell state of one LSTM unit, dashed, "
            "which holds what it was given, and the hidden state, which shows as much of it as the output gate lets through."
        )

    def picture(self):
        svg = Svg(680, 290)
        top = svg.axes(60, 42, 590, 70, (0, STEPS), (-1, 1), "Input X")
        for i, x in enumerate(self.X):
            svg.line([top(i + 0.5, 0), top(i + 0.5, x)], "x", 10)
        name = "Cell state C (dashed) and hidden state Z of the LSTM" if self.cell == "lstm" else "State Z of the GRU"
        low = svg.axes(60, 160, 590, 90, (0, STEPS), (-1, 1), name, "timestep")
        Z, C = self.both_states()
        if self.cell == "lstm":
            svg.line([low(i, c) for i, c in enumerate(C)], "c", 2.5, "6 4")
        return svg.line([low(i, z) for i, z in enumerate(Z)], "z", 2.5).svg()
