#!/usr/bin/env python3
"""Makes a report of what l1loss_bench measured: plots, tables, and one page with all of them.

README.md says how to measure.

    report.py [--out bench/results] [--from build/bench/results]

Reads pass*.json of run.py, and compile.json of compile_time.py if it is there.

Writes plots as .svg, tables.md, and report.html, which needs no other file and no network. Needs matplotlib. Debian has it in
python3-matplotlib, for /usr/bin/python3.
"""
import argparse
import collections
import html
import json
import pathlib
import statistics

import matplotlib
import matplotlib.pyplot as plt

import compare

OURS = "l1loss"
LOSS = "mean/float/aligned"

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
    axes.fill_between(lengths, [min(s) for s in samples], [max(s) for s in samples], color=colour, alpha=0.15, linewidth=0)
    axes.plot(lengths, [statistics.median(s) for s in samples], color=colour, marker=marker, markersize=4.5, markevery=0.03,
              markeredgecolor="#00000060", linewidth=2.2 if name == OURS else 1.2, linestyle="--" if name == "ceiling" else "-",
              label=name, zorder=3 if name == OURS else 2)


def dress(axes, title, x_label, y_label, logarithmic):
    axes.set(title=title, xlabel=x_label, ylabel=y_label)
    if "x" in logarithmic:
        axes.set_xscale("log", base=2)
    if "y" in logarithmic:
        axes.set_yscale("log")
    axes.grid(True, which="major", color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)


def plot(rows, names, samples_of, title, x_label, y_label, logarithmic):
    """One plot of the rows that have any of these implementations."""
    figure, axes = plt.subplots(figsize=(9, 5.2), layout="constrained")
    for name in names:
        samples = {n: samples_of(row, name, n) for n, row in sorted(rows.items()) if name in row}
        samples = {n: s for n, s in samples.items() if s}
        if samples:
            line(axes, name, list(samples), list(samples.values()))
    dress(axes, title, x_label, y_label, logarithmic)
    axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False, fontsize=9)
    return figure, axes


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


def relative_to_ours(row, name, _):
    return compare.ratios(row[name], row[OURS])


def relative(rows, what, logarithmic="xy"):
    """Plots the time of the others over ours, with the band in which a difference means nothing."""
    rows = {n: row for n, row in rows.items() if OURS in row}
    figure, axes = plot(rows, drawn(rows, (OURS, "ceiling", "l1loss_double")), relative_to_ours,
                        f"{what}: time relative to l1loss (above 1: l1loss is faster)", "n", "time / time of l1loss", logarithmic)
    axes.axhspan(1 - compare.NO_DIFFERENCE, 1 + compare.NO_DIFFERENCE, color="#00000025", linewidth=0, zorder=0)
    axes.axhline(1, color="#000000", linewidth=1.4)
    return figure


def throughput(rows, context, what, bytes_of_element):
    long = {n: row for n, row in rows.items() if n >= 64 or n.bit_count() == 1}
    figure, axes = plot(long, drawn(long), lambda row, name, n: [2 * bytes_of_element * n / t for t in nanoseconds(row, name, n)],
                        f"{what}: bytes of input and target read per second", "n (dotted: both arrays fill a cache)",
                        "GB/s (median, band from least to greatest)", "xy")
    mark_caches(axes, context, bytes_of_element)
    return figure


def short_lengths(rows):
    short = {n: row for n, row in rows.items() if n <= 256}
    quick = [name for name in drawn(short, ("ceiling",))
             if any(n <= 64 and name in row and statistics.median(nanoseconds(row, name, n)) < 50 for n, row in short.items())]
    figure, axes = plot(short, quick, nanoseconds, "Mean of n floats: time of a call", "n", "ns (median, band from least to greatest)", "x")
    axes.set_ylim(0, 3 * max(statistics.median(nanoseconds(row, OURS, n)) for n, row in short.items()))
    return figure


def cold(rows):
    return plot(rows, drawn(rows), nanoseconds, "Mean of n floats that are in no cache: time until the result is there", "n",
                "ns (median, band from least to greatest)", "xy")[0]


