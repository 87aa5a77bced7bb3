#!/usr/bin/env python3
"""Prints tables of what l1loss_bench measured: time, ratio and error by length.

README.md says how to measure and how to read them. Results are what run.py writes, or JSON of Google Benchmark.

    compare.py [--ours l1loss] [--markdown] RESULT...
    compare.py NEW... --before OLD...      what is faster or slower now, by a test of significance with SciPy
"""
import argparse
import collections
import json
import lzma
import math
import statistics
import sys

# The entries of the context that are shown.
ABOUT = ("cpu", "data_caches", "governor", "isa", "dispatch", "compiler", "flags", "l1loss", "commit", "xsimd", "eigen", "xtensor", "opencv",
         "openblas", "faiss", "torch", "tbb", "numpy", "benchmark", "date")

# A difference counts if chance explains it less than once in a hundred, and if it is more than the position of a loop in the code
# makes.
SIGNIFICANT, NO_DIFFERENCE = 0.01, 0.03

# Names that begin so are this library's own, or ceilings.
NOT_OTHERS = ("l1loss", "ceiling", "one_thread", "contiguous")

# For shorter lengths a call is more than its loads, so the read ceiling is not a ceiling.
SHORTEST_UNDER_CEILING = 256


class Cell:
    """One implementation at one length: the nanoseconds of each pass, and the error of the result."""

    def __init__(self):
        self.nanoseconds = {}
        self.error = None

    def __str__(self):
        if not all(self.nanoseconds.values()):
            return ""  # not timed
        low, median, high = quartiles(self.nanoseconds.values())
        return f"{figure(median)} [{figure(low)}…{figure(high)}]"


def quartiles(samples):
    samples = list(samples)
    if len(samples) < 2:
        return samples * 3
    return statistics.quantiles(samples, n=4, method="inclusive")


def figure(x):
    """Three significant digits, or all digits before the point."""
    return f"{x:.{max(0, 2 - math.floor(math.log10(x)))}f}"


def ratio(x):
    """Two decimal places, or three significant digits for small ratios."""
    return f"{x:.2f}" if x >= 0.1 else figure(x)


def clock(name):
    """Which time of a benchmark counts: processor time, without other processes, except where it measures on the wall."""
    return "real_time" if name.endswith(("/real_time", "/manual_time")) else "cpu_time"


def read(paths):
    """work/type/setting -> n -> implementation -> Cell, and the context of the first file."""
    groups = collections.defaultdict(lambda: collections.defaultdict(lambda: collections.defaultdict(Cell)))
    context = None
    for file_number, path in enumerate(paths):
        with (lzma.open if str(path).endswith(".xz") else open)(path, "rt", encoding="utf-8") as file:
            result = json.load(file)
        context = context or result["context"]
        for key in ("cpu", "compiler", "flags", "commit"):
            if result["context"].get(key) != context.get(key):
                sys.exit(f"{path} was measured with {key} {result['context'].get(key)}, {paths[0]} with {context.get(key)}")
        for run in result["benchmarks"]:
            if run.get("run_type", "iteration") != "iteration":
                continue
            if "u" not in run or run.get("error_occurred"):
                sys.exit(f"{path}: {run['name']}: {run.get('error_message')}")
            work, element, setting, implementation, n = run["run_name"].split("/")[:5]
            cell = groups[f"{work}/{element}/{setting}"][int(n)][implementation]
            times = run[clock(run["run_name"])]  # a list of all passes, or one number of Google Benchmark's
            for number, nanoseconds in enumerate(times if isinstance(times, list) else [times], start=run.get("repetition_index", 0)):
                cell.nanoseconds[file_number, number] = nanoseconds
            cell.error = run["u"]
    return groups, context


def about(context):
    return "; ".join(f"{key}: {context[key]}" for key in ABOUT if key in context)


def ratios(mine, other):
    """Mine over other, pass by pass, so that times of the same moment are compared."""
    return [mine.nanoseconds[p] / other.nanoseconds[p] for p in mine.nanoseconds if p in other.nanoseconds]


def fastest_other(row, ours):
    """The fastest implementation of others at one length: its name, and our time over its time. None without others."""
    others = {name: statistics.median(cell.nanoseconds.values()) for name, cell in row.items()
              if not name.startswith(NOT_OTHERS) and all(cell.nanoseconds.values())}
    if ours not in row or not others:
        return None
    name = min(others, key=others.get)
    return name, statistics.median(ratios(row[ours], row[name]))


