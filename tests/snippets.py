"""Makes one program of the C++ of the documents, and compares what it prints with their comments.

    snippets.py make LANGUAGE SOURCE DOCUMENT...      writes SOURCE, of every ```LANGUAGE of the documents, cpp or c
    snippets.py check LANGUAGE PROGRAM DOCUMENT...    runs what that became

A snippet with main is a program. Any other one is statements. MPI is begun and ended where it is included. A comment behind a statement that prints is the line that it prints.
"""
import difflib
import pathlib
import re
import subprocess
import sys

EVERYWHERE = "#include <array>\n#include <cmath>\n#include <cstdio>\n#include <span>\n#include <stdexcept>\n#include <vector>\n" \
             "#include <l1loss/l1loss.hpp>\n#include <l1loss/parallel.hpp>\n"


def snippets(language, documents):
    for document in documents:
        text = pathlib.Path(document).read_text()
        for match in re.finditer(rf"^```{language}\n(.*?)^```$", text, re.M | re.S):
            yield f"{pathlib.Path(document).name}:{text[:match.start()].count(chr(10)) + 2}", match[1]


def program(language, documents):
    cpp = language == "cpp"
    includes, bodies, calls = EVERYWHERE if cpp else "", "", ""
    for i, (place, code) in enumerate(snippets(language, documents)):
        includes += "".join(re.findall(r"^#include .*\n", code, re.M))
        code = re.sub(r"^#include .*\n", "", code, flags=re.M)
        if re.search(r"^int main\(", code, re.M):
            code = re.sub(r"^int main\(", f"static void snippet_{i}(", code, flags=re.M)
        else:
            code = f"static void snippet_{i}() {{\n{code}}}\n"
        bodies += f"namespace s{i} {{ // {place}\n{code}}}\n" if cpp else f"/* {place} */\n{code}"
        calls += f"    {f's{i}::' if cpp else ''}snippet_{i}();\n"
    if "mpi.hpp" in includes:
        calls = f"    MPI_Init(nullptr, nullptr);\n{calls}    MPI_Finalize();\n"
    return f"{includes}\n{bodies}\nint main({'' if cpp else 'void'}) {{\n{calls}}}\n"


def expected(language, documents):
    for _, code in snippets(language, documents):
        yield from (a or b for a, b in re.findall(r"\b(?:printf|puts)\(.*;\s+(?://\s(.*)|/\*\s(.*) \*/)$|", join(code), re.M) if a or b)


def join(code):  # a statement of several lines becomes one
    return re.sub(r",\n\s+", ", ", code)


command, language, path, *documents = sys.argv[1:]
if command == "make":
    pathlib.Path(path).write_text(program(language, documents))
else:
    printed = subprocess.run([path], capture_output=True, text=True, check=True).stdout.splitlines()
    wanted = list(expected(language, documents))
    if printed != wanted or not wanted:
        sys.exit("\n".join(difflib.unified_diff(wanted, printed, "the documents", "the program", lineterm="")) or "no snippet")
    print(f"{len(wanted)} lines as the documents say")
