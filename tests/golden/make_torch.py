#!/usr/bin/python3
"""Writes to torch.txt, in this folder, what PyTorch computes for many inputs, and NumPy for means over weights.

A case is a line "case name type" and the lines below it, up to the next. Numbers are the bits of that type in hexadecimal.

    input, target                 elements as they lie in memory
    input_shape, input_strides, input_offset
                                  the view of them, in elements; absent for one contiguous dimension; target likewise
    none, sum, mean               the losses
    gradient_none g…              the gradients for one grad_output per element, with respect to input and to target, as a
    pattern_none                  pattern each: "+" is g_i, "-" is -g_i, "0" is a zero of either sign, "." has no elements
    gradient_sum G S              the same for one number G, where "+" is S
    pattern_sum
    gradient_mean, pattern_mean
    gradient_sum_input, …         for G = 1, as numbers. In a case "broadcast" these are with respect to what was broadcast, and
                                  the patterns with respect to what it is expanded to
    weights, where, skip_nan      the case has weights, a mask, or leaves NaN out
    refused                       PyTorch refuses these shapes
    name                          PyTorch refuses this reduction, without the brackets

Run it with Debian's python3-torch 1.13 and python3-numpy: /usr/bin/python3 make_torch.py. It writes the same file each time.
"""
import pathlib
import warnings

import numpy as np
import torch
from torch.nn.functional import l1_loss

S = 5  # as in PyTorch's own tests
F32, F64 = torch.float32, torch.float64
NAN, INF = float("nan"), float("inf")


class Cases:
    def __init__(self, seed):
        self.lines = []
        self.generator = np.random.default_rng(seed)
        self.is_turn = True

    def random(self, dtype, *shape):
        return torch.from_numpy(np.asarray(self.generator.standard_normal(shape))).to(dtype)

    def pair(self, dtype, *shape):
        """About one difference in eight is zero."""
        x, y = self.random(dtype, *shape), self.random(dtype, *shape)
        same = torch.from_numpy(np.asarray(self.generator.random(shape) < (0.125 if shape else 0)))
        return x, torch.where(same, x, y)

    def line(self, key, *values):
        self.lines.append(" ".join([key, *map(str, values)]))

    def begin(self, name, dtype):
        self.line("case", name, {F32: "float32", F64: "float64"}[dtype])

    def argument(self, name, t):
        """Writes the elements of t, and its view of them unless t is one contiguous dimension."""
        if t.dim() != 1 or not t.is_contiguous():
            span = sum((n - 1) * s for n, s in zip(t.shape, t.stride())) + 1 if t.numel() else 0
            memory = torch.as_strided(t, (t.storage_offset() + span,), (1,), 0)
            self.line(name + "_shape", *t.shape)
            self.line(name + "_strides", *t.stride())
            self.line(name + "_offset", t.storage_offset())
            self.line(name, *bits(memory))
        else:
            self.line(name, *bits(t))

    def losses(self, x, y):
        for reduction in ("none", "sum", "mean"):
            self.line(reduction, *bits(l1_loss(x, y, reduction=reduction)))

    def gradients(self, x, y):
        """Writes the gradients of x and y, of one shape: for one grad_output per element, and for 1 or another number in turn."""
        g = self.random(x.dtype, *x.shape)
        self.line("gradient_none", *bits(g))
        self.line("pattern_none", *(pattern(d, g) for d in gradients(x, y, "none", g)))
        one, other = torch.ones((), dtype=x.dtype), self.random(x.dtype)
        for reduction, number in zip(("sum", "mean"), (other, one) if self.is_turn else (one, other)):
            both = gradients(x, y, reduction, number)
            s = scale_of(both[0])
            self.line("gradient_" + reduction, *bits(number), *bits(s))
            self.line("pattern_" + reduction, *(pattern(d, s.expand(d.shape)) for d in both))
        self.is_turn = not self.is_turn

    def case(self, name, x, y):
        self.begin(name, x.dtype)
        self.argument("input", x)
        self.argument("target", y)
        self.losses(x, y)
        self.gradients(x, y)


def bits(t):
    uint, digits = {F32: (np.uint32, 8), F64: (np.uint64, 16)}[t.dtype]
    # The sign and payload of a NaN depend on the processor, so every NaN becomes one.
    t = torch.where(t.isnan(), torch.tensor(NAN, dtype=t.dtype), t).detach().contiguous()
    return [f"{int(b):0{digits}x}" for b in t.numpy().reshape(-1).view(uint)]


def gradients(x, y, reduction, grad_output):
    """The gradients with respect to x and to y, as detached tensors with the same strides."""
    x, y = x.detach().requires_grad_(), y.detach().requires_grad_()
    l1_loss(x, y, reduction=reduction).backward(grad_output)
    assert x.grad.shape == x.shape and y.grad.shape == y.shape
    return x.grad, y.grad


