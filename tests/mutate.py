#!/usr/bin/env python3
"""Makes one-token changes in include/ and src/, and sees whether a test notices each of them.

    mutate.py                            all mutants of which one program can hold many; half an hour
    mutate.py --files 'detail/sum/*'     those of some files
    mutate.py --single --sample 50       also those that need a program each, 50 of all
    mutate.py --find 'count % stripe'    those whose line or change has this text
    mutate.py --list                     says what they are, and makes none

A mutant is killed if a test fails, crashes or hangs, or if an assertion of the compiler fails. SEEN_BY says which tests see a
file. They are compiled without forced inlining. Only lines are changed that the compiler reads under --isa. Where a region of code
can have several versions, one program of a test holds them all, and an environment variable selects one.
equivalent_mutants.txt has the survivors that no test can notice, each with its reason.
"""
import argparse
import collections
import fnmatch
import os
import pathlib
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import time

from mutants import ROOT, SEEN_BY, SWITCH, live_lines, mutants_of, name_of, tests_of, with_switches

GOLDEN = [f'-DL1LOSS_GOLDEN_{name.upper()}="{ROOT}/tests/golden/{name}.txt"' for name in ("sum", "torch", "half", "torch_short", "sklearn")]
FLAGS = ["-std=c++20", "-w", "-pthread", "-fconstexpr-ops-limit=2000000000", "-DL1LOSS_INLINE=", "-DL1LOSS_TEST_ONE_ARCH=1", "-DL1LOSS_TEST_LOGIC=1", *GOLDEN]
if (EIGEN := pathlib.Path("/usr/include/eigen3")).exists():
    FLAGS += ["-DL1LOSS_TEST_EIGEN=1", "-isystem", str(EIGEN)]
ISAS = {"avx2": "-mavx2 -mfma -mf16c -ffp-contract=fast", "baseline": "", "avx512": "-mavx512f -mavx512cd -mavx512dq -mavx512bw"}
PRECOMPILED = "algorithm array cmath cstring fstream functional limits map memory numeric random ranges span sstream string thread vector"
ONLY_COMPILED = {"constant_alone"}


