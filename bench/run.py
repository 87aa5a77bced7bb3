#!/usr/bin/env python3
"""Measures all that is compared, in interleaved passes, and shows the time that is left.

README.md says how to read the results.

    run.py [--quick] [--passes N] [--build build/bench] [--out build/bench/results]
    run.py --against COMMIT ...        this tree against another commit, built in build/against, and what differs

Unless it is to be quick, a second build with -march=native takes turns with the first, in fewer groups. Writes COMPILER.json.xz and
COMPILER_native.json.xz, as gnu.json.xz, or before.json.xz and after.json.xz with --against. compare.py and report.py read them.
"""
import argparse
import collections
import json
import lzma
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import compare

ROOT = pathlib.Path(__file__).resolve().parent.parent
NUMPY = pathlib.Path(__file__).with_name("numpy_peer.py")

# For floats, every length up to 64: a selection would give too much weight to lengths of whole registers, which suit Eigen.
# For double, some of them, to save time.
LONGER = "100|128|256|512|784|1024|2048|4096|32768"
SHORT = f"[1-9]|[1-5][0-9]|6[0-4]|{LONGER}"
SOME = f"1|2|3|4|5|7|8|9|12|15|16|17|20|24|31|32|33|40|48|56|63|64|{LONGER}"
FEW = f"1|2|3|4|5|8|15|16|17|32|48|64|{LONGER}"

# `when` has words: full and quick, the runs that a group is in; native, if -march=native is too; once, in the first pass alone;
# unpinned, on all cores. Implementations that allocate need untimed calls first, otherwise new pages are timed.
Group = collections.namedtuple("Group", "name filter min_time warmup when")
GROUPS = [
    Group("mean", f"^mean/float/aligned/[^/]*/({SHORT})$", 0.002, 0.005, "full"),
    Group("mean, some lengths", r"^mean/float/(aligned/[^/]*/(1|8|15|64|256|1024|4096|32768)|random/[^/]*/64)$", 0.002, 0.002, "quick"),
    Group("mean, few lengths", f"^mean/(float|double)/aligned/[^/]*/({FEW})$", 0.002, 0.005, "native"),
    Group("mean, long", r"^mean/float/aligned/[^/]*/(131072|1048576|4194304)$", 0.005, 0.1, "full"),
    Group("mean, in memory",
          r"^mean/float/aligned/((l1loss|l1loss_double|ceiling|scalar|loop_Ofast|eigen|opencv|faiss)/(16777216|33554432|67108864)|torch/16777216)$",
          0.03, 0, "full"),
    Group("mean, cold", r"^mean/float/cold/[^/]*/(1|4|16|64|256|1024|4096|32768|1048576)/", 0, 0, "full"),
    Group("mean of double", f"^mean/double/aligned/[^/]*/({SOME}|1048576)$", 0.002, 0.005, "full"),
    Group("latency", f"^mean/(float|double)/latency/[^/]*/({FEW})$", 0.002, 0.005, "full native"),
    Group("random lengths", "^mean/(float|double)/random/", 0.002, 0.005, "full native"),
    Group("fixed lengths", "^mean/(float|double)/fixed(_latency)?/", 0.002, 0, "full native"),
    Group("variants", "^(none|weighted|masked|skip_nan|exceeds_early|exceeds_never|rows|columns|chunks)/|1024_rows_pitched", 0.003, 0.02, "full"),
    Group("gradient", "^gradient/.*/(64|256|1024|4096|16384|65536)$", 0.003, 0.02, "full"),
    Group("gradient, long", "^gradient/.*/(262144|1048576)$", 0.005, 0.15, "full"),
    Group("gradient, some lengths", "^(none|gradient)/.*/(64|4096|65536)$", 0.003, 0.02, "quick"),
    Group("elements", "^element/.*/[1-9][0-9]{0,4}$", 0.002, 0.005, "full native"),
    Group("elements, some lengths", "^element/.*/(64|4096)$", 0.002, 0.005, "quick"),
    Group("elements, long", "^element/.*/([^/]*/1048576|(l1loss|l1loss_float|ceiling|sad_loop|opencv)/(16777216|33554432))$", 0.01, 0.02, "full"),
    Group("threads", "^mean/float/threads/", 0.02, 0.02, "full unpinned"),
    Group("errors", "^error/", 0, 0, "full quick once"),
]