def scale_of(gradient):
    """The number that every element is, up to sign, unless it is zero. It has the sign of the first that is not zero."""
    rest = gradient[gradient != 0]
    return rest[0] if rest.numel() else torch.zeros((), dtype=gradient.dtype)


def pattern(gradient, g):
    """One character per element. No elements give ".", so that no field is empty."""
    text = ""
    for value, s in zip(gradient.reshape(-1).tolist(), g.reshape(-1).tolist()):
        if value == 0:
            text += "0"
        elif value == s:
            text += "+"
        else:
            assert value == -s, (value, s)
            text += "-"
    return text or "."


def special(cases):
    """Every pair of special values, then cases whose loss is not NaN."""
    for dtype in (F32, F64):
        limits = torch.finfo(dtype)
        denormal = {F32: 2.0**-149, F64: 2.0**-1074}[dtype]
        values = [0.0, -0.0, 1.0, -2.5, INF, -INF, NAN, denormal, -limits.tiny, limits.max]
        n = len(values)
        each = torch.tensor([v for v in values for _ in range(n)], dtype=dtype)
        cases.case("special", each, torch.tensor(values * n, dtype=dtype))
        for name, x, y in (
            ("infinite_input", [1, -INF, 2], [0, 0, 5]),
            ("infinite_target", [1, 0, 2], [0, INF, 2]),
            ("infinities_apart", [INF, -INF], [-INF, INF]),
            ("infinities_alike", [1, INF], [0, INF]),
            ("nan_input", [1, NAN, 3], [1, 1, 1]),
            ("nan_target", [1, 2, 3], [1, NAN, 1]),
            ("nan_both", [NAN], [NAN]),
            ("zeros", [0.0, -0.0, 0.0, -0.0], [0.0, 0.0, -0.0, -0.0]),
            ("equal", [1, -2, 1e-30], [1, -2, 1e-30]),
            ("denormal", [denormal, 0, 3 * denormal], [0, denormal, -denormal]),
            ("overflow", [limits.max, 1], [-limits.max, 0]),
        ):
            cases.case(name, torch.tensor(x, dtype=dtype), torch.tensor(y, dtype=dtype))


def shapes(cases):
    for dtype in (F32, F64):
        for shape in ((), (S,), (S, S), (S, 1), (3,), (2, 3, 4), (0,), (0, 3), (3, 0), (1,), (1, 1)):
            cases.case("shape", *cases.pair(dtype, *shape))
    for shape in ((S, 10), (S, S, S), (2, 3, 2, 4)):
        cases.case("shape", *cases.pair(F32, *shape))


def strides(cases):
    for dtype in (F32, F64):
        x, y = cases.pair(dtype, 7, 4)
        cases.case("both_transposed", x.t(), y.t())
        x, y = cases.pair(dtype, 4, 6)
        cases.case("inner_block", x[1:3, 1:5], y[2:4, 2:6])
        cases.case("row_expanded", x[:1].expand(4, 6), y)
        cases.case("scalar_expanded", x[1, 1].expand(4, 6), y[:, :1].expand(4, 6))
    x, y = cases.pair(F32, 6, 9)
    cases.case("input_transposed", x.t(), y.t().contiguous())
    cases.case("target_transposed", x, y.t().contiguous().t())
    cases.case("every_second_column", x[:, ::2], y[:, 4:])
    cases.case("every_second_row", x[::2], y[1::2])
    cases.case("every_third", x.reshape(-1)[1::3], y.reshape(-1)[2::3])
    cases.case("itself_transposed", x[:, :6], x[:, :6].t())
    cases.case("column_expanded", x, y[:, 2:3].expand(6, 9))
    x, y = cases.pair(F32, 3, 4, 5)
    cases.case("permuted", x.permute(2, 0, 1), y.permute(2, 0, 1).contiguous())
    cases.case("permuted_differently", x.permute(1, 2, 0), y.permute(1, 0, 2).contiguous().permute(0, 2, 1))
    x, y = cases.pair(F32, 2, 3, 4, 2)
    cases.case("channels_last", x.contiguous(memory_format=torch.channels_last), y)
    x, y = cases.random(F32, 3, 70), cases.random(F32, 140)
    cases.case("long_expanded", x[1:2].expand(3, 70), y[::2].expand(3, 70))


