"""Lists the one-token changes of the lines of include/ and src/ that a compiler reads, and makes them: see mutate.py."""
import bisect
import collections
import fnmatch
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[1]

SEEN_BY = {  # the fewest tests that see a file, the likeliest first
    "detail/args/arguments.hpp": "loss shape dequantized", "detail/args/error.hpp": "reduction shape",
    "detail/args/layout.hpp": "shape view_variants libraries rows view gradient", "detail/args/libraries.hpp": "libraries view shape",
    "detail/args/options.hpp": "options loss", "detail/args/shape.hpp": "shape loss options rows", "detail/args/overlap.hpp": "shape dequantized_options exact_sum",
    "detail/args/view.hpp": "view shape view_variants", "detail/call/accumulator.hpp": "accumulator exact_variants",
    "detail/call/gradient.hpp": "gradient shape view_variants libraries dequantized_options", "detail/call/loss.hpp": "loss options exact_sum",
    "detail/call/exceeds.hpp": "exceeds exact_sum", "detail/call/dispatch.hpp": "dispatch", "detail/sum/prefixes.hpp": "exceeds",
    "detail/sum/run_bytes.hpp": "accumulator", "exceeds.hpp": "exceeds",
    "detail/call/rows.hpp": "rows exact_sum view_variants shape dequantized_options", "detail/elements.hpp": "element", "detail/float_format.hpp": "float_format",
    "detail/order.hpp": "sum", "detail/read/array.hpp": "view rows dequantized view_variants dequantized_options",
    "detail/read/view_reader.hpp": "view options view_variants memory", "detail/simd/byte_mask.hpp": "options memory",
    "detail/simd/convert.hpp": "element float_format exact_sum", "detail/simd/differences.hpp": "exact_sum exact_variants",
    "detail/simd/lanes.hpp": "gradient options sum", "detail/simd/load.hpp": "memory sum options gradient float_format", "detail/simd/*.hpp": "sum options",
    "detail/sum/columns.hpp": "rows exact_variants", "detail/sum/combined_terms.hpp": "options gradient constant",
    "detail/sum/elementwise.hpp": "gradient loss", "detail/sum/exact_sum.hpp": "exact_sum exact_variants",
    "detail/sum/finish.hpp": "sum options exact_sum", "detail/sum/runs.hpp": "accumulator",
    "detail/sum/threads.hpp": "exact_variants parallel parallel_variants", "detail/sum/on_registers.hpp": "sum rows options",
    "detail/sum/with_operands.hpp": "view view_variants options dequantized_options", "detail/sum/*.hpp": "sum view options",
    "accumulator.hpp": "accumulator exact_variants", "constant.hpp": "constant_alone", "dequantized.hpp": "dequantized_options dequantized",
    "dispatch.hpp": "dispatch", "element.hpp": "float_format element", "error_bound.hpp": "error_bound", "gradient.hpp": "gradient",
    "parallel.hpp": "parallel", "reduction.hpp": "reduction", "tensor.hpp": "tensor shape", "view.hpp": "libraries view", "*.hpp": "loss options rows",
    "c_interface.cpp": "c_interface dispatch", "isas.cpp": "c_interface dispatch", "kernels.cpp": "c_interface dispatch"}


def name_of(path):
    return re.sub("^(include/l1loss|src)/", "", path)


def tests_of(path):
    return next(tests for pattern, tests in SEEN_BY.items() if fnmatch.fnmatch(name_of(path), pattern)).split()


# ---- What is changed.

TOKENS = {" < ": " <= ", " > ": " >= ", " <= ": " < ", " >= ": " > ", " == ": " != ", " != ": " == ", " + ": " - ", " - ": " + ",
          " * ": " / ", " / ": " * ", " % ": " / ", " << ": " >> ", " >> ": " << ", " & ": " | ", " | ": " & ", " ^ ": " & ",
          " && ": " || ", " || ": " && ", " += ": " -= ", " -= ": " += ", " *= ": " /= ", " /= ": " *= ", " |= ": " &= ", " &= ": " |= ",
          "++": "--", "--": "++"}