def errors(groups):
    """Plots a panel for each kind of data. An exact result is drawn at the bottom."""
    figure, panels = plt.subplots(3, 2, figsize=(9, 10), layout="constrained", sharex=True, sharey=True)
    bottom = 0.05
    for axes, (data, what) in zip(panels.flat, DATA.items()):
        rows = groups[f"error/float/{data}"]
        for name in drawn(rows):
            at = [n for n in sorted(rows) if name in rows[n]]
            line(axes, name, at, [[max(bottom, rows[n][name].error)] for n in at])
        dress(axes, what, "", "", "xy")
        axes.title.set_fontsize(10)
    for axes in panels[-1]:
        axes.set_xlabel("n")
    for axes in panels[:, 0]:
        axes.set_ylabel("error in u, half an ulp of 1")
    figure.suptitle("Relative error of the mean of n floats, by what is summed")
    handles = {label: handle for axes in panels.flat for handle, label in zip(*axes.get_legend_handles_labels())}
    figure.get_layout_engine().set(rect=(0, 0.07, 1, 0.93))
    figure.legend(handles.values(), handles.keys(), loc="lower center", ncols=6, frameon=False, fontsize=9)
    return figure


def plots(groups, context):
    """File name -> figure, for all that was measured."""
    figures = {}
    loss = {n: row for n, row in groups[LOSS].items() if OURS in row}
    figures["throughput"] = throughput(loss, context, "Mean of n floats", 4)
    figures["short"] = short_lengths(loss)
    figures["relative"] = relative(loss, "Mean of n floats")
    if rows := groups.get("mean/float/fixed"):
        figures["fixed"] = relative(rows, "Mean of n floats, n fixed", "x")
    if rows := groups.get("mean/double/aligned"):
        figures["double"] = relative(rows, "Mean of n doubles")
    if rows := groups.get("mean/float/cold"):
        figures["cold"] = cold(rows)
    if all(f"error/float/{data}" in groups for data in DATA):
        figures["error"] = errors(groups)
    return figures


def beside_the_fastest(groups):
    """Tabulates our time over that of the fastest other, and its name, for each mean and length."""
    columns = [name for name in groups if name.startswith("mean/") and any(compare.fastest_other(row, OURS) for row in groups[name].values())]
    text = ["## Beside the fastest of the others", "",
            "Time of a call over that of whichever other takes the least: the median of the passes. Below 1, l1loss is the fastest.", "",
            "| n | " + " | ".join(columns) + " |", "|--:" * (len(columns) + 1) + "|"]
    ratios = collections.defaultdict(list)
    for n in sorted({n for name in columns for n in groups[name]}):
        cells = []
        for name in columns:
            found = compare.fastest_other(groups[name][n], OURS) if n in groups[name] else None
            cells.append(f"{compare.ratio(found[1])} {found[0]}" if found else "")
            if found:
                ratios[name].append(found[1])
        text.append(f"| {n} | " + " | ".join(cells) + " |")
    text += ["| geometric mean | " + " | ".join(f"{statistics.geometric_mean(ratios[name]):.2f}" for name in columns) + " |", ""]
    return "\n".join(text)


def beside_float(groups):
    """Tabulates the time of each element type over that of as many floats, with the error, for each length."""
    columns = {name: name.split("/")[1] for name in groups if name.startswith("element/")}
    text = ["## Element types beside float", "",
            "Time of a call over that of the float mean of as many elements: the median of the passes; relative error in units of u. "
            "Below 1, the type is faster than float.", "",
            "| n | " + " | ".join(columns.values()) + " |", "|--:" * (len(columns) + 1) + "|"]
    for n in sorted({n for name in columns for n in groups[name]}):
        rows = [groups[name][n] for name in columns]
        text.append(f"| {n} | " + " | ".join(f"{compare.ratio(statistics.median(compare.ratios(row[OURS], row['l1loss_float'])))}; "
                                             f"{row[OURS].error:.2g}" if OURS in row else "" for row in rows) + " |")
    return "\n".join(text + [""]) if columns else ""


def markdown(groups):
    """Two summaries, then all groups, with speed and error in one cell."""
    text = [beside_the_fastest(groups), beside_float(groups)]
    for name, rows in groups.items():
        implementations = [i for i in dict.fromkeys(i for row in rows.values() for i in row) if i != "ceiling"]
        if not any(OURS in row for row in rows.values()):
            continue
        of_errors = name.startswith("error/")
        text += [f"## {name}", "", ("Relative" if of_errors else "Median ns of a call [quartiles]; relative") +
                 " error in units of u, half an ulp of 1.", ""]
        text += ["| n | " + " | ".join(implementations) + " |", "|--:" * (len(implementations) + 1) + "|"]
        for n, row in sorted(rows.items()):
            cells = [("" if of_errors else f"{row[i]}; ") + f"{row[i].error:.2g}" if i in row else "" for i in implementations]
            text.append(f"| {n} | " + " | ".join(cells) + " |")
        text.append("")
    return "\n".join(text)


