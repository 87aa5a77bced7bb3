#!/usr/bin/python3
"""Writes golden bits of the canonical summation order to sum.txt in this folder.

It is an independent reading of DESIGN.md, section 2, with NumPy. It shares no code with the library. A line has a type, a
distribution, n, the bits of the sum and the bits of the mean. CI runs this script and compares sum.txt.
"""
import pathlib

import numpy as np

LINE_BYTES, LINES_PER_STRIPE, STRIPES_PER_BLOCK = 64, 4, 8
DISTRIBUTIONS = ["uniform", "wide", "near"]


def split_mix(seed, i):
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + (i + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def elements(dtype, distribution, which, n):
    """The elements of tests/support/inputs.hpp."""
    p = {np.float32: 24, np.float64: 53}[dtype]
    seed = 2 * DISTRIBUTIONS.index(distribution)
    i = np.arange(n, dtype=np.uint64)
    z = split_mix(seed + which, i)
    if distribution == "wide":
        leading = np.uint64(1 << (p - 1))
        mantissa = ((z >> np.uint64(1)) & (leading - np.uint64(1))) | leading
        exponent = (z >> np.uint64(58)).astype(np.int64) % 41 - 20 - (p - 1)
        value = np.ldexp(mantissa.astype(np.float64), exponent)
        return np.where(z & np.uint64(1), -value, value).astype(dtype)
    k = z >> np.uint64(64 - p)
    if distribution == "near" and which == 1:
        k = (split_mix(seed, i) >> np.uint64(64 - p)) ^ (z & np.uint64(0xFF))
    return np.ldexp(k.astype(np.float64), -p).astype(dtype)


def canonical_sum(t):
    """Steps 1 to 4 of the order, for the terms t."""
    dtype, n = t.dtype, len(t)
    line = LINE_BYTES // dtype.itemsize
    stripe = LINES_PER_STRIPE * line
    block = STRIPES_PER_BLOCK * stripe
    blocks = -(-n // block)
    padded = np.zeros(blocks * block, dtype)  # missing terms are +0
    padded[:n] = t

    runs = []  # (number of blocks, line of sums), largest first
    for b in range(blocks):
        stripes = padded[b * block : (b + 1) * block].reshape(STRIPES_PER_BLOCK, stripe)
        c = stripes[0].copy()
        for s in stripes[1:]:
            c = c + s
        sums = (c[:line] + c[2 * line : 3 * line]) + (c[line : 2 * line] + c[3 * line :])
        size = 1
        while runs and runs[-1][0] == size:
            sums = runs.pop()[1] + sums
            size *= 2
        runs.append((size, sums))
    if not runs:
        return dtype.type(0)
    sums = runs.pop()[1]
    while runs:
        sums = runs.pop()[1] + sums
    while len(sums) > 1:
        half = len(sums) // 2
        sums = sums[:half] + sums[half:]
    return sums[0]


def lengths():
    near = [range(max(0, (1 << k) - 1), (1 << k) + 2) for k in range(7, 21)]
    some = [100, 300, 784, 1000, 1537, 3 * 512 + 7, 5 * 512, 5000, 7 * 256 + 3, 12345, 99999, 1000000]
    return sorted(set(range(0, 70)) | {n for r in near for n in r} | set(some))


def main():
    out = ["# type distribution n sum mean; made by make_sum.py with NumPy " + np.__version__]
    for dtype, uint in ((np.float32, np.uint32), (np.float64, np.uint64)):
        digits = 2 * np.dtype(dtype).itemsize
        for distribution in DISTRIBUTIONS:
            largest = max(lengths())
            x = elements(dtype, distribution, 0, largest)
            y = elements(dtype, distribution, 1, largest)
            t = np.abs(x - y)
            for n in lengths():
                total = canonical_sum(t[:n])
                mean = dtype(np.float64(total) / np.float64(n)) if n else dtype("nan")
                bits = [f"{int(np.asarray(v, dtype).view(uint)):0{digits}x}" for v in (total, mean)]
                out.append(" ".join([np.dtype(dtype).name, distribution, str(n), *bits]))
    pathlib.Path(__file__).with_name("sum.txt").write_text("\n".join(out) + "\n")


if __name__ == "__main__":
    main()