def broadcast(cases):
    """Losses and reduced gradients of small tensors, and gradients of what they are expanded to."""
    for shapes in (((2, 1), (2, 10)), ((2, 10), (2, 1)), ((2, 1), (10,)), ((), (3, 2)), ((4, 1, 3), (2, 1)), ((S, 4), (4,))):
        x, y = (cases.random(F64, *shape) for shape in shapes)
        cases.begin("broadcast", F64)
        cases.argument("input", x)
        cases.argument("target", y)
        cases.losses(x, y)
        wide = [t.expand(torch.broadcast_shapes(*shapes)).contiguous() for t in (x, y)]
        cases.gradients(*wide)
        for reduction in ("sum", "mean"):
            for name, gradient in zip(("input", "target"), gradients(x, y, reduction, torch.ones((), dtype=F64))):
                cases.line(f"gradient_{reduction}_{name}", *bits(gradient))


def refused(cases):
    for shapes in (((S, 4), (S,)), ((2, 3), (3, 2)), ((S,), (S + 1,))):
        x, y = (cases.random(F64, *shape) for shape in shapes)
        cases.begin("refused", F64)
        cases.argument("input", x)
        cases.argument("target", y)
        try:
            l1_loss(x, y)
        except RuntimeError:
            cases.line("refused")
    for name in ("total", "", "Mean", "average", "mean "):
        try:
            l1_loss(x, x, reduction=name)
        except ValueError:
            cases.begin("reduction", F64)
            cases.line("name", f"[{name}]")


def lengths(cases):
    for n in [*range(1, 41), 63, 64, 65, 127, 128, 129, 511, 512, 513]:
        cases.case("length", *cases.pair(F32, n))
    for n in [*range(1, 10), 15, 16, 17, 33, 64, 65, 257]:
        cases.case("length", *cases.pair(F64, n))


def selected(cases, key, values, x, y, loss):
    """Writes a case with weights, with a mask or without NaN, where loss(x, y) is (none, sum, mean)."""
    cases.begin(key, x.dtype)
    cases.argument("input", x)
    cases.argument("target", y)
    cases.line(key, *values)
    for reduction, value in zip(("none", "sum", "mean"), loss(x, y)):
        cases.line(reduction, *bits(value))
    for k, reduction in ((1, "sum"), (2, "mean")):
        a, b = x.clone().requires_grad_(), y.clone().requires_grad_()
        loss(a, b)[k].backward()
        cases.line(f"gradient_{reduction}_input", *bits(a.grad))
        cases.line(f"gradient_{reduction}_target", *bits(b.grad))


def weighted(cases):
    """The weights have few bits, so their sum is exact and the gradient of the mean does not depend on the order."""
    for n in (1, 5, 16, 35):
        x, y = cases.pair(F64, n)
        w = torch.from_numpy(cases.generator.integers(0, 256, n) / 64 + (0 if n > 5 else 1))

        def loss(x, y):
            none = w * l1_loss(x, y, reduction="none")
            mean = none.sum() / w.sum()
            average = np.average((x - y).abs().detach().numpy(), weights=w.numpy())
            assert abs(average - mean.item()) <= 1e-14 * average
            return none, none.sum(), mean + (torch.from_numpy(np.asarray(average)) - mean).detach()  # has exactly NumPy's value

        selected(cases, "weights", bits(w), x, y, loss)


def without_nan(cases):
    for n, share in ((1, 0.0), (7, 0.3), (35, 0.2), (3, 1.0)):
        x, y = cases.pair(F64, n)
        for t in (x, y):
            t[torch.from_numpy(cases.generator.random(n) < share)] = NAN

        def loss(x, y):
            none = l1_loss(x, y, reduction="none")
            return none.nan_to_num(nan=0.0), none.nansum(), none.nanmean()

        selected(cases, "skip_nan", [], x, y, loss)


def masked(cases):
    for n, share in ((1, 1.0), (9, 0.5), (70, 0.7), (4, 0.0)):
        x, y = cases.pair(F32, n)
        mask = torch.from_numpy(cases.generator.random(n) < share)
        x[~mask], y[~mask] = NAN, INF

        def loss(x, y):
            chosen = x[mask], y[mask]
            none = torch.zeros(n, dtype=x.dtype).masked_scatter(mask, l1_loss(*chosen, reduction="none"))
            return none, l1_loss(*chosen, reduction="sum"), l1_loss(*chosen)

        selected(cases, "where", mask.int().tolist(), x, y, loss)


def main():
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore", "Using a target size")  # these cases are broadcast on purpose
    cases = Cases(seed=20)
    cases.lines.append(f"# Made by make_torch.py, which describes it, with PyTorch {torch.__version__} and NumPy {np.__version__}.")
    for make in (shapes, broadcast, refused, special, strides, lengths, weighted, without_nan, masked):
        make(cases)
    pathlib.Path(__file__).with_name("torch.txt").write_text("\n".join(cases.lines) + "\n")


if __name__ == "__main__":
    main()