class Workshop:
    """Compiles tests against a changed copy of include/ and src/, and runs them."""

    def __init__(self, folder, flags, optimise):
        self.folder, self.flags, self.seconds = folder, [*FLAGS, *flags, optimise], {}
        for name in ("include", "src"):
            shutil.rmtree(folder / name, ignore_errors=True)
            shutil.copytree(ROOT / name, folder / name)
        isas = re.findall(r"l1loss_add_kernels\(((?!neon)[\w.+]+) (.*)\)", (ROOT / "src/CMakeLists.txt").read_text())
        general = ["-fno-exceptions", "-march=x86-64", "-mno-bmi", "-mno-bmi2", "-mno-avx512vl"]
        self.units, selections = {}, "sse2"
        for name, more in isas:
            isa = re.sub(r"\W", "_", name)
            general.append(f"-DL1LOSS_BUILT_{isa}=1")
            selections = isa if isa == "avx2" else selections
            of_isa = [f"-DL1LOSS_ISA={isa}", f"-DL1LOSS_FLAGS=compiled_{isa}", *("-mno-sse3" if "{" in more else more).split()]
            self.units[f"kernels_{isa}"] = ("src/kernels.cpp", [*general, *of_isa, *([] if isa == selections else [f"-DL1LOSS_SELECTIONS={selections}"])])
        library = ["c_interface", "isas", *self.units]
        self.units |= {"c_interface": ("src/c_interface.cpp", general), "isas": ("src/isas.cpp", general), "at_load": ("tests/dispatch/at_load.cpp", []),
                       "c_main": ("tests/dispatch/c_interface.c", ["-std=c99", "-DL1LOSS_TEST_STATIC"]), "main": ("tests/support/catch_main.cpp", []),
                       "definition": ("tests/support/definition.cpp", []), "constant_alone": ("tests/constant_alone.cpp", [])}
        self.programs = {"c_interface": ["c_main", *library], "dispatch": ["dispatch", "at_load", "main", *library], "constant_alone": ["constant_alone"]}
        self.switch, self.header = folder / "switch.hpp", folder / "precompiled.hpp"
        if not self.switch.exists() or self.switch.read_text() != SWITCH:
            self.switch.write_text(SWITCH)
        self.header.write_text("".join(f"#include <{name}>\n" for name in PRECOMPILED.split()) + f'#include "{ROOT}/tests/support/catch.hpp"\n#include <xsimd/xsimd.hpp>\n')
        if not pathlib.Path(f"{self.header}.gch").exists():
            subprocess.run(["g++", "-x", "c++-header", *self.flags, self.header, "-o", f"{self.header}.gch"], check=True)

    def object(self, unit, changed):
        """The object of a unit, compiled again only if it includes a changed file. Of the kernels, one instruction set changes."""
        source, more = self.units.get(unit, (f"tests/{unit}.test.cpp", None))
        base, is_test = self.folder / f"{unit}.o", more is None
        flags = [f for f in self.flags if not f.startswith(("-m", "-ffp"))] + more if more else self.flags
        flags = (["-include", self.header] if is_test and unit != "dispatch" else []) + ["-include", self.switch, *flags]

        def compiled(folder, to):
            compiler = ["gcc", *more] if source.endswith(".c") else ["g++", *flags]
            place = folder if source.startswith("src/") else ROOT
            return subprocess.run([*compiler, "-MMD", "-MF", f"{to}.d", f"-I{folder}/include", "-c", place / source, "-o", to], capture_output=True, text=True)

        def reads():
            return pathlib.Path(f"{base}.d").read_text().replace("\\\n", " ").split()[1:] if base.exists() else []
        if not is_test or not changed:
            is_fresh = base.exists() and all(pathlib.Path(p).stat().st_mtime < base.stat().st_mtime for p in reads())
            if not is_fresh and (result := compiled(ROOT, base)).returncode != 0:
                sys.exit(result.stderr)
            if not any(str(ROOT / path) in reads() for path in changed) or (unit.startswith("kernels") and unit != "kernels_fma3_avx2"):
                return base, ""
        to = self.folder / f"{unit}.changed.o"
        result = compiled(self.folder, to)
        return to, result.stderr if result.returncode != 0 else ""

    def build(self, test, changed):
        """Builds a test with some files changed, path -> text. Returns the errors of the compiler."""
        for path, text in changed.items():
            (self.folder / path).write_text(text, encoding="utf-8")
        objects, errors = [], ""
        for unit in self.programs.get(test, [test, "definition", "main"]):
            path, of_unit = self.object(unit, changed)
            objects.append(path)
            errors += of_unit
        for path in changed:
            shutil.copy(ROOT / path, self.folder / path)
        if not errors and test not in ONLY_COMPILED:
            errors = subprocess.run(["g++", "-pthread", *objects, "-lm", "-o", self.folder / "program"], capture_output=True, text=True).stderr
        return errors

    def run(self, test, number=0, reached=""):
        """'passed', 'failed' or 'hung'."""
        if test in ONLY_COMPILED:
            return "passed"
        seconds = 5 * self.seconds[test] + 2 if number >= 0 and test in self.seconds else 600

        def limit():
            for what, most in ((resource.RLIMIT_AS, 1 << 33), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_CPU, int(seconds) + 1)):
                resource.setrlimit(what, (most, most + 1)) # beyond the first comes SIGXCPU

        def processor_time():
            used = resource.getrusage(resource.RUSAGE_CHILDREN)
            return used.ru_utime + used.ru_stime
        begin = processor_time()
        arguments = [] if test == "c_interface" else [f"[{test}]", "--abort"]
        for isa in ["best", "sse2", ""] if test == "c_interface" else [""]:
            try:
                ran = subprocess.run([self.folder / "program", *arguments], capture_output=True, timeout=10 * seconds, preexec_fn=limit,
                                     env={**os.environ, "L1LOSS_ISA": isa, "L1LOSS_MUTANT": str(number), "L1LOSS_REACHED": reached})
            except subprocess.TimeoutExpired:
                return "hung"
            if ran.returncode != 0:
                return "hung" if ran.returncode == -signal.SIGXCPU else "failed"
        self.seconds.setdefault(test, processor_time() - begin)
        return "passed"

    def build_with_switches(self, test, numbered, refused):
        """number -> the first number of the same region, of the mutants that the program holds."""
        by_path = collections.defaultdict(list)
        for number, mutant in numbered:
            by_path[mutant.path].append((number, mutant))
        for _ in range(20):
            first_of, changed = {}, {}
            for path, mine in by_path.items():
                changed[path], some = with_switches(path, mine, refused[path])
                first_of |= some
            if not (errors := self.build(test, changed)):
                return first_of
            place = re.escape(str(self.folder)) + r"/((?:include|src)/\S+?):(\d+):"
            lines = set(re.findall(place + r"\d+: error", errors))
            if all(refused[path].get(int(line), 0) > 1 for path, line in lines):
                lines = set(re.findall(place, errors))
            for path, line in lines:
                refused[path][int(line)] = refused[path].get(int(line), 0) + 1
        print(f"{test}: no way was found to build it with switches:\n{errors[:3000]}")
        return {}

    def try_together(self, test, mutants, refused, is_over):
        """Yields (mutant, result) of those that the test reaches."""
        numbered = list(enumerate(sorted(mutants, key=lambda m: (m.path, m.start)), 1))
        first_of, reached = self.build_with_switches(test, numbered, refused), self.folder / "reached"
        if not first_of:
            return
        if (result := self.run(test, -1, str(reached))) != "passed":
            sys.exit(f"{test}: {result} without a mutant")
        is_reached = set(map(int, reached.read_text().split()))
        for number, mutant in numbered:
            if first_of.get(number) in is_reached and not is_over():
                yield mutant, self.run(test, number)

    def try_alone(self, mutant):
        text = (ROOT / mutant.path).read_text(encoding="utf-8")
        for test in tests_of(mutant.path):
            if test not in self.seconds:
                if self.build(test, {}) or self.run(test) != "passed":
                    sys.exit(f"{test}: fails without a mutant")
                self.seconds.setdefault(test, 1)
            if errors := self.build(test, {mutant.path: text[:mutant.start] + mutant.new + text[mutant.end:]}):
                return f"killed by {test}: assertion of the compiler" if "static assertion" in errors else "did not compile"
            if (result := self.run(test)) != "passed":
                return f"killed by {test}: {result}"
        return "survived " + " ".join(tests_of(mutant.path))


