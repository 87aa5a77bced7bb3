#!/usr/bin/env python3
"""Measures NumPy's mean absolute error, np.abs(x - y).mean(), for run.py.

    numpy_peer.py [--errors] --out=RESULT.json

The JSON has the form that Google Benchmark writes. --errors adds the errors on the data of error.bench.cpp.
"""
import argparse
import json
import time

import numpy as np

LENGTHS = [1, 8, 15, 64, 256, 1024, 4096, 32768, 131072, 1 << 20, 1 << 22]
ERROR_LENGTHS = [4**k for k in range(2, 13)]
U = 2.0**-24
SECONDS = 0.003


def split_mix(i):
    """The outputs of SplitMix64 at the indexes i."""
    with np.errstate(over="ignore"):
        z = (i + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ z >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ z >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
        return z ^ z >> np.uint64(31)


def uniform(n):
    """Input and target of workload.hpp."""
    i = np.arange(n, dtype=np.uint64)
    return tuple(((split_mix(2 * i + np.uint64(k)) >> np.uint64(40)).astype(np.float32) * np.float32(U)) for k in (0, 1))


def differences(name, n):
    """The differences that error.bench.cpp has under these names."""
    i = np.arange(n, dtype=np.uint64)
    if name == "constant":
        return np.full(n, 0.1, np.float32)
    if name == "decreasing":
        return (np.uint64(n) - i).astype(np.float32)
    if name == "large_first":
        return np.where(i == 0, 1, 0.75 * U).astype(np.float32)
    if name == "large_rows":
        return np.where(i % np.uint64(512) < 64, 1, 0.75 * U).astype(np.float32)
    bits = split_mix(i)  # decades
    return np.ldexp(((bits >> np.uint64(41)) + np.uint64(1 << 23)).astype(np.float32), -24 - (bits % np.uint64(24)).astype(np.int32))


def error(x, y, result):
    """The error in units of u. The differences are exact multiples of 2^-48, so their sum is exact in integers."""
    d = np.abs(x.astype(np.float64) - y.astype(np.float64))
    low = np.rint((d % 1) * 2.0**48).astype(np.uint64)
    parts = [int((low >> np.uint64(24)).sum()) << 24, int((low & np.uint64((1 << 24) - 1)).sum()), int(np.floor(d).astype(np.uint64).sum()) << 48]
    exact, got = sum(parts), int(float(result) * 2.0**100) * x.size
    return float(abs(got - (exact << 52)) / (exact << 52) / U)


def mean(x, y):
    return np.abs(x - y).mean()


def nanoseconds(x, y):
    """Nanoseconds of processor time of one call."""
    calls = 1
    while True:
        begin = time.process_time_ns()
        for _ in range(calls):
            mean(x, y)
        took = time.process_time_ns() - begin
        if took >= SECONDS * 1e9:
            return took / calls
        calls = calls * 2 if took < 1e5 else int(calls * 1.2e9 * SECONDS / took) + 1


def entry(name, n, time_of_call, u):
    return {"name": f"{name}/numpy/{n}", "run_name": f"{name}/numpy/{n}", "run_type": "iteration", "repetition_index": 0,
            "cpu_time": time_of_call, "real_time": time_of_call, "time_unit": "ns", "u": u}


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--errors", action="store_true")
    arguments.add_argument("--out", required=True)
    options = arguments.parse_args()

    entries = []
    for n in LENGTHS:
        x, y = uniform(n)
        u = error(x, y, mean(x, y))
        entries.append(entry("mean/float/aligned", n, nanoseconds(x, y), u))
    for n in ERROR_LENGTHS if options.errors else []:
        x, y = uniform(n)
        entries.append(entry("error/float/uniform", n, 0, error(x, y, mean(x, y))))
        for name in ("constant", "decreasing", "large_first", "large_rows", "decades"):
            d = differences(name, n)
            entries.append(entry(f"error/float/{name}", n, 0, error(d, np.zeros_like(d), mean(d, np.zeros_like(d)))))
    with open(options.out, "w", encoding="utf-8") as file:
        json.dump({"context": {"numpy": np.__version__}, "benchmarks": entries}, file)


if __name__ == "__main__":
    main()
