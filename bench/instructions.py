#!/usr/bin/env python3
"""Counts the instructions of the main kernels with Valgrind, and compares them with instructions.txt.

A count that differs by more than 5 % is an error. A smaller count is to be accepted, so that it is kept.

    instructions.py PROGRAM            compares; PROGRAM is l1loss_instructions of the preset `bench`
    instructions.py PROGRAM --accept   writes these counts to instructions.txt; commit that file with what explains it

The counts hold for the compiler, the flags and the version of xsimd in the first line of instructions.txt.
"""
import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ACCEPTED = pathlib.Path(__file__).with_name("instructions.txt")
TOLERANCE = 0.05


def count(program):
    """What the program was built with, and name -> instructions."""
    if not shutil.which("valgrind"):
        sys.exit("Valgrind was not found")
    built_with = subprocess.run([program, "--built-with"], capture_output=True, text=True, check=True).stdout.strip()
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["valgrind", "--quiet", "--tool=callgrind", "--collect-atstart=no", f"--callgrind-out-file={folder}/out", program],
                       check=True)
        counts = {}
        for path in pathlib.Path(folder).iterdir():
            text = path.read_text(encoding="utf-8")
            name, total = re.search(r"^desc: Trigger: Client Request: (.*)$", text, re.M), re.search(r"^(?:totals|summary): (\d+)", text, re.M)
            if name and total:
                counts[name[1]] = int(total[1])
    return built_with, counts


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("program")
    arguments.add_argument("--accept", action="store_true")
    options = arguments.parse_args()

    built_with, counts = count(options.program)
    if not counts:
        sys.exit("Valgrind counted nothing")
    if options.accept:
        key = lambda name: (name.split("/")[0], int(name.split("/")[1]))  # noqa: E731
        ACCEPTED.write_text(f"# {built_with}\n" + "".join(f"{name} {counts[name]}\n" for name in sorted(counts, key=key)), encoding="utf-8")
        print(f"{ACCEPTED}: {len(counts)} counts")
        return
    if not ACCEPTED.exists():
        sys.exit(f"{ACCEPTED} is not there; expected: instructions.py PROGRAM --accept")
    first, *lines = ACCEPTED.read_text(encoding="utf-8").splitlines()
    if first != f"# {built_with}":
        sys.exit(f"{ACCEPTED.name} holds for {first[2:]}; this is {built_with}")
    accepted = {name: int(number) for name, number in (line.split() for line in lines)}
    if accepted.keys() != counts.keys():
        sys.exit(f"{ACCEPTED.name} and the program differ in {', '.join(sorted(accepted.keys() ^ counts.keys()))}")
    changed = 0
    for name, before in accepted.items():
        change = counts[name] / before - 1
        verdict = "" if abs(change) <= TOLERANCE else "  too many" if change > 0 else "  fewer, to be accepted"
        changed += bool(verdict)
        if abs(change) > 0.001:
            print(f"{name:24} {before:10} {counts[name]:10} {change:+.1%}{verdict}")
    print(f"instructions: {len(counts)} kernels, {changed} of them off {ACCEPTED.name} by more than {TOLERANCE:.0%}")
    if changed:
        sys.exit("if that is meant: instructions.py PROGRAM --accept")


if __name__ == "__main__":
    main()
