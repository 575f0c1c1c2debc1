"""Does this version of Keras keep its dropout mask over the timesteps? Run eagerly, and inside a graph as `fit` does.

python bench/masks.py                  # the Keras that is installed
python bench/masks.py tf_keras         # Keras 2, after `pip install --no-deps tf_keras`
python bench/masks.py --record         # stores both, as the study masks_by_library
"""

import argparse
import importlib
from importlib.metadata import version

import numpy as np

from rnnbook.laboratory.studies import masks_by_library


def masks_kept(keras):
    """For the state and for the input: {'eager': kept, 'graph': kept}, from a SimpleRNN whose states betray its mask.

    State: no input, W = 1.5 I and a bias, so a unit that is dropped at a step shows tanh(bias) after it, and only then.
    Input: W = 0 and a constant input, so the states of all steps are equal if the mask is.
    """
    import tensorflow as tf

    units, x = 32, np.ones((4, 20, 8), np.float32)
    found = {}
    for place, recurrent, rates in (
        ("state", 1.5 * np.eye(units), {"recurrent_dropout": 0.5}),
        ("input", np.zeros((units, units)), {"dropout": 0.5}),
    ):
        layer = keras.layers.SimpleRNN(units, return_sequences=True, **rates)
        layer.build(x.shape)
        kernel = np.zeros((8, units)) if place == "state" else np.random.default_rng(0).normal(size=(8, units))
        layer.set_weights([kernel, recurrent, np.full(units, 0.5)])
        found[place] = {}
        for mode, call in (("eager", layer), ("graph", tf.function(layer))):
            Z = np.asarray(call(tf.constant(x), training=True))[:, 1:]  # at the first step there is no state to drop
            sign = np.isclose(Z, np.tanh(0.5), atol=1e-6) if place == "state" else np.round(Z, 5)
            found[place][mode] = bool((sign == sign[:, :1]).all())
    return found


def traces(keras):
    """{'eager' or 'graph': the first four states of four units}, a row a unit, without input, as chapter 7 prints them."""
    import tensorflow as tf

    keras.utils.set_random_seed(0)
    silence = tf.zeros((1, 4, 1))
    layer = keras.layers.SimpleRNN(4, recurrent_dropout=0.5, return_sequences=True)
    layer.build(silence.shape)
    layer.set_weights([np.zeros((1, 4)), 1.5 * np.eye(4), np.full(4, 0.5)])
    return {
        mode: np.asarray(call(silence, training=True))[0].T.astype(float).round(3).tolist()
        for mode, call in (("eager", layer), ("graph", tf.function(layer)))
    }


def rows(library):
    """What the study holds of a library, a row for each way of running it."""
    keras = importlib.import_module(library)
    kept, shown = masks_kept(keras), traces(keras)
    return [
        {"version": version(library), "mode": mode}
        | {f"{place}_kept": kept[place][mode] for place in kept}
        | {"trace": shown[mode]}
        for mode in shown
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("library", nargs="?", default="keras", choices=masks_by_library.LIBRARIES)
    parser.add_argument("--record", action="store_true")
    args = parser.parse_args()
    measured = [
        ({"library": name}, rows(name)) for name in (masks_by_library.LIBRARIES if args.record else [args.library])
    ]
    for case, found in measured:
        print(case["library"], *found, sep="\n")
    if args.record:
        import recording

        recording.write("masks_by_library", measured, "tf_keras")


if __name__ == "__main__":
    main()
