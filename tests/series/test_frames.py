"""The film: 24 different frames in order, each nearer to its neighbours than to frames half a run away."""

import numpy as np

from rnnbook.series import frames


def test_the_cat_runs():
    cat = frames.running_cat()
    assert cat.shape == (24, frames.HEIGHT, frames.WIDTH) and cat.dtype == np.float32
    assert 0 <= cat.min() < 0.2 and 0.7 < cat.max() <= 1
    flat = (cat - cat.mean(axis=(1, 2), keepdims=True)).reshape(24, -1)
    distance = np.abs(flat[:, None] - flat[None]).mean(axis=2)
    assert distance[np.triu_indices(24, 1)].min() > 0.01  # no frame twice
    neighbours = np.mean([distance[k, k + 1] for k in range(23)])
    assert neighbours < 0.9 * np.mean([distance[k, k + 8] for k in range(16)])
