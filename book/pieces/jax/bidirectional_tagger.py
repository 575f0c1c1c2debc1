import jax
import jax.numpy as jnp

glorot = jax.nn.initializers.glorot_uniform()
orthogonal = jax.nn.initializers.orthogonal()


def layer(key):
    kernel_key, recurrent_key = jax.random.split(key)
    return {
        "kernel": glorot(kernel_key, (3, 8)),
        "recurrent_kernel": orthogonal(recurrent_key, (8, 8)),
        "bias": jnp.zeros(8),
    }


def init(key):
    keys = jax.random.split(key, 3)
    return {
        "forward": layer(keys[0]),
        "backward": layer(keys[1]),
        "dense": {"kernel": glorot(keys[2], (16, 1)), "bias": jnp.zeros(1)},
    }


def states(rnn, x, reverse):
    def step(state, now):
        new = jnp.tanh(now @ rnn["kernel"] + state @ rnn["recurrent_kernel"] + rnn["bias"])
        return new, new

    # reverse=True reads from the end and puts every state beside its input: no flip
    by_time = x.swapaxes(0, 1)
    _, at_every_step = jax.lax.scan(step, jnp.zeros((len(x), 8)), by_time, reverse=reverse)
    return at_every_step.swapaxes(0, 1)


def model(params, x):  # (samples, timesteps, 3)
    there = states(params["forward"], x, reverse=False)
    back = states(params["backward"], x, reverse=True)
    dense = params["dense"]
    both = jnp.concatenate([there, back], axis=2)
    return both @ dense["kernel"] + dense["bias"]  # a logit at every step


params = init(jax.random.key(0))
