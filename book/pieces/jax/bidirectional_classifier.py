import jax
import jax.numpy as jnp

glorot = jax.nn.initializers.glorot_uniform()
orthogonal = jax.nn.initializers.orthogonal()


def layer(key):
    kernel_key, recurrent_key = jax.random.split(key)
    return {
        "kernel": glorot(kernel_key, (32, 32)),
        "recurrent_kernel": orthogonal(recurrent_key, (32, 32)),
        "bias": jnp.zeros(32),
    }


def init(key):
    keys = jax.random.split(key, 4)
    return {
        "embedding": {"table": 0.03 * jax.random.normal(keys[0], (10_000, 32))},
        "forward": layer(keys[1]),
        "backward": layer(keys[2]),
        "dense": {"kernel": glorot(keys[3], (64, 1)), "bias": jnp.zeros(1)},
    }


def last_state(rnn, words, is_word, reverse):
    def step(state, now):
        x, is_word = now
        new = jnp.tanh(x @ rnn["kernel"] + state @ rnn["recurrent_kernel"] + rnn["bias"])
        return jnp.where(is_word[:, None], new, state), None  # padding changes nothing

    by_time = words.swapaxes(0, 1), is_word.T  # scan goes along the first axis
    return jax.lax.scan(step, jnp.zeros((len(words), 32)), by_time, reverse=reverse)[0]


def model(params, tokens):  # (samples, timesteps), 0 is padding
    words, dense = params["embedding"]["table"][tokens], params["dense"]
    there = last_state(params["forward"], words, tokens != 0, reverse=False)
    back = last_state(params["backward"], words, tokens != 0, reverse=True)
    summary = jnp.concatenate([there, back], axis=1)
    return summary @ dense["kernel"] + dense["bias"]  # a logit, above 0 for a good review


params = init(jax.random.key(0))
