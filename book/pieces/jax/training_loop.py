import jax
import numpy as np
import optax


def loss_of(params, x, y):
    return optax.sigmoid_binary_cross_entropy(model(params, x)[:, 0], y).mean()


@jax.jit
def update(params, state, x, y):
    loss, gradients = jax.value_and_grad(loss_of)(params, x, y)
    changes, state = optimizer.update(gradients, state)
    return optax.apply_updates(params, changes), state, loss


optimizer = optax.adam(1e-3)
state, rng, evaluate = optimizer.init(params), np.random.default_rng(0), jax.jit(model)
best, waited = float("inf"), 0
for epoch in range(20):
    order = rng.permutation(len(x_train))
    for start in range(0, len(order), 64):
        batch = order[start : start + 64]
        params, state, loss = update(params, state, x_train[batch], y_train[batch])
    logits = evaluate(params, x_val)[:, 0]
    val_loss = optax.sigmoid_binary_cross_entropy(logits, y_val).mean()
    accuracy = ((logits > 0) == (y_val > 0)).mean()
    print(f"epoch {epoch + 1}: loss {val_loss:.3f}, accuracy {accuracy:.3f} on validation")
    if val_loss < best:
        best, waited, best_params = val_loss, 0, params  # arrays never change: no copy
    elif (waited := waited + 1) == 3:  # patience
        break
params = best_params
