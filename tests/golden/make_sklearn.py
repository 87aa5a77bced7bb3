#!/usr/bin/python3
"""Writes to sklearn.txt, in this folder, scikit-learn's mean_absolute_error of integers of 8 and 16 bits.

scikit-learn is given the integers as int64: of uint8 it gets 0 - 255 = 1, because NumPy's differences wrap around. Weights are
multiples of 1/4 below 8. So its sums are exact in float64, and each number is rounded once, to float64.

A line has a type, rows, columns, a key and the bits of float64 in hexadecimal. The keys:
    mean, weighted                  one number for all elements; a weight for each
    columns, weighted_columns       multioutput="raw_values"; a weight for each row

Run it with Debian's python3-sklearn 1.2: /usr/bin/python3 make_sklearn.py. It writes the same file each time.
"""
import pathlib

import numpy as np
import sklearn
from sklearn.metrics import mean_absolute_error

from make_sum import split_mix

SHAPES = ((2, 1), (7, 3), (64, 9), (300, 5))


def integers(dtype, seed, n):
    """The elements of random_integers in tests/support/integers.hpp. The first and the last are extremes."""
    low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
    random = split_mix(seed, np.arange(n, dtype=np.uint64))
    extreme = np.where((random >> np.uint64(8)) % np.uint64(2) == 0, low, high)
    x = np.where(random % np.uint64(7) == 0, extreme, (random >> np.uint64(20)).astype(dtype)).astype(np.int64)
    x[0], x[-1] = (low, high) if seed % 2 == 0 else (high, low)
    return x


def main():
    lines = [f"# Made by make_sklearn.py, which describes it, with scikit-learn {sklearn.__version__}."]
    for dtype in (np.uint8, np.int8, np.uint16, np.int16):
        for rows, columns in SHAPES:
            n = rows * columns
            x, y = integers(dtype, 30, n), integers(dtype, 31, n)
            w = 0.25 + (split_mix(32, np.arange(n, dtype=np.uint64)) % np.uint64(31)).astype(np.float64) / 4
            matrices = x.reshape(rows, columns), y.reshape(rows, columns)
            results = {
                "mean": mean_absolute_error(x, y),
                "columns": mean_absolute_error(*matrices, multioutput="raw_values"),
                "weighted": mean_absolute_error(x, y, sample_weight=w),
                "weighted_columns": mean_absolute_error(*matrices, multioutput="raw_values", sample_weight=w[:rows]),
            }
            for key, numbers in results.items():
                bits = " ".join(f"{b:016x}" for b in np.atleast_1d(numbers).view(np.uint64))
                lines.append(f"{dtype.__name__} {rows} {columns} {key} {bits}")
    pathlib.Path(__file__).with_name("sklearn.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