# What main.cpp asks of the allocator, for Python.
KEEP_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(32 << 20), "MALLOC_TRIM_THRESHOLD_": str(1 << 30)}


def run(command):
    """Runs a command with a file name appended to its last argument. Returns the JSON that it writes there."""
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        done = subprocess.run([*command[:-1], command[-1] + file.name], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                              check=False, env=os.environ | KEEP_MEMORY)
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)}: exit status {done.returncode}\n{done.stderr}")
        return json.load(file)


def has(program, group):
    """Whether a program has benchmarks of a group. Libraries may be missing, and an older commit has fewer."""
    return subprocess.run([str(program), f"--benchmark_filter={group.filter}", "--benchmark_list_tests"], capture_output=True,
                          check=False).returncode == 0


def pin():
    """Pins a command to the last core, where taskset can."""
    return ["taskset", "-c", str(max(os.sched_getaffinity(0)))] if shutil.which("taskset") and hasattr(os, "sched_getaffinity") else []


def command(program, group):
    warmup = [f"--benchmark_min_warmup_time={group.warmup}"] if group.warmup else []
    return [*(pin() if "unpinned" not in group.when else []), str(program), f"--benchmark_filter={group.filter}",
            f"--benchmark_min_time={group.min_time or 0.001}", *warmup, "--benchmark_out="]


def python_with(module):
    """An interpreter with the module: this one, or the system's. None if neither has it."""
    for python in (sys.executable, "/usr/bin/python3"):
        if shutil.which(python) and subprocess.run([python, "-c", f"import {module}"], capture_output=True, check=False).returncode == 0:
            return python
    return None


def git(*arguments):
    return subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=False).stdout.strip()


def governor():
    try:
        return pathlib.Path("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor").read_text(encoding="ascii").strip()
    except OSError:
        return "not shown"


class Progress:
    """Shows the time left, estimated from what each kind of step took so far."""

    def __init__(self, steps):
        self.steps, self.took, self.start = collections.Counter(steps), collections.defaultdict(list), time.monotonic()

    def timed(self, kind, text, f):
        known = [sum(t) / len(t) for t in self.took.values()]
        left = sum(n * (sum(self.took[k]) / len(self.took[k]) if k in self.took else sum(known) / len(known) if known else 0)
                   for k, n in self.steps.items())
        shown = f"{time.monotonic() - self.start:4.0f} s, {f'about {left:.0f} s left' if known else 'time left not known yet'}: {text}"
        print(f"\r{shown:100.100}" if sys.stderr.isatty() else shown, end="" if sys.stderr.isatty() else "\n", file=sys.stderr, flush=True)
        begin = time.monotonic()
        result = f()
        self.took[kind].append(time.monotonic() - begin)
        self.steps[kind] -= 1
        return result


def build(source, binary, *settings):
    for step in (["cmake", "--preset", "bench", "-B", str(binary), *settings],
                 ["cmake", "--build", str(binary), "--target", "l1loss_bench"]):
        if subprocess.run(step, cwd=source, stdout=subprocess.DEVNULL, check=False).returncode != 0:
            sys.exit(f"{' '.join(step)} failed in {source}")
    return binary / "bench" / "l1loss_bench"


def settings_of(binary):
    """Compiler and flags of a build, so that the other commit gets the same."""
    cache = (binary / "CMakeCache.txt").read_text(encoding="utf-8").splitlines()
    return [f"-D{line}" for line in cache if line.startswith(("CMAKE_CXX_COMPILER:", "L1LOSS_BENCH_FLAGS:"))]


def other_commit(name, settings):
    """Builds another commit. Returns its benchmark program and its short hash."""
    commit = git("rev-parse", "--short=12", f"{name}^{{commit}}")
    if not commit:
        sys.exit(f"{name} is no commit of {ROOT}")
    tree = ROOT / "build" / "against" / commit
    if not tree.exists():
        git("worktree", "prune")
        git("worktree", "add", "--detach", str(tree), commit)
    if not tree.exists():
        sys.exit(f"git could not check out {commit} in {tree}")
    return build(tree, tree / "build" / "bench", *settings), commit


