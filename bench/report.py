#!/usr/bin/env python3
"""A report of what l1loss_bench measured: plots, tables and one page that has all of it. README.md says how to measure.

    report.py [--out bench/results] RESULT.json...

Writes throughput.svg, short.svg and relative.svg, tables.md, and report.html, which needs no other file and no network. Needs
matplotlib (Debian: python3-matplotlib, which belongs to /usr/bin/python3).
"""
import argparse
import html
import pathlib
import statistics

import matplotlib
import matplotlib.pyplot as plt

import compare

OURS = "l1loss"
GROUP = "mean/float/aligned"
NO_DIFFERENCE = 0.03  # where a loop happens to lie in the code may cost as much

# Okabe and Ito's colours, which the colour-blind can tell apart; ours is black, and each line has a marker of its own.
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
}


def line(axes, name, lengths, samples):
    """The median of each length's samples, and a band from their least to their greatest."""
    colour, marker = STYLES[name]
    axes.fill_between(lengths, [min(s) for s in samples], [max(s) for s in samples], color=colour, alpha=0.15, linewidth=0)
    axes.plot(lengths, [statistics.median(s) for s in samples], color=colour, marker=marker, markersize=4.5,
              markeredgecolor="#00000060", linewidth=2.2 if name == OURS else 1.2, linestyle="--" if name == "ceiling" else "-",
              label=name, zorder=3 if name == OURS else 2)


def plot(rows, names, lengths, samples_of, title, x_label, y_label, logarithmic):
    figure, axes = plt.subplots(figsize=(9, 5.2), layout="constrained")
    for name in names:
        at = [n for n in lengths if name in rows[n]]
        if at:
            line(axes, name, at, [samples_of(rows[n], name, n) for n in at])
    axes.set(title=title, xlabel=x_label, ylabel=y_label)
    if "x" in logarithmic:
        axes.set_xscale("log", base=2)
    if "y" in logarithmic:
        axes.set_yscale("log")
    axes.grid(True, which="major", color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False, fontsize=9)
    return figure, axes


def mark_caches(axes, context, bytes_of_element):
    """A line where input and target fill a data cache."""
    for level, size in enumerate(context.get("data_caches", "").split(), start=1):
        n = int(size) / (2 * bytes_of_element)
        if n <= axes.get_xlim()[1]:
            axes.axvline(n, color="#888888", linewidth=0.9, linestyle=":")
            axes.annotate(f"L{level}", (n, 1), xycoords=("data", "axes fraction"), xytext=(3, -10),
                          textcoords="offset points", fontsize=8, color="#555555")


def nanoseconds(row, name, _):
    return list(row[name].nanoseconds.values())


def plots(rows, context):
    """File name -> figure."""
    names = [name for name in STYLES if any(name in row for row in rows.values())]
    lengths = sorted(rows)
    short, long = [n for n in lengths if n <= 64], [n for n in lengths if n >= 64 or n in (1, 2, 4, 8, 16, 32)]
    figures = {}

    def gigabytes_per_second(row, name, n):
        return [8 * n / t for t in row[name].nanoseconds.values()]
    figures["throughput"], axes = plot(
        rows, names, long, gigabytes_per_second, "Mean of n floats: bytes of input and target read per second",
        "n (dotted: both arrays fill a cache)", "GB/s (median, band from least to greatest)", "xy")
    mark_caches(axes, context, 4)

    quick = [name for name in names if name != "ceiling" and any(
        name in rows[n] and statistics.median(nanoseconds(rows[n], name, n)) < 50 for n in short)]
    figures["short"], axes = plot(rows, quick, short, nanoseconds, "Mean of n floats: time of a call", "n",
                                  "ns (median, band from least to greatest)", "")
    axes.set_ylim(0, 4 * max(statistics.median(nanoseconds(rows[n], OURS, n)) for n in short))

    def relative(row, name, _):
        return compare.ratios(row[name], row[OURS])
    figures["relative"], axes = plot(rows, [name for name in names if name not in (OURS, "ceiling")], long, relative,
                                     "Mean of n floats: time relative to l1loss (above 1: l1loss is faster)", "n",
                                     "time / time of l1loss", "xy")
    axes.axhspan(1 - NO_DIFFERENCE, 1 + NO_DIFFERENCE, color="#00000025", linewidth=0, zorder=0)
    axes.axhline(1, color="#000000", linewidth=1.4)
    return figures


def markdown(groups):
    """All groups: speed and error in one cell."""
    text = []
    for name, rows in groups.items():
        implementations = [i for i in dict.fromkeys(i for row in rows.values() for i in row) if i != "ceiling"]
        if not any(OURS in row for row in rows.values()):
            continue
        text += [f"## {name}", "", "Median ns of a call; relative error in units of u, half an ulp of 1.", ""]
        text += ["| n | " + " | ".join(implementations) + " |", "|--:" * (len(implementations) + 1) + "|"]
        for n, row in sorted(rows.items()):
            cells = [f"{compare.figure(statistics.median(row[i].nanoseconds.values()))}; {row[i].error:.2g}" if i in row else ""
                     for i in implementations]
            text.append(f"| {n} | " + " | ".join(cells) + " |")
        text.append("")
    return "\n".join(text)


def table_to_html(text):
    """The headings, paragraphs and tables that markdown() writes."""
    out, in_table = [], False
    for row in text.splitlines():
        if row.startswith("|"):
            if not in_table:
                out.append("<table>")
            if not row.startswith("|--"):
                tag = "td" if in_table else "th"
                out.append("<tr>" + "".join(f"<{tag}>{html.escape(c.strip())}</{tag}>" for c in row.strip("|").split("|")) + "</tr>")
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
    arguments.add_argument("results", nargs="+", metavar="RESULT.json")
    arguments.add_argument("--out", type=pathlib.Path, default=pathlib.Path(__file__).parent / "results")
    options = arguments.parse_args()

    groups, context = compare.read(options.results)
    rows = {n: row for n, row in groups[GROUP].items() if OURS in row}
    if not rows:
        arguments.error(f"no {GROUP}/{OURS} in these files")
    options.out.mkdir(parents=True, exist_ok=True)
    passes = max(len(row[OURS].nanoseconds) for row in rows.values())
    about = "; ".join(f"{key}: {context[key]}" for key in compare.ABOUT if key in context) + f"; passes: {passes}"

    matplotlib.rcParams.update({"svg.hashsalt": "l1loss", "svg.fonttype": "path", "axes.spines.top": False, "axes.spines.right": False})
    pictures = []
    for name, figure in plots(rows, context).items():
        path = options.out / f"{name}.svg"
        figure.savefig(path, metadata={"Date": None})
        pictures.append(path.read_text(encoding="utf-8").split("?>", 1)[1].split(">", 1)[1])  # without the prologue of a file
    text = markdown(groups)
    (options.out / "tables.md").write_text(f"# Measured\n\n{about}\n\n{text}", encoding="utf-8")
    (options.out / "report.html").write_text(page(about, pictures, text), encoding="utf-8")
    print(f"{options.out}: report.html, tables.md, and the plots")


if __name__ == "__main__":
    main()
