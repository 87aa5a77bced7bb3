#!/usr/bin/env python3
"""Makes a report of what l1loss_bench measured: plots, tables, and one page with all of them.

README.md says how to measure.

    report.py [--from build/bench/results] [--out bench/results]

With --from, copies the results of run.py and compile_time.py into the other folder first. Makes everything from the results there:
plots as .svg, tables.md, tables_clang.md, and report.html, which shows the plots and needs no network. Needs matplotlib. Debian has it
in python3-matplotlib, for /usr/bin/python3.
"""
import argparse
import html
import json
import pathlib
import shutil

import compare
import plots
import tables


def label(context):
    """A name for a build."""
    return f"{context['compiler']}, {context['flags']}"


def read(folder):
    """Builds of g++ before others, as name -> groups and context."""
    paths = sorted(folder.glob("*.json.xz"), key=lambda path: (not path.name.startswith("gnu"), path.name))
    return {path.name.removesuffix(".json.xz"): compare.read([path]) for path in paths}


def about(groups, context):
    passes = max(len(row[tables.OURS].nanoseconds) for row in groups[plots.LOSS].values() if tables.OURS in row)
    return f"{compare.about(context)}; passes: {passes}"


def summaries(builds):
    """Title -> table, of a build and of the same compiler with -march=native."""
    text = {}
    for groups, context in builds:
        text[f"Beside the fastest of the others: {label(context)}"] = tables.beside_the_fastest(groups)
        text[f"Element types beside float: {label(context)}"] = tables.beside_float(groups)
    for groups, context in builds[1:]:
        text[f"Beside the build before: {label(context)}"] = tables.beside_build(groups, builds[0][0])
    return text


def write_tables(path, builds, times):
    """Writes all tables of a build, and the summaries of both. Returns those that are in the page, as title -> table."""
    groups, context = builds[0]
    shown = summaries(builds) | times
    text = {f"Findings: {label(c)}": tables.findings(g) for g, c in builds} | shown | tables.everything(groups)
    path.write_text(f"# Measured\n\n{about(groups, context)}\n\n" + "\n".join(f"## {title}\n\n{table}" for title, table in text.items()),
                    encoding="utf-8")
    return shown


def table_to_html(text):
    """Converts paragraphs and tables. End tags that HTML does not need are left out."""
    out, in_table = [], False
    for row in text.splitlines():
        if row.startswith("|--"):
            continue
        if row.startswith("|"):
            tag = "td" if in_table else "th"
            cells = (f"<{tag}>{html.escape(html.unescape(cell.strip()))}" for cell in row[1:-1].split("|"))
            out.append("<table>" * (not in_table) + "<tr>" + "".join(cells))
        elif in_table:
            out.append("</table>")
        elif row:
            out.append(f"<p>{html.escape(row)}</p>")
        in_table = row.startswith("|")
    return "\n".join(out + ["</table>"] * in_table)


def folded(title, table, attributes=""):
    return f"<details{attributes}><summary>{html.escape(title)}</summary>{table_to_html(table)}</details>"


STYLE = """body{font:15px/1.5 system-ui,sans-serif;max-width:70em;margin:2em auto;padding:0 1em}img{width:100%}
table{border-collapse:collapse;font-size:12px;display:block;overflow-x:auto}
td,th{padding:.15em .6em;text-align:right;vertical-align:top;border-bottom:1px solid #ddd}
td,.wide td:first-child{white-space:nowrap}.wide td,.wide th{white-space:normal;text-align:left}summary{cursor:pointer}nav{columns:2}"""


def page(sections):
    """The page of title -> HTML, the first with the findings, then a table of contents."""
    first, *others = (f"<section id=s{i}><h2>{html.escape(title)}</h2>{body}</section>" for i, (title, body) in enumerate(sections.items()))
    contents = "".join(f"<br><a href=#s{i}>{html.escape(title)}</a>" for i, title in enumerate(sections))
    return (f"<!doctype html><html lang=en><meta charset=utf-8><title>l1loss: measured</title><style>{STYLE}</style>"
            f"<h1>l1loss: measured</h1>{first}<h2>Contents</h2><nav>{contents[4:]}</nav>"
            "<p>In the plots, each line is the median of the passes, and its band goes from the least to the greatest. Every figure is in "
            "<code>tables.md</code> beside this page, with spread and error.</p>"
            f"{''.join(others)}</html>\n")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--from", type=pathlib.Path, dest="measured")
    arguments.add_argument("--out", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent / "results")
    options = arguments.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for path in [*options.measured.glob("*.json.xz"), *options.measured.glob("compile.json")] if options.measured else []:
        shutil.copy(path, options.out)
    builds = read(options.out)
    if not builds:
        arguments.error(f"no *.json.xz in {options.out}")

    compilers = [name for name in builds if not name.endswith("_native")]
    compiled = options.out / "compile.json"
    times = tables.compile_times(json.loads(compiled.read_text(encoding="utf-8"))) if compiled.exists() else {}
    groups, context = builds[compilers[0]]
    sections = {"Findings": table_to_html(tables.summary({label(c): g for g, c in builds.values()})) + "".join(
        folded(f"Where: {label(c)}", tables.findings(g), " class=wide" + " open" * (g is groups)) for g, c in builds.values())}
    for name, title, sentence, figure in plots.plots(groups, context, builds.get(f"{compilers[0]}_native", ({},))[0]):
        sections[title] = f"<p>{html.escape(sentence)}</p><a href={name}.svg><img src={name}.svg alt=''></a>"
        (options.out / f"{name}.svg").write_text(plots.svg(figure), encoding="utf-8")
    for compiler in compilers:
        shown = write_tables(options.out / ("tables.md" if compiler == "gnu" else f"tables_{compiler}.md"),
                             [builds[name] for name in (compiler, f"{compiler}_native") if name in builds], times)
        sections |= {title: folded("Show the table", table) for title, table in shown.items()}
    sections["What was measured"] = "".join(f"<p>{html.escape(about(*build))}</p>" for build in builds.values())
    (options.out / "report.html").write_text(page(sections), encoding="utf-8")
    print(f"{options.out}: report.html, tables, and the plots")


if __name__ == "__main__":
    main()
