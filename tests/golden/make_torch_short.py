#!/usr/bin/python3
"""Writes to torch_short.txt, in this folder, what PyTorch computes element by element in half and in bfloat16.

A line has a type, a key and bits in hexadecimal. The keys are input, target, none, and gradient: that of the sum with respect to
input. Sums and means are not here: PyTorch accumulates those of half in half, and they overflow.

Run it with Debian's python3-torch 1.13: /usr/bin/python3 make_torch_short.py. It writes the same file each time.
"""
import pathlib

import torch
from torch.nn.functional import l1_loss


def bits(t):
    return " ".join(f"{b & 0xFFFF:04x}" for b in t.detach().view(torch.int16).tolist())


def main():
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(16)
    lines = [f"# Made by make_torch_short.py, which describes it, with PyTorch {torch.__version__}."]
    for name, dtype in (("half", torch.float16), ("bfloat16", torch.bfloat16)):
        special = torch.tensor([0.0, -0.0, float("inf"), float("-inf"), float("nan"), torch.finfo(dtype).max, torch.finfo(dtype).tiny / 2])
        x = torch.cat([torch.randn(200, generator=generator) * 100, special.repeat_interleave(7), special]).to(dtype)
        y = torch.cat([torch.randn(200, generator=generator) * 100, special.repeat(7), special.flip(0)]).to(dtype)
        y[:20] = x[:20]
        x.requires_grad_()
        none = l1_loss(x, y, reduction="none")
        none.sum().backward()
        for key, t in (("input", x), ("target", y), ("none", none), ("gradient", x.grad)):
            lines.append(f"{name} {key} {bits(t)}")
    pathlib.Path(__file__).with_name("torch_short.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