WORDS = {"true": "false", "min": "max", "input": "target", "low": "high", "begin": "end", "even": "odd", "lower_half": "upper_half",
         "L1LOSS_OVERLAPS_INPUT": "L1LOSS_OVERLAPS_TARGET", "L1LOSS_UNKNOWN_ISA": "L1LOSS_UNSUPPORTED_ISA"}
WORDS |= {new: old for old, new in WORDS.items()}
NO_CALL = "if|for|while|switch|return|sizeof|alignof|decltype|noexcept|requires|defined|asm|constexpr|operator".split("|")


class Mutant(collections.namedtuple("Mutant", "path number line start end old new")):
    def __str__(self):
        return f"{self.path}:{self.number}: {self.old!r} -> {self.new!r}   {self.line}"



def closing(code, at):
    """The place of the parenthesis that closes the one at `at`."""
    depth = 0
    for i in range(at, len(code)):
        depth += (code[i] == "(") - (code[i] == ")")
        if depth == 0:
            return i
    return at


def code_of(text):
    """The text with comments, literals, attributes, assertions and lines for the preprocessor blanked."""
    def blank(match):
        return re.sub(r"[^\n]", " ", match[0])
    text = re.sub(r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])'", blank, text, flags=re.S)
    text = re.sub(r"^ *#(?:[^\n]*\\\n)*[^\n]*", blank, text, flags=re.M)
    text = re.sub(r"static_assert\(.*?\);|alignas\([^()]*\)|\[\[[^\[\]]*\]\]", blank, text, flags=re.S)
    for unevaluated in re.finditer(r"\b(?:decltype|declval<[^()]*>)\(", text):
        end = max(closing(text, unevaluated.end() - 1), unevaluated.end())
        text = text[:unevaluated.end()] + re.sub(r"[^\n]", " ", text[unevaluated.end():end]) + text[end:]
    return re.sub(r"^ *barrier\(.*\);", blank, text, flags=re.M)  # they matter under -ffast-math, or for speed


def arguments_of(code, at):
    """The places of the arguments of a call whose parenthesis is at `at`."""
    end, depth, first, found = closing(code, at), 0, at + 1, []
    for i in range(at + 1, end):
        depth += (code[i] in "([{") - (code[i] in ")]}")
        if code[i] == "," and depth == 0 and "<" not in code[first:i]:
            found.append((first, i))
            first = i + 1
    return found + [(first, end)]


