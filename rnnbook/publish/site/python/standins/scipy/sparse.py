"""`csr_array` as far as `rnnbook.networks.numpy_training` uses it: one entry in every row, and products with dense arrays."""

import numpy as np


class csr_array:
    """A sparse matrix with exactly one entry in each row, made of (data, indices, indptr) as SciPy's is."""

    def __init__(self, parts, shape):
        self.data, self.indices, indptr = map(np.asarray, parts)
        if not np.array_equal(indptr, np.arange(shape[0] + 1)):
            raise NotImplementedError("In the page a csr_array has exactly one entry in each row.")
        self.shape = shape

    def __matmul__(self, dense):
        return self.data[:, None] * dense[self.indices]

    @property
    def T(self):
        return _Transposed(self)


class _Transposed:
    def __init__(self, matrix):
        self.matrix, self.shape = matrix, matrix.shape[::-1]

    def __matmul__(self, dense):
        """Sums the rows of `dense` that share a column: sorted first, since `np.add.at` is slow."""
        rows = self.matrix.data[:, None] * dense
        order = np.argsort(self.matrix.indices, kind="stable")
        columns = self.matrix.indices[order]
        out = np.zeros((self.shape[0], dense.shape[1]), rows.dtype)
        if len(columns):
            starts = np.flatnonzero(np.r_[True, columns[1:] != columns[:-1]])
            out[columns[starts]] = np.add.reduceat(rows[order], starts, axis=0)
        return out
