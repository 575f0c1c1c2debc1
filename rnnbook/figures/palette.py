"""The colours of the course, each written down here alone: diagrams, plots, widgets and their still pictures take them.

The same letter has the same hue everywhere, and a matrix that of what it makes or reads: U reads X, W carries Z, V
gives Y. A drawing that is made once for light and dark pages takes `MID`, with a contrast of at least 3.6 : 1 on white and on
the dark theme's #121212. A widget knows its page, so it takes `LIGHT` or `DARK`, with at least 4.5 : 1 for its text.
"""

MID = {
    "x": "#1a7fd4",
    "z": "#d2600a",
    "y": "#1d8a5c",
    "cell": "#8a63d8",
    "gate": "#c74690",
    "grey": "#7d7d7d",
}
# x input, z state, y output, w what has no letter of its own, g gradient, c cell state; minus to plus: a heat map.
LIGHT = {
    "ink": "#1c2430",
    "muted": "#596475",
    "line": "#d5dae1",
    "soft": "#f3f5f8",
    "surface": "#fff",
    "focus": "#1f5fbf",
    "x": "#1f66c7",
    "z": "#b35300",
    "y": "#1b7a43",
    "w": "#5b6472",
    "g": "#a8246f",
    "c": "#6d4bc2",
    "zero": "#f4f5f7",
    "minus": "#2166c4",
    "plus": "#c75a00",
}
DARK = {
    "ink": "#e6eaf0",
    "muted": "#a3adbb",
    "line": "#3a424e",
    "soft": "#20262f",
    "surface": "#161b22",
    "focus": "#8ab8ff",
    "x": "#6fabff",
    "z": "#f2a23a",
    "y": "#5fca8b",
    "w": "#a7b0bd",
    "g": "#ff85bd",
    "c": "#b79bff",
    "zero": "#232a34",
    "minus": "#62a5ff",
    "plus": "#ff9d3c",
}
MATRICES = {"U": "x", "W": "z", "V": "y"}
# A kind of network has a hue, too: a SimpleRNN that of its state, an LSTM that of its cell. Names are those of `MID`.
CELLS = {"simple_rnn": "z", "gru": "y", "lstm": "cell"}
LETTERS = {"X": "x", "Z": "z", "Y": "y", "C": "c", **MATRICES}
