#!/usr/bin/env python3
"""Measures all that is compared, in interleaved passes, and shows the time that is left.

README.md says how to read the results.

    run.py [--quick] [--passes N] [--build build/bench] [--out build/bench/results]
    run.py --against COMMIT ...        this tree against another commit, built in build/against, and what differs

Writes pass01.json, pass02.json, ... for report.py and compare.py. With --against, these go into before/ and after/.
"""
import argparse
import collections
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
NUMPY = pathlib.Path(__file__).with_name("numpy_peer.py")

# For floats, every length up to 64: a selection would give too much weight to lengths of whole registers, which suit Eigen.
# For double, some of them, to save time.
LONGER = "100|128|256|512|784|1024|2048|4096|32768"
SHORT = f"[1-9]|[1-5][0-9]|6[0-4]|{LONGER}"
SOME = f"1|2|3|4|5|7|8|9|12|15|16|17|20|24|31|32|33|40|48|56|63|64|{LONGER}"

Group = collections.namedtuple("Group", "name filter min_time warmup pinned once quick")
# Implementations that allocate need untimed calls first, otherwise new pages are timed.
GROUPS = [
    Group("mean", f"^mean/float/aligned/[^/]*/({SHORT})$", 0.002, 0.005, True, False, False),
    Group("mean, some lengths", r"^mean/float/aligned/[^/]*/(1|8|15|64|256|1024|4096|32768)$", 0.002, 0.002, True, False, True),
    Group("mean, long", r"^mean/float/aligned/[^/]*/(131072|1048576|4194304)$", 0.005, 0.1, True, False, False),
    Group("mean, in memory",
          r"^mean/float/aligned/((l1loss|l1loss_double|ceiling|scalar|loop_Ofast|eigen|opencv|faiss)/(16777216|33554432|67108864)|torch/16777216)$",
          0.03, 0, True, False, False),
    Group("mean, cold", r"^mean/float/cold/[^/]*/(1|4|16|64|256|1024|4096|32768|1048576)/", 0, 0, True, False, False),
    Group("mean of double", f"^mean/double/aligned/[^/]*/({SOME}|1048576)$", 0.002, 0.005, True, False, False),
    Group("fixed lengths", "^mean/(float|double)/fixed/", 0.002, 0, True, False, False),
    Group("variants", "^(none|weighted|masked|skip_nan|rows|columns|chunks)/|1024_rows_pitched", 0.003, 0.02, True, False, False),
    Group("gradient", "^gradient/.*/(64|256|1024|4096|16384|65536)$", 0.003, 0.02, True, False, False),
    Group("gradient, long", "^gradient/.*/(262144|1048576)$", 0.005, 0.15, True, False, False),
    Group("gradient, some lengths", "^(none|gradient)/.*/(64|4096|65536)$", 0.003, 0.02, True, False, True),
    Group("elements", "^element/.*/[1-9][0-9]{0,4}$", 0.002, 0.005, True, False, False),
    Group("elements, some lengths", "^element/.*/(64|4096)$", 0.002, 0.005, True, False, True),
    Group("elements, long", "^element/.*/([^/]*/1048576|(l1loss|l1loss_float|ceiling|sad_loop|opencv)/(16777216|33554432))$", 0.01, 0.02, True,
          False, False),
    Group("threads", "^mean/float/threads/", 0.02, 0.02, False, False, False),
    Group("errors", "^error/", 0, 0, True, True, True),
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
    return [*(pin() if group.pinned else []), str(program), f"--benchmark_filter={group.filter}", f"--benchmark_min_time={group.min_time or 0.001}",
            *warmup, "--benchmark_out="]


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


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--quick", action="store_true", help="fewer lengths and passes: less than two minutes")
    arguments.add_argument("--passes", type=int, help="9 if it is not given, 5 if it is to be quick")
    arguments.add_argument("--build", type=pathlib.Path, default=ROOT / "build" / "bench", help="where the preset `bench` was built")
    arguments.add_argument("--out", type=pathlib.Path, help="BUILD/results if it is not given")
    arguments.add_argument("--against", metavar="COMMIT")
    options = arguments.parse_args()
    passes = options.passes if options.passes is not None else 5 if options.quick else 9
    out = options.out or options.build / "results"
    if passes < 1:
        arguments.error(f"--passes is {passes}, expected 1 or more")

    program = options.build / "bench" / "l1loss_bench"
    if not program.exists():
        sys.exit(f"{program} is not there; expected: cmake --workflow --preset bench")
    programs = {out: (program, git("describe", "--always", "--dirty", "--abbrev=12"))}
    python = None
    if options.against:
        python = python_with("scipy") or sys.exit("SciPy was not found, which tells chance from difference; Debian: python3-scipy")
        build(ROOT, options.build)
        programs = {out / "before": other_commit(options.against, settings_of(options.build)), out / "after": programs[out]}
    elif not (python := python_with("numpy")):
        print("NumPy was not found, and is left out", file=sys.stderr)
    for where in programs:
        where.mkdir(parents=True, exist_ok=True)
        for old in where.glob("pass*.json"):
            old.unlink()

    groups = [g for g in GROUPS if (g.quick == options.quick or g.once) and all(has(binary, g) for binary, _ in programs.values())]
    numpy = python and not options.against
    steps = [g.name for g in groups for _ in range(1 if g.once else passes)] * len(programs) + ["NumPy"] * (passes if numpy else 0)
    progress = Progress(steps)
    for number in range(1, passes + 1):
        results = {where: {"context": {}, "benchmarks": []} for where in programs}
        in_turn = list(programs.items())[:: 1 if number % 2 else -1]  # so that no commit is always the first
        for group in groups:
            if group.once and number > 1:
                continue
            for where, (binary, commit) in in_turn:
                got = progress.timed(group.name, f"pass {number} of {passes}, {group.name}", lambda: run(command(binary, group)))
                results[where]["context"] |= got["context"] | {"commit": commit, "governor": governor()}
                results[where]["benchmarks"] += got["benchmarks"]
        if numpy:
            got = progress.timed("NumPy", f"pass {number} of {passes}, NumPy",
                                 lambda: run([*pin(), python, str(NUMPY), *(["--errors"] if number == 1 else []), "--out="]))
            results[out]["context"] |= got["context"]
            results[out]["benchmarks"] += got["benchmarks"]
        for where, result in results.items():  # after each pass, so that the files are always complete
            (where / f"pass{number:02}.json").write_text(json.dumps(result, indent=1), encoding="utf-8")
    print(f"\r{time.monotonic() - progress.start:.0f} s; {', '.join(str(w) for w in programs)}", file=sys.stderr)
    if options.against:
        before, after = (sorted(str(p) for p in where.glob("pass*.json")) for where in programs)
        os.execv(python, [python, str(NUMPY.with_name("compare.py")), *after, "--before", *before])


if __name__ == "__main__":
    main()
