#!/usr/bin/python3
"""Writes the digest of the results of all functions to digest.txt in this folder.

It computes with NumPy what the calls of ../digest/walk.cpp compute, and shares no code with the library. make_sum.py has the order.
A line has a part, a type, a function and a hash. CI runs this script and compares digest.txt.
"""
import functools
import pathlib

import numpy as np

import make_sum

FINITE, SPECIAL = ["uniform", "wide", "near", "zeros"], ["special", "subnormal", "huge"]
LENGTHS = [*range(201)] + [
    u + k for u in (256, 320, 384, 448, 512, 576, 768, 1024, 1536, 2048, 4096, 5120) for k in (-1, 0, 1, 37)
]
MATRICES = [(1, 1), (3, 5), (7, 1), (5, 64), (3, 65), (40, 33), (65, 8), (2, 600), (130, 3), (300, 21), (20, 130), (1100, 5), (9, 100)]
FIXED = [1, 3, 4, 7, 15, 64, 100, 513]
OFFSETS = 4  # the offsets of walk.cpp change no number
MOST = 6400


def element(A, kind, which):
    """The elements of walk.cpp."""
    i = np.arange(MOST)
    limits, digits, uint = np.finfo(A), {np.float32: 24, np.float64: 53}[A], {np.float32: np.uint32, np.float64: np.uint64}[A]
    split_mix = lambda seed: make_sum.split_mix(seed, i.astype(np.uint64))
    if kind in make_sum.DISTRIBUTIONS:
        return make_sum.elements(A, kind, which, MOST)
    if kind == "subnormal":
        return (split_mix(10 + which) >> np.uint64(64 - digits)).astype(uint).view(A)
    x = make_sum.elements(A, "wide", which, MOST)
    if kind == "huge":
        return np.ldexp(x, limits.maxexp - 23)
    if kind == "zeros":
        x[i % 7 == 3 + which], x[i % 7 == 4 - which] = 0.0, -0.0
    else:
        values = np.array([0.0, -0.0, np.nan, np.inf, -np.inf, limits.smallest_subnormal, 1], A)
        x = np.where(i % (3 + which) == 0, values[split_mix(12 + which) % np.uint64(7)], x)
    return np.where(i % 5 == 1, element(A, kind, 0), x) if which == 1 else x


class Call:
    """The arrays of one call, of rows × columns elements. The mask is set at the first element of each row and column."""

    def __init__(self, A, arrays, rows, columns):
        self.A, self.rows, self.columns = A, rows, columns
        self.x, self.y, self.w, self.scale, self.float_y, mask = (a[: rows * columns].reshape(rows, columns) for a in arrays)
        self.mask = mask.copy()
        if self.mask.size:
            self.mask[:, 0] = self.mask[0, : 1 if rows == 1 else columns] = True
        self.numbers = ~(np.isnan(self.x) | np.isnan(self.y))


def total(t):
    t = np.ravel(t)
    s = make_sum.canonical_sum(t) + t.dtype.type(0)
    return t.dtype.type(np.nan) if np.isnan(s) else s


def quotient(x, n):
    """A sum divided by a number of elements or by a sum of weights."""
    A = type(x)
    return A(np.float64(x) / np.float64(n)) if n != 0 else A(np.nan)


def terms(x, y, w=None, counts=None):
    t = np.abs(x - y)
    t = t if w is None else w * t
    return t if counts is None else np.where(counts, t, t.dtype.type(0))


def mean(x, y, w=None, counts=None):
    over = x.size if counts is None else np.count_nonzero(counts)
    if w is not None:
        over = total(w if counts is None else np.where(counts, w, w.dtype.type(0)))
    return quotient(total(terms(x, y, w, counts)), over), over


def gradient(x, y, s, counts=True):
    d = x - y
    return np.where(counts & (d > 0), s, np.where(counts & (d < 0), -s, d.dtype.type(0)))


def with_gradient(c, w=None, counts=None, g=1):
    """Loss and gradient of a mean."""
    loss, over = mean(c.x, c.y, w, counts)
    s = quotient(c.A(g), over)
    return loss, gradient(c.x, c.y, s if w is None else s * w, True if counts is None else counts)