def table(rows, ours):
    """Header and lines of one group: ours, the ceiling, then the others."""
    names = list(dict.fromkeys(name for row in rows.values() for name in row))
    others = [name for name in names if name not in (ours, "ceiling")]
    header = ["n", f"{ours} ns"] + ["of ceiling"] * ("ceiling" in names)
    header += [column for name in others for column in (f"{name} ns", "ratio")]
    header += [f"u: {ours}"] + others

    lines, medians = [], collections.defaultdict(list)
    for n, row in sorted(rows.items()):
        line = [str(n), str(row[ours])]
        if "ceiling" in names:
            under = "ceiling" in row and n >= SHORTEST_UNDER_CEILING and ratios(row[ours], row["ceiling"])
            line.append(f"{100 / statistics.median(ratios(row[ours], row['ceiling'])):.0f} %" if under else "")
        for name in others:
            if name not in row:
                line += ["", ""]
                continue
            if not ratios(row[ours], row[name]):
                line += [str(row[name]), ""]
                continue
            low, median, high = quartiles(ratios(row[ours], row[name]))
            medians[name].append(median)
            line += [str(row[name]), f"{ratio(median)} [{ratio(low)}…{ratio(high)}]"]
        line += [f"{row[name].error:.2g}" if name in row else "" for name in [ours] + others]
        lines.append(line)
    mean = ["all", ""] + [""] * ("ceiling" in names)
    for name in others:
        mean += ["", f"{ratio(statistics.geometric_mean(medians[name]))}, worst {ratio(max(medians[name]))}" if medians[name] else ""]
    lines.append(mean + [""] * (1 + len(others)))
    return header, lines


def differences(groups, before):
    """A line for each benchmark of both: medians, their ratio, and the p-value of a two-sided Mann-Whitney U test."""
    try:
        from scipy.stats import mannwhitneyu  # pylint: disable=import-outside-toplevel
    except ImportError:
        sys.exit(f"{sys.executable} has no SciPy, which tells chance from difference (Debian: python3-scipy, of /usr/bin/python3)")

    header, lines = ["", "before ns", "now ns", "now / before", "p", ""], []
    for name, rows in groups.items():
        if name.startswith("error/"):
            continue  # not timed
        for n, row in sorted(rows.items()):
            for implementation, cell in row.items():
                now, old = (list(c.nanoseconds.values()) for c in (cell, before[name][n][implementation]))
                if not now or not old or not all(now + old):
                    continue
                if 2 / math.comb(len(now) + len(old), len(now)) >= SIGNIFICANT:
                    sys.exit(f"{len(old)} passes before and {len(now)} now cannot show a difference; expected 5 or more of each")
                change, p = statistics.median(now) / statistics.median(old), mannwhitneyu(now, old).pvalue
                verdict = "" if p >= SIGNIFICANT or abs(change - 1) <= NO_DIFFERENCE else "faster" if change < 1 else "slower"
                lines.append([f"{name}/{implementation}/{n}", figure(statistics.median(old)), figure(statistics.median(now)), ratio(change),
                              f"{p:.3f}", verdict])
    return header, lines


def show(header, lines, markdown):
    width = [max(len(line[i]) for line in [header] + lines) for i in range(len(header))]
    left, between, right = ("| ", " | ", " |") if markdown else ("", "  ", "")
    for i, line in enumerate([header] + lines):
        print(left + between.join(cell.rjust(w) for cell, w in zip(line, width)) + right)
        if markdown and i == 0:
            print("|" + "|".join("-" * (w + 1) + ":" for w in width) + "|")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("results", nargs="+", metavar="RESULT")
    arguments.add_argument("--ours", default="l1loss", help="the implementation that the others are compared with")
    arguments.add_argument("--markdown", action="store_true")
    arguments.add_argument("--before", nargs="+", metavar="OLD", help="compare with these instead")
    options = arguments.parse_args()

    groups, context = read(options.results)
    print(about(context))
    if options.before:
        before, context = read(options.before)
        header, lines = differences(groups, before)
        print(f"before: {about(context)}\n")
        show(header, lines, options.markdown)
        verdicts = [line[-1] for line in lines]
        print(f"\nof {len(lines)}: {verdicts.count('faster')} faster, {verdicts.count('slower')} slower; the rest differ by"
              f" {NO_DIFFERENCE:.0%} at most, or it may be chance (p >= {SIGNIFICANT}; of so many, {len(lines) * SIGNIFICANT:.0f} come below by chance)")
        return
    for name, rows in groups.items():
        rows = {n: row for n, row in rows.items() if options.ours in row}
        if rows and not name.startswith("error/"):
            passes = min(len(cell.nanoseconds) for row in rows.values() for cell in row.values())
            print(f"\n{name}: median [quartiles] of {passes} passes; ratio = {options.ours} / other, pass by pass\n")
            show(*table(rows, options.ours), options.markdown)


if __name__ == "__main__":
    main()
