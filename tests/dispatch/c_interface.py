#!/usr/bin/env python3
"""Compares the library, called by ctypes, with the order of DESIGN.md in plain Python, bit for bit.

    c_interface.py libl1loss_dispatch.so
"""
import ctypes
import random
import struct
import sys
from ctypes import byref, c_char_p, c_double, c_float, c_int, c_size_t

MEAN, SUM = 1, 2
LENGTHS = [0, 1, 2, 3, 4, 5, 8, 15, 16, 17, 31, 63, 64, 65, 100, 127, 128, 255, 257, 511, 512, 513, 1000, 1025, 1536, 2049, 3000]


class Float32:
    name, c_type, line = "f32", c_float, 16

    @staticmethod
    def rounded(x):  # from double: for a sum or quotient of two floats, rounding twice gives the same bits
        return struct.unpack("f", struct.pack("f", x))[0]


class Float64:
    name, c_type, line = "f64", c_double, 8

    @staticmethod
    def rounded(x):
        return x


def canonical_sum(terms, of):
    """DESIGN.md, section 2, steps 1 to 4."""
    stripe, block = 4 * of.line, 32 * of.line

    def add(xs, ys):
        return [of.rounded(x + y) for x, y in zip(xs, ys)]

    def halves(xs, size):
        while len(xs) > size:
            xs = add(xs[: len(xs) // 2], xs[len(xs) // 2 :])
        return xs

    def line_of_block(ts):
        ts = ts + [0.0] * (block - len(ts))
        lanes = ts[:stripe]
        for first in range(stripe, block, stripe):
            lanes = add(lanes, ts[first : first + stripe])
        return halves(lanes, of.line)

    lines = [line_of_block(terms[i : i + block]) for i in range(0, max(len(terms), 1), block)]
    while len(lines) > 1:  # joins neighbours. One that is left over waits, so runs are joined from the last to the first
        lines = [add(*lines[i : i + 2]) if i + 1 < len(lines) else lines[i] for i in range(0, len(lines), 2)]
    return halves(lines[0], 1)[0]


def check(library, of, n):
    call = {f: getattr(library, f"l1loss_{f}_{of.name}") for f in ("mean", "sum", "none", "backward", "with_gradient", "rows")}
    array, pointer = of.c_type * n, ctypes.POINTER(of.c_type)
    for f in ("mean", "sum"):
        call[f].argtypes, call[f].restype = [pointer, pointer, c_size_t], of.c_type
    call["none"].argtypes = [pointer, pointer, c_size_t, pointer]
    call["backward"].argtypes = [pointer, pointer, c_size_t, c_int, of.c_type, pointer]
    call["with_gradient"].argtypes = call["backward"].argtypes + [pointer]
    call["rows"].argtypes = [pointer, pointer, c_size_t, c_size_t, c_int, pointer]

    generator = random.Random(n)
    x = [of.rounded(generator.gauss(0, 1)) for _ in range(n)]
    y = [of.rounded(generator.gauss(0, 1)) for _ in range(n)]
    terms = [of.rounded(abs(a - b)) for a, b in zip(x, y)]
    total = canonical_sum(terms, of)
    signs = [(a > b) - (a < b) for a, b in zip(x, y)]

    cx, cy, out, loss = array(*x), array(*y), array(), of.c_type()
    assert call["sum"](cx, cy, n) == total
    if n > 0:
        assert call["mean"](cx, cy, n) == of.rounded(total / n)
    else:
        assert call["mean"](cx, cy, n) != call["mean"](cx, cy, n)
    assert call["none"](cx, cy, n, out) == 0 and list(out) == terms
    assert call["backward"](cx, cy, n, SUM, 2.0, out) == 0 and list(out) == [2 * s for s in signs]
    assert call["with_gradient"](cx, cy, n, MEAN, 1.0, out, byref(loss)) == 0
    if n > 0:
        assert list(out) == [s * of.rounded(1 / n) for s in signs] and loss.value == of.rounded(total / n)
    if n % 2 == 0:
        two = (of.c_type * 2)()
        assert call["rows"](cx, cy, 2, n // 2, SUM, two) == 0
        assert list(two) == [canonical_sum(terms[: n // 2], of), canonical_sum(terms[n // 2 :], of)]
    if n > 2:
        second = ctypes.cast(byref(cx, ctypes.sizeof(of.c_type)), pointer)
        assert library.l1loss_status_text(call["none"](cx, cy, n - 1, second)).startswith(b"an output overlaps input")


def check_short_floats(library, name, decode, n):
    """Halves and bfloat16, as random patterns of finite numbers. Their loss is that of the decoded numbers."""
    generator = random.Random(n)
    patterns = [[generator.choice((0, 0x8000)) | generator.randrange(0x7C00) for _ in range(n)] for _ in range(2)]
    x, y = ([Float32.rounded(decode(p)) for p in ps] for ps in patterns)
    terms = [Float32.rounded(abs(a - b)) for a, b in zip(x, y)]
    arrays = [(ctypes.c_uint16 * n)(*ps) for ps in patterns]
    call = getattr(library, f"l1loss_sum_{name}")
    call.argtypes, call.restype = [ctypes.POINTER(ctypes.c_uint16)] * 2 + [c_size_t], c_float
    assert call(*arrays, n) == canonical_sum(terms, Float32)


def check_integers(library, name, c_type, low, high, n):
    generator = random.Random(n)
    x, y = ([generator.choice((low, high, generator.randint(low, high))) for _ in range(n)] for _ in range(2))
    call = getattr(library, f"l1loss_sum_{name}")
    call.argtypes, call.restype = [ctypes.POINTER(c_type)] * 2 + [c_size_t], ctypes.c_uint64
    assert call((c_type * n)(*x), (c_type * n)(*y), n) == sum(abs(a - b) for a, b in zip(x, y))


def check_numpy(library):
    """Arrays of NumPy, as a caller has them."""
    try:
        import numpy as np
    except ImportError:
        return
    generator = np.random.default_rng(1)
    x, y = (generator.integers(0, 256, 1000, dtype=np.uint8) for _ in range(2))
    h, k = x.astype(np.float16) / 8, y.astype(np.float16) / 8
    pointer = lambda a, t: a.ctypes.data_as(ctypes.POINTER(t))
    library.l1loss_mean_f16.restype = c_float
    n, total = c_size_t(1000), int(np.abs(x.astype(int) - y).sum())
    assert library.l1loss_sum_u8(pointer(x, ctypes.c_uint8), pointer(y, ctypes.c_uint8), n) == total
    mean = library.l1loss_mean_f16(pointer(h, ctypes.c_uint16), pointer(k, ctypes.c_uint16), n)
    assert mean == Float32.rounded(total / 8000)  # eighths are exact


def main():
    library = ctypes.CDLL(sys.argv[1])
    for f in ("l1loss_status_text", "l1loss_available_isa", "l1loss_active_isa"):
        getattr(library, f).restype = c_char_p
    library.l1loss_available_isa.argtypes = [c_size_t]
    library.l1loss_set_isa.argtypes = [c_char_p]

    i = 0
    while isa := library.l1loss_available_isa(i):
        assert library.l1loss_set_isa(isa) == 0 and library.l1loss_active_isa() == isa
        for of in (Float32, Float64):
            for n in LENGTHS:
                check(library, of, n)
        for n in LENGTHS:
            check_short_floats(library, "f16", lambda p: struct.unpack("e", struct.pack("H", p))[0], n)
            check_short_floats(library, "bf16", lambda p: struct.unpack("f", struct.pack("I", p << 16))[0], n)
            for bits in (8, 16):
                check_integers(library, f"u{bits}", getattr(ctypes, f"c_uint{bits}"), 0, 2**bits - 1, n)
                check_integers(library, f"i{bits}", getattr(ctypes, f"c_int{bits}"), -(2 ** (bits - 1)), 2 ** (bits - 1) - 1, n)
        check_numpy(library)
        i += 1
    print(f"{i} instruction sets, {2 * len(LENGTHS)} lengths each: the bits of the order")


main()
