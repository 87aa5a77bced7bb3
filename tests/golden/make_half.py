#!/usr/bin/python3
"""Writes digests of NumPy's conversions of half to half.txt in this folder.

A digest is FNV-1a of 64 bits, over the bytes of the results in little-endian order. Every NaN counts as the positive quiet one.
CI runs this script and compares half.txt.

    to_float      all 65,536 patterns in order, as float
    from_double   for each finite pattern ≥ 0 and its successor: the double halfway between, the next double below it and the next
                  above, as half. The successor of the largest number is 2^16.
    from_float    the same with the next floats
"""
import pathlib

import numpy as np

INFINITY = 0x7C00


def digest(bits):
    h = 0xCBF29CE484222325
    for byte in bits.astype(bits.dtype.newbyteorder("<")).tobytes():
        h = (h ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return f"{h:016x}"


def near_halfway(dtype):
    finite = np.arange(INFINITY, dtype=np.uint16).view(np.float16).astype(np.float64)
    middle = ((finite + np.append(finite[1:], 2.0**16)) / 2).astype(dtype)
    below, above = np.nextafter(middle, dtype(0)), np.nextafter(middle, dtype(np.inf))
    return np.stack([middle, below, above], axis=1).reshape(-1)


def main():
    half = np.arange(1 << 16, dtype=np.uint32).astype(np.uint16).view(np.float16)
    number = half.astype(np.float32)
    bits = np.where(np.isnan(number), np.uint32(0x7FC00000), number.view(np.uint32))
    out = ["# conversion digest; made by make_half.py with NumPy " + np.__version__, "to_float " + digest(bits)]
    with np.errstate(over="ignore"):
        for name, dtype in (("from_double", np.float64), ("from_float", np.float32)):
            out.append(f"{name} {digest(near_halfway(dtype).astype(np.float16).view(np.uint16))}")
    pathlib.Path(__file__).with_name("half.txt").write_text("\n".join(out) + "\n")


if __name__ == "__main__":
    main()
