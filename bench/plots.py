"""The plots of the report."""
import io
import re
import statistics

import matplotlib
import matplotlib.pyplot as plt

import compare
from tables import OURS

LOSS = "mean/float/aligned"
BEFORE = "l1loss with AVX2"  # beside a build for the instruction set of the machine

# Okabe and Ito's colours, which colour-blind people can tell apart. Ours is black, and each line has its own marker.
STYLES = {
    OURS: ("#000000", "o"),
    "ceiling": ("#999999", "None"),
    "scalar": ("#D55E00", "v"),
    "loop_Ofast": ("#E69F00", "^"),
    "transform_reduce_unseq": ("#B8A900", "<"),
    "eigen": ("#0072B2", "s"),
    "xtensor": ("#56B4E9", "D"),
    "opencv": ("#009E73", "P"),
    "openblas": ("#CC79A7", "X"),
    "faiss": ("#7F3C8D", "*"),
    "torch": ("#8B0000", "h"),
    "numpy": ("#666666", "p"),
    "l1loss_double": ("#444444", "d"),
    BEFORE: ("#000000", "o"),
}
# What each kind of data of error.bench.cpp is, for the plots of errors.
DATA = {
    "uniform": "uniform random",
    "constant": "all 0.1: roundings in one direction",
    "decreasing": "n, n-1, … 1",
    "large_first": "1, then 0.75 u: lost in a sum of 1",
    "large_rows": "64 of 1, then 448 of 0.75 u, again and again",
    "decades": "exponents over seven decades",
}




def line(axes, name, lengths, samples):
    """Draws the median of each length's samples, with some markers, and a band from the least to the greatest."""
    colour, marker = STYLES[name]
    if any(len(s) > 1 for s in samples):
        axes.fill_between(lengths, [min(s) for s in samples], [max(s) for s in samples], color=colour, alpha=0.15, linewidth=0)
    axes.plot(lengths, [statistics.median(s) for s in samples], color=colour, marker=marker, markersize=4.5, markevery=0.18,
              markeredgecolor="#00000060", linewidth=2.2 if name == OURS else 1.2, linestyle="--" if name in ("ceiling", BEFORE) else "-",
              label=name, zorder=3 if name == OURS else 2)


def dress(axes, title, logarithmic):
    axes.set_title(title, fontsize=10)
    if "x" in logarithmic:
        axes.set_xscale("log", base=2)
    if "y" in logarithmic:
        axes.set_yscale("log")
    axes.minorticks_off()
    axes.grid(True, which="major", color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)