def compile_times(measured):
    """The tables of compile_time.py."""
    text = []
    for compiler in measured["compilers"]:
        text += [f"## To compile: {compiler['name']}", "", f"{measured['flags']}; median seconds of processor time, bytes of the object.", "",
                 "| what | s | bytes |", "|--:|--:|--:|"]
        text += [f"| {case['name'].replace('<', '&lt;')} | {case['seconds'][1]:.2f} [{case['seconds'][0]:.2f}…{case['seconds'][2]:.2f}] | "
                 f"{case['bytes'] or ''} |" for case in compiler["cases"]]
        text.append("")
    return "\n".join(text)


def table_to_html(text):
    """Converts the headings, paragraphs and tables that markdown() writes."""
    out, in_table = [], False
    for row in text.splitlines():
        if row.startswith("|"):
            if not in_table:
                out.append("<table>")
            if not row.startswith("|--"):
                tag = "td" if in_table else "th"
                out.append("<tr>" + "".join(f"<{tag}>{html.escape(html.unescape(c.strip()))}</{tag}>" for c in row.strip("|").split("|")) + "</tr>")
            in_table = True
            continue
        if in_table:
            out.append("</table>")
            in_table = False
        if row.startswith("## "):
            out.append(f"<h2>{html.escape(row[3:])}</h2>")
        elif row:
            out.append(f"<p>{html.escape(row)}</p>")
    return "\n".join(out + ["</table>"] * in_table)


def page(about, pictures, text):
    style = ("body{font:15px/1.5 system-ui,sans-serif;max-width:70em;margin:2em auto;padding:0 1em}svg{width:100%;height:auto}"
             "table{border-collapse:collapse;font-size:12px;display:block;overflow-x:auto}"
             "td,th{padding:.15em .6em;text-align:right;border-bottom:1px solid #ddd;white-space:nowrap}")
    return (f"<!doctype html><html lang=en><meta charset=utf-8><title>l1loss: measured</title><style>{style}</style>"
            f"<h1>l1loss: measured</h1><p>{html.escape(about)}</p>{''.join(pictures)}{table_to_html(text)}</html>\n")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    here = pathlib.Path(__file__).resolve().parent
    arguments.add_argument("--out", type=pathlib.Path, default=here / "results")
    arguments.add_argument("--from", type=pathlib.Path, dest="measured", default=here.parent / "build" / "bench" / "results")
    options = arguments.parse_args()

    results = sorted(options.measured.glob("pass*.json"))
    if not results:
        arguments.error(f"no pass*.json in {options.measured}")
    groups, context = compare.read(results)
    if not any(OURS in row for row in groups[LOSS].values()):
        arguments.error(f"no {LOSS}/{OURS} in these files")
    options.out.mkdir(parents=True, exist_ok=True)
    passes = max(len(row[OURS].nanoseconds) for row in groups[LOSS].values() if OURS in row)
    about = f"{compare.about(context)}; passes: {passes}"

    matplotlib.rcParams.update({"svg.hashsalt": "l1loss", "svg.fonttype": "path", "axes.spines.top": False, "axes.spines.right": False})
    pictures = []
    for name, figure in plots(groups, context).items():
        path = options.out / f"{name}.svg"
        figure.savefig(path, metadata={"Date": None})
        plt.close(figure)
        pictures.append(path.read_text(encoding="utf-8").split("?>", 1)[1].split(">", 1)[1])  # without the XML prologue
    text = markdown(groups)
    if (measured := options.measured / "compile.json").exists():
        text += "\n" + compile_times(json.loads(measured.read_text(encoding="utf-8")))
    (options.out / "tables.md").write_text(f"# Measured\n\n{about}\n\n{text}", encoding="utf-8")
    (options.out / "report.html").write_text(page(about, pictures, text), encoding="utf-8")
    print(f"{options.out}: report.html, tables.md, and the plots")


if __name__ == "__main__":
    main()
