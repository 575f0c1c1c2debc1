import jax
import jax.numpy as jnp
from jax.nn import sigmoid

glorot = jax.nn.initializers.glorot_uniform()
orthogonal = jax.nn.initializers.orthogonal()


def init(key):
    keys = jax.random.split(key, 4)
    return {
        "embedding": {"table": 0.03 * jax.random.normal(keys[0], (10_000, 32))},
        "rnn": {  # the gates i, f, c, o side by side, as in Keras
            "kernel": glorot(keys[1], (32, 4 * 32)),
            "recurrent_kernel": orthogonal(keys[2], (32, 4 * 32)),
            "bias": jnp.zeros(4 * 32).at[32:64].set(1),  # the forget gate starts open
        },
        "dense": {"kernel": glorot(keys[3], (32, 1)), "bias": jnp.zeros(1)},
    }


def model(params, tokens):  # (samples, timesteps), 0 is padding
    rnn, dense = params["rnn"], params["dense"]

    def step(states, now):
        (state, cell_state), (x, is_word) = states, now
        gates = x @ rnn["kernel"] + state @ rnn["recurrent_kernel"] + rnn["bias"]
        i, f, c, o = jnp.split(gates, 4, axis=-1)
        new_cell_state = sigmoid(f) * cell_state + sigmoid(i) * jnp.tanh(c)
        new_state = sigmoid(o) * jnp.tanh(new_cell_state)
        keep = lambda new, old: jnp.where(is_word[:, None], new, old)  # padding changes nothing
        return (keep(new_state, state), keep(new_cell_state, cell_state)), None

    words = params["embedding"]["table"][tokens]
    by_time = words.swapaxes(0, 1), (tokens != 0).T  # scan goes along the first axis
    zeros = jnp.zeros((len(tokens), 32))
    (state, _), _ = jax.lax.scan(step, (zeros, zeros), by_time)
    return state @ dense["kernel"] + dense["bias"]  # a logit, above 0 for a good review


params = init(jax.random.key(0))
