import jax
import jax.numpy as jnp

DROPOUT, RECURRENT_DROPOUT = 0.2, 0.2
glorot = jax.nn.initializers.glorot_uniform()
orthogonal = jax.nn.initializers.orthogonal()


def init(key):
    keys = jax.random.split(key, 4)
    return {
        "embedding": {"table": 0.03 * jax.random.normal(keys[0], (10_000, 32))},
        "rnn": {
            "kernel": glorot(keys[1], (32, 32)),
            "recurrent_kernel": orthogonal(keys[2], (32, 32)),
            "bias": jnp.zeros(32),
        },
        "dense": {"kernel": glorot(keys[3], (32, 1)), "bias": jnp.zeros(1)},
    }


def mask(key, rate, shape):  # 0 with probability rate, else 1 / (1 - rate)
    return jax.random.bernoulli(key, 1 - rate, shape) / (1 - rate)


def model(params, tokens, key=None):  # (samples, timesteps), 0 is padding; a key: training
    rnn, dense, shape = params["rnn"], params["dense"], (len(tokens), 32)
    on_input = on_state = 1.0  # in the test nothing is dropped
    if key is not None:  # one mask for all steps, drawn before the loop
        for_input, for_state = jax.random.split(key)
        on_input = mask(for_input, DROPOUT, shape)
        on_state = mask(for_state, RECURRENT_DROPOUT, shape)

    def step(state, now):
        x, is_word = now
        heard = (x * on_input) @ rnn["kernel"] + rnn["bias"]
        new = jnp.tanh(heard + (state * on_state) @ rnn["recurrent_kernel"])
        return jnp.where(is_word[:, None], new, state), None  # padding changes nothing

    words = params["embedding"]["table"][tokens]
    by_time = words.swapaxes(0, 1), (tokens != 0).T  # scan goes along the first axis
    state, _ = jax.lax.scan(step, jnp.zeros(shape), by_time)
    return state @ dense["kernel"] + dense["bias"]  # a logit, above 0 for a good review


params = init(jax.random.key(0))
