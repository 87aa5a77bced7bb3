"""The tables of the report, in Markdown."""
import collections
import statistics

import compare

OURS = "l1loss"

# What is compared with the fastest other implementation, and what counts as behind it: more than this and NO_DIFFERENCE.
COMPARED, NANOSECONDS = ("mean/", "element/"), 0.5


def table(header, rows):
    return ["| " + " | ".join(header) + " |", "|--:" * len(header) + "|", *("| " + " | ".join(row) + " |" for row in rows), ""]


def beside(groups):
    """work/type/setting -> n -> the fastest other, our time over its time, and the nanoseconds between them."""
    all_found = {}
    for name, rows in sorted(groups.items(), key=lambda item: (item[0].startswith("element/"), "double" in item[0])):
        found = {n: compare.fastest_other(row, OURS) for n, row in sorted(rows.items())} if name.startswith(COMPARED) else {}
        found = {n: (*f, statistics.median(rows[n][OURS].nanoseconds.values()) * (1 - 1 / f[1])) for n, f in found.items() if f}
        if found:
            all_found[name] = found
    return all_found


def mean_of(found):
    return statistics.geometric_mean(ratio for _, ratio, _ in found.values())


def first(found):
    return [n for n, (_, ratio, _) in found.items() if ratio < 1]


def behind(found):
    """The lengths at which another is faster by more than chance, the worst first."""
    return sorted((n for n, (_, ratio, ns) in found.items() if ratio > 1 + compare.NO_DIFFERENCE and ns > NANOSECONDS),
                  key=lambda n: -found[n][1])


def length(n):
    return f"2^{n.bit_length() - 1}" if n >= 65536 and n.bit_count() == 1 else str(n)


def ranges(lengths, all_lengths):
    """Lengths as text. Neighbours among those that were measured are one range."""
    runs = []
    for n, after in zip(all_lengths, [None, *all_lengths]):
        if n in lengths:
            if after not in lengths:
                runs.append([n])
            runs[-1][1:] = [n]
    return ", ".join("…".join(map(length, dict.fromkeys(run))) for run in runs)


def summary(builds):
    """A table of all builds: the geometric mean, and at how many lengths l1loss is the first and behind."""
    found = {label: beside(groups) for label, groups in builds.items()}
    names = list(dict.fromkeys(name for build in found.values() for name in build))

    def cell(f):
        return f"{compare.ratio(mean_of(f))}; first at {len(first(f))} of {len(f)}, behind at {len(behind(f))}" if f else ""
    text = (f"Time of a call of l1loss over that of whichever other takes the least, as the geometric mean over all lengths; at how many of them "
            f"l1loss is first; and at how many it is behind by more than {compare.NO_DIFFERENCE:.0%} and {NANOSECONDS} ns.")
    return "\n".join([text, "", *table(["", *found], [[name, *(cell(build.get(name)) for build in found.values())] for name in names])])


def findings(groups):
    """Where l1loss is first, and where it is not and by how much."""
    rows = []
    for name, found in beside(groups).items():
        slower = [f"{length(n)}: {compare.ratio(found[n][1])} of {found[n][0]}, {found[n][2]:.{found[n][2] < 100:d}f} ns" for n in behind(found)]
        slower[8:] = [f"{len(slower) - 8} more"] if len(slower) > 8 else []
        rows.append([name, compare.ratio(mean_of(found)), ranges(first(found), list(found)), "; ".join(slower)])
    text = (f"Behind means by more than {compare.NO_DIFFERENCE:.0%} and {NANOSECONDS} ns. The worst is first, with the time over that of the fastest "
            "other, and the difference.")
    return "\n".join([text, "", *table(["", "geometric mean", "l1loss is first at n =", "and behind at n ="], rows)])


def beside_the_fastest(groups):
    """Tabulates our time over that of the fastest other, and its name, for each mean and length."""
    text, found = [], beside(groups)
    for element in ("float", "double"):
        columns = {name: f for name, f in found.items() if name.startswith(f"mean/{element}/")}
        rows = [[str(n), *(f"{compare.ratio(f[n][1])} {f[n][0]}" if n in f else "" for f in columns.values())]
                for n in sorted({n for f in columns.values() for n in f})]
        if columns:
            text += table(["n", *columns], [*rows, ["geometric mean", *(f"{mean_of(f):.2f}" for f in columns.values())]])
    return "\n".join(["Time of a call over that of whichever other takes the least: the median of the passes. Below 1, l1loss is the fastest.", "",
                      *text])


def beside_build(groups, other):
    """Tabulates our time over our time of another build."""
    columns = [name for name in groups if name.startswith(COMPARED) and any(OURS in row for row in other.get(name, {}).values())]
    rows = collections.defaultdict(dict)
    for name in columns:
        for n, row in groups[name].items():
            if OURS in row and (ratios := compare.ratios(row[OURS], other[name].get(n, {}).get(OURS, compare.Cell()))):
                rows[n][name] = compare.ratio(statistics.median(ratios))
    return "\n".join(["Time of a call of l1loss in this build over that in the other. Below 1, this build is faster.", "", *table(
        ["n", *columns], [[str(n), *(row.get(name, "") for name in columns)] for n, row in sorted(rows.items())])])


def beside_float(groups):
    """Tabulates the time of each element type over that of as many floats, and the error."""
    columns = {name: name.split("/")[1] for name in groups if name.startswith("element/")}
    rows = [[str(n), *(f"{compare.ratio(statistics.median(compare.ratios(row[OURS], row['l1loss_float'])))}; {row[OURS].error:.2g}"
                       if OURS in (row := groups[name].get(n, {})) else "" for name in columns)]
            for n in sorted({n for name in columns for n in groups[name]})]
    return "\n".join(["Time of a call over that of the mean of as many floats, and the error in units of u.", "",
                      *table(["n", *columns.values()], rows)])


def everything(groups):
    """Title -> table, for each group: speed and error in one cell."""
    text = {}
    for name, rows in groups.items():
        implementations = [i for i in dict.fromkeys(i for row in rows.values() for i in row) if i != "ceiling"]
        if not any(OURS in row for row in rows.values()):
            continue
        of_errors = name.startswith("error/")
        text[name] = "\n".join([
            ("Relative" if of_errors else "Median ns of a call [quartiles]; relative") + " error in units of u, half an ulp of 1.", "",
            *table(["n", *implementations], [
                [str(n), *(("" if of_errors else f"{row[i]}; ") + f"{row[i].error:.2g}" if i in row else "" for i in implementations)]
                for n, row in sorted(rows.items())])])
    return text


def compile_times(measured):
    """Title -> table, of what compile_time.py measured."""
    text = {}
    for compiler in measured["compilers"]:
        text[f"To compile: {compiler['name']}"] = "\n".join([
            f"{measured['flags']}; median seconds of processor time, bytes of the object.", "",
            *table(["what", "s", "bytes"], [[case["name"].replace("<", "&lt;"),
                                             f"{case['seconds'][1]:.2f} [{case['seconds'][0]:.2f}…{case['seconds'][2]:.2f}]",
                                             str(case["bytes"] or "")] for case in compiler["cases"]])])
    return text
