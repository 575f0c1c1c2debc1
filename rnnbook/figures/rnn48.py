"""Four recurrent layers, one on top of the other."""

from rnnbook.figures.vocabulary import MATH, Drawing

ALT = (
    "Four recurrent layers of 32 units stacked over four timesteps. The inputs X_0 to X_3 enter layer 1 from below. "
    "In each layer the states follow one another from left to right through that layer's own W; from each layer to "
    "the next the state of every step goes up through the next layer's own U, because layers 1 to 3 return whole "
    "sequences, of shape (timesteps, 32). Layer 4 returns its last state only, of shape (32), which goes through V "
    "into the output Y."
)


def draw():
    d = Drawing(640, 566)
    columns, rows, bottom = [122, 216, 310, 404], [430, 334, 238, 142], 520
    below = [d.input(x, bottom, f"$X_{step}$") for step, x in enumerate(columns)]
    d.text(70, bottom, "input", anchor="end")
    d.text(472, bottom, "(timesteps, features)", anchor="start")
    for layer, y in enumerate(rows, start=1):
        states = [d.state(x, y, f"$Z_{step}^{{({layer})}}$", size=54) for step, x in enumerate(columns, start=1)]
        for step, (source, state) in enumerate(zip(below, states)):
            x = state.x
            d.weight(source, state, letter="U", label=False)
            if step == 0:
                d.text(x - 12, (source.top[1] + state.bottom[1]) / 2, f"$U^{{({layer})}}$", MATH, "end")
        for step, (before, state) in enumerate(zip(states, states[1:])):
            d.weight(before, state, letter="W", label=False)
            if step == 0:
                d.text((before.x + state.x) / 2, y - 24, f"$W^{{({layer})}}$", 17)
        d.text(70, y, f"layer {layer}", anchor="end")
        shape = "(timesteps, 32)" if layer < 4 else "(32)"
        d.text(472, y - 11, shape, anchor="start")
        d.text(472, y + 12, f"return_sequences={layer < 4}", anchor="start", opacity=0.8)
        below = states
    y = d.output(404, 48, "$Y$")
    d.weight(below[-1], y, letter="V", at=(421, 93))
    d.text(472, 14, "Shape", bold=True, anchor="start")
    d.text(472, 48, "(outputs)", anchor="start")
    return d