def programs_of(options):
    """Name -> program and commit: "" and _native, or before and after."""
    program, commit = options.build / "bench" / "l1loss_bench", git("describe", "--always", "--dirty", "--abbrev=12")
    settings = settings_of(options.build)
    if options.against:
        build(ROOT, options.build)
        return {"before": other_commit(options.against, settings), "after": (program, commit)}
    if options.quick:
        return {"": (program, commit)}
    native = options.build.with_name(f"{options.build.name}_native")
    print(f"building {native}", file=sys.stderr)
    return {"": (program, commit),
            "_native": (build(ROOT, native, *settings, "-DL1LOSS_BENCH_FLAGS=-O2 -march=native", "-DL1LOSS_BUILD_DISPATCH=OFF"), commit)}


def add(result, got, **context):
    """Adds a pass: four digits of each time, after those of the passes before."""
    result["context"] |= got["context"] | context
    for measured in got["benchmarks"]:
        name = measured["run_name"]
        if "u" not in measured:
            sys.exit(f"{name}: {measured.get('error_message')}")
        clock = compare.clock(name)
        entry = result["benchmarks"].setdefault(name, {"run_name": name, clock: [], "u": float(f"{measured['u']:.3g}")})
        entry[clock].append(float(f"{measured[clock]:.4g}"))


def write(result, out, name):
    """Writes what was measured so far. Returns the path."""
    context = {key: result["context"][key] for key in compare.ABOUT if key in result["context"]}
    path = out / f"{name if name in ('before', 'after') else context['compiler'].split()[0].lower() + name}.json.xz"
    text = json.dumps({"context": context, "benchmarks": list(result["benchmarks"].values())}, separators=(",", ":"))
    path.write_bytes(lzma.compress(text.encode()))
    return path


def measure(programs, mode, passes, out, numpy):
    """Runs all passes, with a Python for NumPy or None. Returns name -> path of what was written."""
    todo = [(name, group) for group in GROUPS for name, (program, _) in programs.items()
            if ("native" if name == "_native" else mode) in group.when.split() and has(program, group)]
    progress = Progress([step for step in todo for _ in range(1 if "once" in step[1].when else passes)] + ["NumPy"] * (passes if numpy else 0))
    results, paths = {name: {"context": {}, "benchmarks": {}} for name in programs}, {}
    for number in range(1, passes + 1):
        for name, group in todo[:: 1 if number % 2 else -1]:  # so that no program is always the first
            if "once" in group.when and number > 1:
                continue
            program, commit = programs[name]
            got = progress.timed((name, group), f"pass {number} of {passes}, {group.name} {name.strip('_')}",
                                 lambda: run(command(program, group)))
            add(results[name], got, commit=commit, governor=governor())
        if numpy:
            add(results[""], progress.timed("NumPy", f"pass {number} of {passes}, NumPy", lambda: run(
                [*pin(), numpy, str(NUMPY), *(["--errors"] if number == 1 else []), "--out="])))
        paths = {name: write(result, out, name) for name, result in results.items()}  # after each pass, so that the files are complete
    print(f"\r{time.monotonic() - progress.start:.0f} s; {', '.join(str(path) for path in paths.values())}", file=sys.stderr)
    return paths


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--quick", action="store_true", help="fewer lengths and passes: less than two minutes")
    arguments.add_argument("--passes", type=int, help="9 if it is not given, 5 if it is to be quick")
    arguments.add_argument("--build", type=pathlib.Path, default=ROOT / "build" / "bench", help="where the preset `bench` was built")
    arguments.add_argument("--out", type=pathlib.Path, help="BUILD/results if it is not given, or BUILD/against")
    arguments.add_argument("--against", metavar="COMMIT")
    options = arguments.parse_args()
    passes = options.passes if options.passes is not None else 5 if options.quick else 9
    out = options.out or options.build / ("against" if options.against else "results")
    if passes < 1:
        arguments.error(f"--passes is {passes}, expected 1 or more")
    if not (options.build / "bench" / "l1loss_bench").exists():
        sys.exit(f"{options.build} has no benchmarks; expected: cmake --workflow --preset bench")
    python = python_with("scipy" if options.against else "numpy")
    if options.against and not python:
        sys.exit("SciPy was not found, which tells chance from difference; Debian: python3-scipy")
    if not python:
        print("NumPy was not found, and is left out", file=sys.stderr)

    out.mkdir(parents=True, exist_ok=True)
    paths = measure(programs_of(options), "quick" if options.quick else "full", passes, out, None if options.against else python)
    if options.against:
        os.execv(python, [python, str(NUMPY.with_name("compare.py")), str(paths["after"]), "--before", str(paths["before"])])


if __name__ == "__main__":
    main()
