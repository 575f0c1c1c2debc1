import jax
import jax.numpy as jnp
from jax.nn import sigmoid

glorot = jax.nn.initializers.glorot_uniform()
orthogonal = jax.nn.initializers.orthogonal()


def init(key):
    keys = jax.random.split(key, 4)
    return {
        "embedding": {"table": 0.03 * jax.random.normal(keys[0], (10_000, 32))},
        "rnn": {  # the gates z (update), r (reset), h side by side, as in Keras
            "kernel": glorot(keys[1], (32, 3 * 32)),
            "recurrent_kernel": orthogonal(keys[2], (32, 3 * 32)),
            "bias": jnp.zeros((2, 3 * 32)),  # one for the input, one for the state
        },
        "dense": {"kernel": glorot(keys[3], (32, 1)), "bias": jnp.zeros(1)},
    }


def model(params, tokens):  # (samples, timesteps), 0 is padding
    rnn, dense = params["rnn"], params["dense"]

    def step(state, now):
        x, is_word = now
        xz, xr, xh = jnp.split(x @ rnn["kernel"] + rnn["bias"][0], 3, axis=-1)
        sz, sr, sh = jnp.split(state @ rnn["recurrent_kernel"] + rnn["bias"][1], 3, axis=-1)
        z, r = sigmoid(xz + sz), sigmoid(xr + sr)
        new = z * state + (1 - z) * jnp.tanh(xh + r * sh)  # the reset after the product
        return jnp.where(is_word[:, None], new, state), None  # padding changes nothing

    words = params["embedding"]["table"][tokens]
    by_time = words.swapaxes(0, 1), (tokens != 0).T  # scan goes along the first axis
    state, _ = jax.lax.scan(step, jnp.zeros((len(tokens), 32)), by_time)
    return state @ dense["kernel"] + dense["bias"]  # a logit, above 0 for a good review


params = init(jax.random.key(0))