def changes_of(code, text):
    """(start, end, new text) of every change."""
    for token in re.finditer(r"(?<= )(?:[<>=!+*/%|^&-]|<=|>=|==|!=|<<|>>|&&|\|\||[-+*/|&]=)(?= )|\+\+|--", code):
        old = token[0] if token[0] in ("++", "--") else f" {token[0]} "
        if old in TOKENS:
            yield token.start(), token.end(), TOKENS[old].strip()
    for word in re.finditer(r"(?<!\w)(?:(?<=return )|(?<=&& )|(?<![\w>*&] ))(?:%s)(?!\w)" % "|".join(WORDS), code):
        yield word.start(), word.end(), WORDS[word[0]]
    for number in re.finditer(r"(?<![\w.'])(\d+)(u?)(?![\w.'])", code):
        yield number.start(), number.end(), f"{int(number[1]) + 1}{number[2]}"
        if int(number[1]) > 0:
            yield number.start(), number.end(), f"{int(number[1]) - 1}{number[2]}"
    for sign in re.finditer(r"(?<=[ (])[!~-](?=[\w(])", code):
        yield sign.start(), sign.end(), ""
    for test in re.finditer(r"\b(?:if|while)(?: constexpr)? \(", code):
        start, end = test.end(), closing(code, test.end() - 1)
        if not re.search(r"[;{]| = ", code[start:end]):
            yield start, end, f"!({text[start:end]})"
            if text[end:].startswith(") [[unlikely]]"):
                yield start, end, "false"
    for call in re.finditer(r"\b(\w+)(?:<[^<>;()]*>)?\(", code):
        if call[1] in NO_CALL:
            continue
        places = arguments_of(code, call.end() - 1)
        for (a, b), (c, d) in zip(places, places[1:]):
            x, y = text[a:b].strip(), text[c:d].strip()
            is_declared = re.search(r"[\w>*&] \w+( = .*)?$", x) and re.search(r"[\w>*&] \w+( = .*)?$", y)
            of_one_kind = (x[:1] == '"') == (y[:1] == '"') and not {x, y} & {"true", "false"}
            if x and y and x != y and of_one_kind and not is_declared and not re.search(r"[{};\n]", x + y):
                yield a + len(text[a:b]) - len(text[a:b].lstrip()), d, f"{y}, {x}"
    statement = r"(?:\*?[\w.:]+(?:->\w+|\[[^=]*\])* [-+*/|&^]?= .*|\+\+[^;]*|(?!return|static_assert)[\w.:]+(?:<[^<>;]*>)?\(.*\)|(?:if|for)(?: constexpr)? \(.*\) .*);"
    for line in re.finditer(r"(?<=[;{}:)\n])\n( *)(%s)(?= *$)" % statement, code, flags=re.M):
        if line[2].count("(") == line[2].count(")") and line[2].count("{") == line[2].count("}") and not line[2].startswith("using"):
            yield line.start(2), line.end(2), ";"


def mutants_of(path, live):
    text = (ROOT / path).read_text(encoding="utf-8")
    code, found = code_of(text), set()
    starts = [0] + [m.end() for m in re.finditer("\n", text)]
    for start, end, new in changes_of(code, text):
        number = bisect.bisect(starts, start)
        if number in live and text[start:end] != new and (start, end, new) not in found:
            found.add((start, end, new))
            yield Mutant(path, number, text.splitlines()[number - 1].strip(), start, end, text[start:end], new)


# ---- Many changes in one program, of which an environment variable selects one.

SWITCH = """
#pragma once
#include <cstdio>
#include <cstdlib>
#include <type_traits>
namespace l1loss_mutants {
inline int active = [] { char const* const k = std::getenv("L1LOSS_MUTANT"); return k ? std::atoi(k) : 0; }();
inline bool reached[20000];
inline struct report {
    ~report() {
        char const* const path = std::getenv("L1LOSS_REACHED");
        std::FILE* const file = path ? std::fopen(path, "w") : nullptr;
        for (int k = 0; file && k < 20000; ++k) if (reached[k]) std::fprintf(file, "%d ", k);
        if (file) std::fclose(file);
    }
} at_exit;
inline bool reach(int first, int last) {
    if (active < 0) reached[first] = true; // the run that finds out what a test reaches
    return active >= first && active <= last;
}
constexpr bool among(int first, int last) { return !std::is_constant_evaluated() && reach(first, last); }
constexpr bool is(int k) { return !std::is_constant_evaluated() && reach(k, k); }
}
"""
EXPRESSION_STATEMENT = re.compile(r"(?!return\b|using\b|delete\b|throw\b|break|continue|case\b|default|goto|friend|else\b)(?:\+\+.*|--.*|\(?\*?[\w.:]+(?:<[^;<>]*>)?"
                                  r"(?:(?:->|[.])\w+|\[[^=]*\])*(?:\(.*\)| [-+*/|&^]?= .*|\+\+|--)(?:, .*)?)")


