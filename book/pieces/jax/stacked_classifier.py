import jax
import jax.numpy as jnp

glorot = jax.nn.initializers.glorot_uniform()
orthogonal = jax.nn.initializers.orthogonal()


def init(key):
    words, answer, *keys = jax.random.split(key, 10)
    return {
        "embedding": {"table": 0.03 * jax.random.normal(words, (10_000, 32))},
        "layers": [
            {
                "kernel": glorot(keys[2 * level], (32, 32)),
                "recurrent_kernel": orthogonal(keys[2 * level + 1], (32, 32)),
                "bias": jnp.zeros(32),
            }
            for level in range(4)
        ],
        "dense": {"kernel": glorot(answer, (32, 1)), "bias": jnp.zeros(1)},
    }


def simple_rnn(layer, inputs, is_word):  # (timesteps, samples, 32) in and out
    def step(state, now):
        x, is_word = now
        new = jnp.tanh(x @ layer["kernel"] + state @ layer["recurrent_kernel"] + layer["bias"])
        state = jnp.where(is_word[:, None], new, state)  # padding changes nothing
        return state, state

    return jax.lax.scan(step, jnp.zeros_like(inputs[0]), (inputs, is_word))[1]


def model(params, tokens):  # (samples, timesteps), 0 is padding
    states = params["embedding"]["table"][tokens].swapaxes(0, 1)  # time comes first
    for layer in params["layers"]:  # each reads the states of the one below
        states = simple_rnn(layer, states, (tokens != 0).T)
    dense = params["dense"]
    return states[-1] @ dense["kernel"] + dense["bias"]  # above 0 for a good review


params = init(jax.random.key(0))
