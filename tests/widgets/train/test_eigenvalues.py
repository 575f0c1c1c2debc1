"""The eigenvalues that the playground draws are NumPy's."""

import numpy as np


def test_eigenvalues(engine):
    rng = np.random.default_rng(1)
    matrices = [rng.normal(size=(n, n)) for n in (1, 2, 3, 8, 32, 64)]
    matrices += [np.eye(5), np.zeros((4, 4)), np.linalg.qr(rng.normal(size=(16, 16)))[0], np.diag([1.0, 2, 3])]
    matrices += [np.roll(np.eye(6), 1, axis=0)]
    ours = engine(
        "return data.map(([A, n]) => eigenvalues.eigenvalues(A, n));", [[m.ravel().tolist(), len(m)] for m in matrices]
    )
    for found, matrix in zip(ours, matrices):
        key = lambda z: (np.round(z.real, 6), np.round(z.imag, 6))
        found = sorted((complex(*z) for z in found), key=key)
        np.testing.assert_allclose(found, sorted(np.linalg.eigvals(matrix).astype(complex), key=key), atol=1e-6)