def equivalents():
    """(path, line) -> the changes of it that no test can notice."""
    found, key = collections.defaultdict(list), None
    for line in (ROOT / "tests/equivalent_mutants.txt").read_text(encoding="utf-8").splitlines():
        if match := re.match(r"((?:include|src)/\S+?): (.*)", line):
            key = match[1], match[2]
        elif match := re.match(r"    (.+?)  ", line):
            found[key].append(match[1])
    return found


def parsed():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", nargs="+", default=["*"], metavar="PATTERN", help="of paths below include/l1loss or src")
    parser.add_argument("--find", default="", metavar="TEXT")
    parser.add_argument("--sample", type=int, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    parser.add_argument("--isa", choices=ISAS, default="avx2")
    parser.add_argument("--optimise", default="-O0", metavar="FLAG")
    parser.add_argument("--folder", type=pathlib.Path, default=ROOT / "build/mutate", help="where programs are built")
    parser.add_argument("--minutes", type=float, default=1e9, help="begin nothing after so many")
    parser.add_argument("--tests", type=int, default=9, metavar="N", help="try only the first N tests that see a file")
    parser.add_argument("--single", action="store_true", help="try those that need a program each, too")
    parser.add_argument("--list", action="store_true")
    return parser.parse_args()


def main():
    arguments, begin = parsed(), time.time()
    flags = ISAS[arguments.isa].split()
    live = live_lines(flags)
    paths = [path for path in sorted(live) if re.match(r"include/.*hpp$|src/.*cpp$", path) and any(fnmatch.fnmatch(name_of(path), p) for p in arguments.files)]
    mutants = [m for path in paths for m in mutants_of(path, live[path]) if arguments.find in m.line or arguments.find in m.new]
    if arguments.sample and arguments.sample < len(mutants):
        mutants = random.Random(arguments.seed).sample(mutants, arguments.sample)
    if arguments.list:
        print(*map(str, mutants), f"{len(mutants)} mutants", sep="\n")
        return 0

    excused, results, nth = equivalents(), {}, collections.Counter()
    for m in sorted(mutants, key=lambda m: m.start):
        known, change = excused.get((m.path, m.line), []), f"{m.old} -> {m.new or 'nothing'}"
        nth[m.path, m.number, change] += 1
        if {"*", change, f"{change} ({nth[m.path, m.number, change]})"} & set(known):
            results[m] = "explained"
    workshop, refused = Workshop(arguments.folder.resolve() / (arguments.isa + arguments.optimise), flags, arguments.optimise), collections.defaultdict(dict)

    def is_over():
        return time.time() - begin > 60 * arguments.minutes

    def report(mutant, result):
        results[mutant] = result
        print(f"{time.time() - begin:6.0f} s  {result}  {mutant}", flush=True)
    for k in range(arguments.tests):
        groups = collections.defaultdict(list)
        for m in mutants:
            if results.get(m, "survived").startswith("survived") and len(tests_of(m.path)) > k:
                groups[tests_of(m.path)[k]].append(m)
        for test, group in groups.items():
            if is_over():
                break
            for mutant, result in workshop.try_together(test, group, refused, is_over):
                report(mutant, f"killed by {test}: {result}" if result != "passed" else f"survived {results.get(mutant, '')[9:]} {test}")
    for mutant in mutants:
        if arguments.single and mutant not in results and not is_over():
            report(mutant, workshop.try_alone(mutant))
    totals = collections.defaultdict(collections.Counter)
    for mutant in mutants:
        totals[str(pathlib.Path(name_of(mutant.path)).parent)][results.get(mutant, "untried").split()[0]] += 1
    print()
    for room, counts in [*sorted(totals.items()), ("all", sum(totals.values(), collections.Counter()))]:
        tried = counts["killed"] + counts["survived"]
        print(f"{room:12} {counts['killed']} of {tried} killed, {100 * counts['killed'] / max(tried, 1):.1f} %; "
              f"{counts['explained']} explained, {counts['did']} did not compile, {counts['untried']} not tried")
    survivors = [m for m in mutants if results.get(m, "").startswith("survived")]
    print(*(f"survived: {m}" for m in survivors), sep="\n")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
