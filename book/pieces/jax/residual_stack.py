import jax
import jax.numpy as jnp

glorot = jax.nn.initializers.glorot_uniform()
orthogonal = jax.nn.initializers.orthogonal()


def init_block(key):
    for_kernel, for_recurrent = jax.random.split(key)
    return {
        "normalize": {"scale": jnp.ones(32), "shift": jnp.zeros(32)},
        "rnn": {
            "kernel": glorot(for_kernel, (32, 32)),
            "recurrent_kernel": orthogonal(for_recurrent, (32, 32)),
            "bias": jnp.zeros(32),
        },
    }


def init(key, depth=4):
    words, answer, *keys = jax.random.split(key, depth + 2)
    return {
        "embedding": {"table": 0.03 * jax.random.normal(words, (10_000, 32))},
        "blocks": [init_block(key) for key in keys],
        "dense": {"kernel": glorot(answer, (32, 1)), "bias": jnp.zeros(1)},
    }


def block(params, x):  # (timesteps, samples, 32); returns the new states alone
    scale, shift = params["normalize"]["scale"], params["normalize"]["shift"]
    rnn = params["rnn"]
    spread = jnp.sqrt(x.var(axis=-1, keepdims=True) + 1e-5)
    normalized = scale * (x - x.mean(axis=-1, keepdims=True)) / spread + shift

    def step(state, x):
        summed = x @ rnn["kernel"] + state @ rnn["recurrent_kernel"] + rnn["bias"]
        return jnp.tanh(summed), jnp.tanh(summed)

    return jax.lax.scan(step, jnp.zeros_like(x[0]), normalized)[1]


def model(params, tokens):  # (samples, timesteps), 0 behind each text is padding
    x = params["embedding"]["table"][tokens].swapaxes(0, 1)  # time comes first
    *lower, top = params["blocks"]
    for layer in lower:
        x = x + block(layer, x)
    last = (tokens != 0).sum(axis=1) - 1  # the last word; padding comes after it
    state = block(top, x)[last, jnp.arange(len(tokens))]
    dense = params["dense"]
    return state @ dense["kernel"] + dense["bias"]  # above 0 for a good review


params = init(jax.random.key(0))