def regions_of(code):
    """(start, end, is_statement) of expressions and statements of one line, of which a program can have several versions."""
    for match in re.finditer(r"\breturn ([^;{}\n]+);", code):
        yield match.start(1), match.end(1), False
    for match in re.finditer(r"\b(if|while|for) \(", code):
        start, end = match.end(), closing(code, match.end() - 1)
        inside = code[start:end]
        if re.search(r"[{}\n]", inside):
            continue
        if match[1] != "for" and not re.search(r";| = ", inside):
            yield start, end, False
        if match[1] == "for" and inside.count(";") == 2:
            first, second = (start + m.start() for m in re.finditer(";", inside))
            if code[first + 1:second].strip() and " = " not in code[first + 1:second]:
                yield first + 2, second, False
            if code[second + 1:end].strip():
                yield second + 2, end, True
    for match in re.finditer(r"^ *([^\n{}]*);(?= *$)", code, flags=re.M):
        start = match.start(1)
        while prefix := re.match(r"(?:else |(?:if|for|while)(?: constexpr)? (?=\())", code[start:match.end(1)]):
            start += prefix.end()
            if code[start] == "(":
                start = closing(code, start) + 2
        before, statement = code[:match.start(1)].rstrip()[-1:], code[start:match.end(1)]
        if before not in ";{}:)" and before:
            continue
        if ";" in statement or statement.count("(") != statement.count(")"):
            continue
        if EXPRESSION_STATEMENT.fullmatch(statement) and not re.match(r"[\w:]+(<.*>)? [\w]+ = ", statement):
            yield start, match.end(1), True
        elif (value := re.match(r"(?!.*\bconstexpr\b|.*\busing\b|.*&(?= \w+ = )).*?[\w>*] [\w*]+ = (?=[^=])", statement)) and not re.search(r", [*\w ]+ = |^[^(<]*,", statement):
            yield start + value.end(), match.end(1), False


def with_switches(path, numbered, refused):
    """The text of a file with versions for its mutants, and number -> the first number of the same region. refused[line] is 1 where
    other names did not compile, and 2 where nothing did. Exchanged arguments have no version in templates: few compile, and the
    error is elsewhere."""
    text = (ROOT / path).read_text(encoding="utf-8")
    pieces, first_of, last = [], {}, 0
    for start, end, is_statement in sorted(set(regions_of(code_of(text)))):
        def is_inside(m):
            is_dropped = is_statement and m.new == ";" and m.start <= start and m.end == end + 1
            return is_dropped or (start <= m.start and m.end <= end)
        line = text.count("\n", 0, start) + 1
        mine = [(k, m) for k, m in numbered if is_inside(m) and refused.get(line, 0) < (1 if m.old in WORDS else 2)
                and (", " not in m.old or m.new == ";" or path.startswith("src/"))]
        if start < last or not mine:
            continue
        def version(code):
            return "void()" if not code else f"void(({code}))" if is_statement else f"({code})"
        old = chain = version(text[start:end])
        for k, m in reversed(mine):
            chain = f"::l1loss_mutants::is({k}) ? {version(text[start:max(m.start, start)] + m.new.strip(';') + text[m.end:end])} : {chain}"
            first_of[k] = mine[0][0]
        pieces += [text[last:start], f"(::l1loss_mutants::among({mine[0][0]}, {mine[-1][0]}) ? ({chain}) : {old})"]
        last = end
    return "".join(pieces) + text[last:], first_of


# ---- Which lines the compiler reads.

def live_lines(flags):
    headers = [p for p in sorted((ROOT / "include/l1loss").glob("*.hpp")) if p.name != "mpi.hpp"]  # needs MPI, as its test does
    includes = "".join(f'#include "{p}"\n' for p in headers + sorted((ROOT / "src").glob("*.cpp")))
    out = subprocess.run(["g++", "-E", "-std=c++20", f"-I{ROOT}/include", "-DL1LOSS_ISA=sse2", *flags, "-x", "c++", "-"], input=includes,
                         capture_output=True, text=True, check=True).stdout
    live, path, number = collections.defaultdict(set), "", 0
    for line in out.splitlines():
        if marker := re.match(r'# (\d+) "([^"]*)"', line):
            path, number = marker[2], int(marker[1])
            continue
        if line.strip() and path.startswith(str(ROOT)):
            live[str(pathlib.Path(path).relative_to(ROOT))].add(number)
        number += 1
    return live