def transposed(x):
    return np.ascontiguousarray(x.T)


def each(c, axis, counts=None):
    """One mean for each row or column, then the numbers of elements that counted if counts are given."""
    lines = [(a if axis == 0 or a is None else transposed(a)) for a in (c.x, c.y, None, counts)]
    n = c.rows if axis == 0 else c.columns
    losses = [mean(*(None if a is None else a[k] for a in lines))[0] for k in range(n)]
    return losses if counts is None else losses + [np.count_nonzero(k) for k in lines[3]]


def in_double(c):
    x, y = c.x.astype(np.float64), c.float_y.astype(np.float64)
    return mean(x, y)[0]


def broadcast(c):
    y = np.broadcast_to(c.y[:1], c.x.shape)
    loss, over = mean(c.x, y)
    s = quotient(c.A(1), over)
    of_target = transposed(gradient(y, c.x, s))
    return loss, gradient(c.x, y, s), [total(of_target[k]) for k in range(c.columns)]


def fixed(c, n):
    return c.x.ravel()[:n], c.y.ravel()[:n]


def fixed_gradient(c):
    d = Call(c.A, [a.ravel()[:15] for a in (c.x, c.y, c.w, c.scale, c.float_y, c.mask)], 3, 5)
    return *with_gradient(d, d.w), terms(d.x, d.y)


def side_by_side(c, n):
    x, y = fixed(c, 32 * n)
    return [mean(a, b)[0] for a, b in zip(x.reshape(32, n), y.reshape(32, n))]


def half(x):
    return x.astype(np.float16)


def bfloat16(x):
    """Rounded to 8 significant bits, or to a multiple of 2^-133. All numbers of bfloat16 are numbers of float."""
    x = x.astype(np.float64)
    mantissa, exponent = np.frexp(x)
    exponent = np.maximum(exponent - 8, -133)
    rounded = np.ldexp(np.rint(np.ldexp(x, -exponent)), exponent)
    return np.where(np.abs(rounded) < 2.0**128, rounded, np.where(np.isfinite(x), np.copysign(np.inf, x), x)).astype(np.float32)


def short_floats(c, short):
    """The mean in float. Then, for each element, the rounded loss and the rounded gradient."""
    x, y = (short(a * c.A(0.03125)).astype(np.float32) for a in (c.x, c.y))
    each = short(terms(x, y)), short(gradient(x, y, c.scale))
    return mean(x, y)[0], np.stack([np.ravel(e).astype(np.float32) for e in each], 1)


def lowest_bits(x, integer):
    return x.view({4: np.uint32, 8: np.uint64}[x.dtype.itemsize]).astype(integer)


def integers(c):
    out = []
    for integer in (np.uint8, np.int8, np.uint16, np.int16):
        d = np.abs(lowest_bits(c.x, integer).astype(np.int64) - lowest_bits(c.y, integer).astype(np.int64))
        loss = np.float32(np.float64(d.sum()) / np.float64(d.size)) if d.size else np.float32(np.nan)
        out += [loss, d[c.mask].sum(), np.count_nonzero(c.mask), d]
    return out


def dequantized(c):
    x = (lowest_bits(c.x, np.int8).astype(c.A) - c.A(3)) * c.A(0.037)
    return mean(x, c.y)[0]