def plot(panels, samples_of, x_label, y_label, logarithmic, but=()):
    """A figure with a panel for each title -> rows, and one legend below. Returns it and its axes."""
    columns = min(2, len(panels))
    lines = -(-len(panels) // columns)
    figure, grid = plt.subplots(lines, columns, figsize=(10, 1.2 + (4.4 if columns == 1 else 3.4) * lines), layout="constrained", sharex=True,
                                sharey=True, squeeze=False)
    for axes, (title, rows) in zip(grid.flat, panels.items()):
        for name in drawn(rows, but):
            samples = {n: samples_of(row, name, n) for n, row in sorted(rows.items()) if name in row}
            samples = {n: s for n, s in samples.items() if s}
            if samples:
                line(axes, name, list(samples), list(samples.values()))
        dress(axes, title, logarithmic)
    for axes in grid[-1]:
        axes.set_xlabel(x_label)
    for axes in grid[:, 0]:
        axes.set_ylabel(y_label)
    handles = {label: handle for axes in grid.flat for handle, label in zip(*axes.get_legend_handles_labels())}
    below = 0.55 / figure.get_figheight()
    figure.get_layout_engine().set(rect=(0, below, 1, 1 - below))
    figure.legend(handles.values(), handles.keys(), loc="lower center", ncols=-(-len(handles) // -(-len(handles) // 7)), frameon=False, fontsize=9)
    return figure, list(grid.flat)


def mark_caches(axes, context, bytes_of_element):
    """Draws a line where input and target fill a data cache."""
    for level, size in enumerate(context.get("data_caches", "").split(), start=1):
        n = int(size) / (2 * bytes_of_element)
        if n <= axes.get_xlim()[1]:
            axes.axvline(n, color="#888888", linewidth=0.9, linestyle=":")
            axes.annotate(f"L{level}", (n, 1), xycoords=("data", "axes fraction"), xytext=(3, -10),
                          textcoords="offset points", fontsize=8, color="#555555")


def drawn(rows, but=()):
    """The implementations of these rows that have a style, in its order."""
    return [name for name in STYLES if name not in but and any(name in row for row in rows.values())]


def nanoseconds(row, name, _):
    return list(row[name].nanoseconds.values())


def relative(panels, most=5):
    """Plots the time of the others over ours up to a ratio, with the band in which a difference means nothing."""
    panels = {title: {n: row for n, row in rows.items() if OURS in row} for title, rows in panels.items()}
    slow = [name for name in STYLES if all(min(compare.ratios(row[name], row[OURS]), default=most) >= most
                                           for rows in panels.values() for row in rows.values() if name in row)]
    figure, all_axes = plot(panels, lambda row, name, _: compare.ratios(row[name], row[OURS]), "n", "time / time of l1loss (above 1: slower)", "xy",
                            (OURS, "ceiling", "l1loss_double", *slow))
    for axes in all_axes:
        axes.axhspan(1 - compare.NO_DIFFERENCE, 1 + compare.NO_DIFFERENCE, color="#00000025", linewidth=0, zorder=0)
        axes.axhline(1, color="#000000", linewidth=1.4)
    least, most = min(0.9, axes.get_ylim()[0]), min(most, axes.get_ylim()[1])
    ticks = (0.2, 0.5, 1, 2, 5, 10, 20, 50, 100) if most > 5 else (0.3, 0.5, 0.7, 0.8, 0.9, 1, 1.2, 1.5, 2, 3, 5)
    axes.set(ylim=(least, most), yticks=[y for y in ticks if least <= y <= most])
    axes.yaxis.set_major_formatter("{x:g}")
    return figure


def throughput(rows, context):
    long = {n: row for n, row in rows.items() if n >= 64 or n.bit_count() == 1}
    figure, (axes,) = plot({"": long}, lambda row, name, n: [8 * n / t for t in nanoseconds(row, name, n)],
                           "n (dotted: both arrays fill a cache)", "GB/s", "xy")
    mark_caches(axes, context, 4)
    return figure


def short_lengths(rows):
    short = {n: row for n, row in rows.items() if n <= 256}
    figure, (axes,) = plot({"": short}, nanoseconds, "n", "ns", "x", ("ceiling", *(name for name in drawn(short) if not any(
        n <= 64 and name in row and statistics.median(nanoseconds(row, name, n)) < 50 for n, row in short.items()))))
    axes.set_ylim(0, 3 * max(statistics.median(nanoseconds(row, OURS, n)) for n, row in short.items()))
    return figure


def errors(groups):
    """Plots a panel for each kind of data. An exact result is drawn at the bottom."""
    return plot({what: groups[f"error/float/{data}"] for data, what in DATA.items()}, lambda row, name, _: [max(0.05, row[name].error)],
                "n", "error in u, half an ulp of 1", "xy")[0]


def with_before(rows, before):
    """Adds our times of another build."""
    return {n: row | ({BEFORE: before[n][OURS]} if OURS in before.get(n, {}) else {}) for n, row in rows.items()}


def plots(groups, context, native):
    """Yields a file name, a title, a sentence on how to read it, and a figure, for all that was measured."""
    def both(of, **settings):
        """Panels for settings of float and double."""
        return {f"{element}, {how}" if how else element: rows for setting, how in settings.items() for element in ("float", "double")
                if (rows := of.get(f"mean/{element}/{setting}"))}

    def over(what):
        return f"{what}, over the time of l1loss: above 1, l1loss is faster, and the grey band is no difference."
    loss = {n: row for n, row in groups[LOSS].items() if OURS in row}
    yield "relative", "Mean of n floats, relative to l1loss", over("The time of a call"), relative({"": loss}, 100)
    yield "short", "Mean of n floats, short lengths", "Nanoseconds of a call: lower is faster.", short_lengths(loss)
    yield ("throughput", "Mean of n floats, bytes per second",
           "Bytes of both arrays read per second: higher is faster, and the dashed line is a loop that only reads.", throughput(loss, context))
    if rows := groups.get("mean/double/aligned"):
        yield "double", "Mean of n doubles, relative to l1loss", over("The time of a call"), relative({"": rows}, 100)
    if panels := both(groups, latency=""):
        yield "latency", "Latency, relative to l1loss", over("The time of a call that waits for the result of the last one"), relative(panels)
    if panels := both(groups, random=""):
        yield ("random", "Random lengths, relative to l1loss", over("The time of a call whose length no branch predictor knows, uniform in 1 … n"),
               relative(panels))
    if panels := both(groups, fixed="throughput", fixed_latency="latency"):
        yield "fixed", "Fixed lengths, relative to l1loss", over("The time of a call whose length the compiler knows"), relative(panels)
    before = both(groups, aligned="throughput", latency="latency")
    if panels := {title: with_before(rows, before.get(title, {})) for title, rows in both(native, aligned="throughput", latency="latency").items()}:
        yield ("native", "With -march=native, relative to l1loss", over("The time of a call built with -march=native, and of l1loss built with AVX2"),
               relative(panels))
    if rows := groups.get("mean/float/cold"):
        yield ("cold", "Mean of n floats that are in no cache", "Nanoseconds until the result is there: lower is faster.",
               plot({"": rows}, nanoseconds, "n", "ns", "xy")[0])
    if all(f"error/float/{data}" in groups for data in DATA):
        yield ("error", "Relative error of the mean of n floats, by what is summed",
               "The error of the result in u, half an ulp of 1: lower is better, and an exact result is drawn at the bottom.", errors(groups))


def svg(figure):
    """The figure as SVG, without prologue and in a third of the bytes: coordinates to a tenth of a point, and one style for all markers of a line."""
    file = io.StringIO()
    figure.savefig(file, format="svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    plt.close(figure)
    text = file.getvalue()[file.getvalue().index("<svg"):]
    text = re.sub("; stroke-line(cap|join): (square|miter)", "", text)
    text = re.sub(r'>\s+<|<!--.*?-->|(?<=<g) id="[^"]*"', lambda found: "><" if found[0][0] == ">" else "", text)
    text = re.sub(r'(?<= )[dxy]="[^"]*"', lambda found: re.sub(r"(\.\d)\d+", r"\1", " ".join(found[0].split())), text)
    text = re.sub(r'="M [^C"]*"', lambda found: found[0].replace(" L ", " "), text)
    return re.sub(r'<g([^>]*)>((?:<use [^>]*( style="[^"]*")/>)+)', lambda found: f"<g{found[1]}{found[3]}>" + found[2].replace(found[3], ""), text)


matplotlib.rcParams.update({"svg.hashsalt": "l1loss", "svg.fonttype": "none", "font.sans-serif": ["DejaVu Sans", "sans-serif"],
                            "axes.spines.top": False, "axes.spines.right": False})
