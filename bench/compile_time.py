#!/usr/bin/env python3
"""Measures what the header costs to compile, for report.py: seconds to include it, seconds of a constant, bytes of a call.

    compile_time.py [--compilers g++ clang++-19] [--passes 3] [--xsimd DIR] [--out build/bench/results/compile.json]
"""
import argparse
import json
import pathlib
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
FLAGS = ["-std=c++20", "-O2"] + (["-mavx2", "-mfma"] if platform.machine() in ("x86_64", "AMD64") else [])


def constant(n, header="loss"):
    return f"""#include <l1loss/{header}.hpp>
template <int Scale> constexpr l1loss::tensor<float, {n}> ramp() {{
    l1loss::tensor<float, {n}> t{{}};
    float* const p = t.data();
    for (int i = 0; i < {n}; ++i) p[i] = float(i) * Scale;
    return t;
}}
constexpr auto x = ramp<1>(), y = ramp<-1>();
"""


CALL = "float f(float const* x, float const* y, std::size_t n) {{ return {}; }}\n"
CONSTANT = "static_assert(l1loss::l1_loss_constant(x, y) > 0);\n"
LOSS, ALL = "#include <l1loss/loss.hpp>\n", "#include <l1loss/l1loss.hpp>\n"
CASES = {
    "nothing": "",
    "<xsimd/xsimd.hpp>": "#include <xsimd/xsimd.hpp>\n",
    "<l1loss/constant.hpp>": "#include <l1loss/constant.hpp>\n",
    "<l1loss/loss.hpp>": LOSS,
    "<l1loss/l1loss.hpp>": ALL,
    "two arrays of 1,024": constant(1024),
    "two arrays of 1,024, and a static_assert of their loss": constant(1024) + "static_assert(l1loss::l1_loss(x, y) > 0);\n",
    "two arrays of 65,536": constant(65536),
    "two arrays of 65,536, and a static_assert of their loss": constant(65536) + "static_assert(l1loss::l1_loss(x, y) > 0);\n",
    "two arrays of 1,024, by constant.hpp": constant(1024, "constant"),
    "two arrays of 1,024, and a static_assert of their loss, by constant.hpp": constant(1024, "constant") + CONSTANT,
    "two arrays of 65,536, by constant.hpp": constant(65536, "constant"),
    "two arrays of 65,536, and a static_assert of their loss, by constant.hpp": constant(65536, "constant") + CONSTANT,
    "l1_loss of run-time length": LOSS + CALL.format("l1loss::l1_loss(x, y, n)"),
    "l1_loss of 784": LOSS + CALL.format("l1loss::l1_loss(std::span<float const, 784>(x, 784), std::span<float const, 784>(y, 784))"),
}


def measure(compiler, flags, source):
    """Seconds of processor time, and bytes of code and constants. The bytes are None without the program `size`."""
    with tempfile.TemporaryDirectory() as folder:
        path, made = pathlib.Path(folder, "source.cpp"), pathlib.Path(folder, "object")
        path.write_text(source, encoding="utf-8")
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run([compiler, *flags, "-c", str(path), "-o", str(made)], capture_output=True, text=True, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode != 0:
            sys.exit(f"{compiler} {' '.join(flags)}\n{done.stderr}")
        seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        if not shutil.which("size"):
            return seconds, None
        return seconds, int(subprocess.run(["size", str(made)], capture_output=True, text=True, check=True).stdout.splitlines()[1].split()[0])


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--compilers", nargs="+", default=["g++", "clang++-19"])
    arguments.add_argument("--passes", type=int, default=3)
    arguments.add_argument("--xsimd", metavar="DIR", help="where its include/ is, if that is not the compiler's")
    arguments.add_argument("--out", type=pathlib.Path, default=ROOT / "build" / "bench" / "results" / "compile.json")
    options = arguments.parse_args()

    flags = [*FLAGS, f"-I{ROOT / 'include'}", *([f"-I{options.xsimd}/include"] if options.xsimd else [])]
    compilers = [c for c in options.compilers if shutil.which(c)]
    samples = {c: {name: [] for name in CASES} for c in compilers}
    sizes = {c: {} for c in compilers}
    begin = time.monotonic()
    for k in range(options.passes):
        for c in compilers:
            for name, source in CASES.items():
                seconds, sizes[c][name] = measure(c, flags, source)
                samples[c][name].append(seconds)
        left = (time.monotonic() - begin) / (k + 1) * (options.passes - k - 1)
        print(f"pass {k + 1} of {options.passes}, about {left:.0f} s left", file=sys.stderr)
    version = lambda c: subprocess.run([c, "--version"], capture_output=True, text=True, check=True).stdout.splitlines()[0]  # noqa: E731
    result = {"flags": " ".join(FLAGS), "compilers": [
        {"name": version(c), "cases": [{"name": n, "seconds": [min(s), statistics.median(s), max(s)], "bytes": sizes[c][n]}
                                       for n, s in samples[c].items()]} for c in compilers]}
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, indent=1), encoding="utf-8")
    for c in result["compilers"]:
        print(f"\n{c['name']}, {result['flags']}")
        for case in c["cases"]:
            print(f"{case['seconds'][1]:7.2f} s [{case['seconds'][0]:.2f}…{case['seconds'][2]:.2f}] {case['bytes'] or '':7} bytes  {case['name']}")


if __name__ == "__main__":
    main()