VECTOR = {
    "mean": lambda c: mean(c.x, c.y)[0],
    "sum": lambda c: total(terms(c.x, c.y)),
    "in_double": in_double,
    "none": lambda c: terms(c.x, c.y),
    "backward": lambda c: (lambda g: (g, np.where(g == 0, g, -g)))(with_gradient(c, g=np.float32(0.7))[1]),
    "backward_none": lambda c: gradient(c.x, c.y, c.scale),
    "with_gradient": with_gradient,
    "weighted": lambda c: [mean(c.x, c.y, c.w)[0], total(terms(c.x, c.y, c.scale))],
    "masked": lambda c: mean(c.x, c.y, None, c.mask),
    "skip_nan": lambda c: mean(c.x, c.y, None, c.numbers),
    "all_named": lambda c: mean(c.x, c.y, c.w, c.mask & c.numbers)[0],
    "none_all_named": lambda c: terms(c.x, c.y, c.scale, c.mask & c.numbers),
    "gradient_all_named": lambda c: with_gradient(c, c.w, c.mask & c.numbers),
    "accumulator": lambda c: [mean(c.x, c.y)[0], total(terms(c.x, c.y)), c.x.size],
    "accumulator_all_named": lambda c: [
        mean(c.x, c.y, c.w, c.mask & c.numbers)[0],
        total(terms(c.x, c.y, c.w, c.mask & c.numbers)),
        np.count_nonzero(c.mask & c.numbers),
    ],
}
MATRIX = {
    "rows": lambda c: each(c, 0),
    "rows_named": lambda c: each(c, 0, c.mask & c.numbers),
    "columns": lambda c: each(c, 1),
    "columns_named": lambda c: each(c, 1, c.mask & c.numbers),
    "strided": lambda c: [mean(c.x[::2], c.y[::2])[0], mean(transposed(c.x), transposed(c.y))[0]],
    "broadcast": broadcast,
}
ELEMENT = {
    "half": lambda c: short_floats(c, half),
    "bfloat16": lambda c: short_floats(c, bfloat16),
    "integers": integers,
    "dequantized": dequantized,
}
KNOWN_SHAPE = {
    "fixed_shapes": lambda c: [mean(*fixed(c, n))[0] for n in FIXED],
    "side_by_side": lambda c: side_by_side(c, 3),
    "side_by_side_15": lambda c: side_by_side(c, 15),
    "fixed_gradient": fixed_gradient,
}


def bits(result):
    """All numbers of a result as 64-bit integers."""
    if isinstance(result, (tuple, list)):
        return np.concatenate([bits(r) for r in result]) if len(result) else np.empty(0, np.uint64)
    a = np.ravel(result)
    if a.dtype.kind == "f":
        a = np.where(np.isnan(a), a.dtype.type(np.nan), a).view({4: np.uint32, 8: np.uint64}[a.dtype.itemsize])
    return a.astype(np.uint64)


def hash_of(numbers):
    with np.errstate(over="ignore"):
        k = np.arange(len(numbers), dtype=np.uint64)
        z = numbers + (k + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return np.sum(z ^ (z >> np.uint64(31)), dtype=np.uint64)


@functools.cache
def arrays(A, kind):
    z = make_sum.split_mix(5, np.arange(MOST, dtype=np.uint64))
    y = element(A, kind, 1)
    return (
        element(A, kind, 0), y, make_sum.elements(A, "uniform", 0, MOST), make_sum.elements(A, "wide", 0, MOST),
        y.astype(np.float32), z % np.uint64(4) != 0,
    )


def main():
    out = ["# part type function hash; made by make_digest.py with NumPy " + np.__version__]
    for part, kinds in (("finite", FINITE), ("special", SPECIAL)):
        hashes = []
        vectors = [(1, n) for n in LENGTHS if n > 0 or part == "special"]
        of_numbers = (VECTOR, vectors), (MATRIX, MATRICES), (KNOWN_SHAPE, [(1, MOST)])
        for A, type_name, tables in (
            (np.float32, "float", of_numbers), (np.float64, "double", of_numbers), (np.float32, "element", ((ELEMENT, vectors),))
        ):
            for table, shapes in tables:
                calls = [[Call(A, arrays(A, kind), *s) for s in shapes] for kind in kinds]
                for name, function in table.items():
                    numbers = [np.tile(np.concatenate([bits(function(c)) for c in of_kind]), OFFSETS) for of_kind in calls]
                    hashes.append(hash_of(np.concatenate(numbers)))
                    out.append(f"{part} {type_name} {name} {int(hashes[-1]):016x}")
        out.append(f"{part} digest {int(hash_of(np.array(hashes))):016x}")
    pathlib.Path(__file__).with_name("digest.txt").write_text("\n".join(out) + "\n")


if __name__ == "__main__":
    with np.errstate(all="ignore"):
        main()
