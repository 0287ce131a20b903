#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Operations and bytes of a training step and of scoring, and the least time a card can need for them.

    roofline.py [--ceilings FILE]     prints the tables of bench/README.md: for an RTX A4000 by its data sheet, or for
                                      the ceilings measured by bench/gpu/ceilings

The work is a list of groups that run one after the other. Each takes at least the longer of operations / rate of
matrix products and bytes / memory bandwidth, when each operand is read once and each result is written once; copies
over the bus run beside them. What is counted is what must be done, not what our kernels or PyTorch's do.
"""

import argparse
import json
from dataclasses import dataclass

FP32 = 4
BYTES = {"fp32": 4, "tf32": 4, "bf16": 2}  # of a value that goes into a matrix product
CONVOLUTIONS = ((128, 5, 5), (256, 11, 11), (512, 21, 1))  # channels, kernel, window of the pool that follows
SURVEY = 1_600_000  # spectra
# NVIDIA RTX A4000, data sheet: 19.2 TFLOP/s, tensor cores 153.4 with sparsity (so 76.7 dense, tf32 half of that),
# 448 GB/s, PCIe 4 x16 (31.5 GB/s each way; 25 is what a copy gets of it).
A4000 = {"device": "RTX A4000 (data sheet)", "fp32_tflops": 19.2, "tf32_tflops": 38.3, "bf16_tflops": 76.7,
         "memory_gbs": 448.0, "upload_gbs": 25.0, "download_gbs": 25.0}


@dataclass
class Network:
    architecture: str
    hidden: list
    latent: int
    decoder: list
    pixels: int = 2048


MLP = Network("mlp", [1024, 256], 32, [256, 1024])
CONV = Network("conv", [128, 64, 32], 16, [64, 256, 1024])


@dataclass
class Product:
    """A layer, for one spectrum: (positions, fan) times (fan, outputs / positions)."""
    weights: int
    positions: int
    inputs: int
    outputs: int
    bias: bool = True
    activated: bool = True
    pool: int = 0  # convolutions only: window of the pool behind the norm


@dataclass
class Group:
    name: str
    operations: float
    bytes: float

    def seconds(self, ceilings, precision):
        return max(self.operations / (1e12 * ceilings[precision + "_tflops"]), self.bytes / (1e9 * ceilings["memory_gbs"]))


def linear(widths, last):
    made = [Product(into * out, 1, into, out) for into, out in zip(widths, widths[1:])]
    return made + [Product(widths[-1] * last, 1, widths[-1], last, activated=False)]


def layers(net):
    """In the order of the flow."""
    made, width = [], 2 * net.pixels
    if net.architecture == "conv":
        channels, positions = 2, net.pixels
        for out, kernel, pool in CONVOLUTIONS:
            made.append(Product(channels * kernel * out, positions, channels * positions, out * positions, bias=False,
                                pool=pool))
            channels, positions = out, -(-positions // pool)
        width = channels // 2
    return made + linear([width, *net.hidden], 2 * net.latent) + linear([net.latent, *net.decoder], net.pixels)


def parameters(net):
    return sum(p.weights + (p.outputs if p.bias else 0) for p in layers(net))


def product(name, batch, p, read, written):
    return Group(name, 2.0 * batch * p.positions * p.weights, read + written)


def forward(net, batch, size):
    """Groups of one pass forward; size: bytes of a value."""
    groups = [Group("input", 0, batch * net.pixels * (2 * FP32 + 2 * size))]
    for p in layers(net):
        groups.append(product("products", batch, p, size * (batch * p.inputs + p.weights), size * batch * p.outputs))
        if p.pool:  # norm, SiLU and pool in one: read, write what the pool leaves
            groups.append(Group("norm, pool", 0, size * batch * (p.outputs + p.outputs / p.pool)))
        elif p.activated:  # bias and SiLU
            groups.append(Group("activations", 0, size * batch * 2 * p.outputs))
    if net.architecture == "conv":
        last = next(p for p in reversed(layers(net)) if p.pool)
        groups.append(Group("attention", 0, size * batch * last.outputs))
    return groups


def backward(net, batch, size):
    groups = []
    for index, p in enumerate(layers(net)):
        if p.pool:  # reads its input and the gradient behind the pool, writes the gradient of its input
            groups.append(Group("norm, pool", 0, size * batch * (2 * p.outputs + p.outputs / p.pool)))
        elif p.activated:
            groups.append(Group("activations", 0, size * batch * 3 * p.outputs))
        if p.bias:
            groups.append(Group("bias gradients", 0, size * batch * p.outputs))
        groups.append(product("products", batch, p, size * batch * (p.inputs + p.outputs), FP32 * p.weights))
        if index > 0:
            groups.append(product("products", batch, p, size * (batch * p.outputs + p.weights), size * batch * p.inputs))
    if net.architecture == "conv":
        last = next(p for p in reversed(layers(net)) if p.pool)
        groups.append(Group("attention", 0, size * batch * 2 * last.outputs))
    return groups


def training(net, batch, precision):
    """Groups of one step on data that are on the device."""
    size, count = BYTES[precision], parameters(net)
    return forward(net, batch, size) + backward(net, batch, size) + [
        Group("latents", 0, FP32 * batch * 9 * net.latent),
        Group("likelihood", 0, batch * net.pixels * (2 * FP32 + 2 * size)),  # flux, weight, model; its gradient
        # The norm reads the gradient; Adam reads gradient, parameter and moments, writes the last three, and the
        # parameter again in the products' precision.
        Group("norm, Adam", 0, count * (FP32 + 7 * FP32 + (size if size < FP32 else 0)))]


def seconds(groups, ceilings, precision):
    return sum(group.seconds(ceilings, precision) for group in groups)


def training_seconds(net, batch, precision, ceilings, uploaded=False):
    """Of one step. uploaded: each batch comes from host memory, beside the step before it."""
    device = seconds(training(net, batch, precision), ceilings, precision)
    return max(device, batch * net.pixels * 2 * FP32 / (1e9 * ceilings["upload_gbs"])) if uploaded else device


def scoring_seconds(net, batch, precision, ceilings, pixel_bytes=2 * FP32):
    """Of one spectrum out of many in host memory: up flux and weight, down the model flux, both beside the network."""
    up = net.pixels * pixel_bytes / (1e9 * ceilings["upload_gbs"])
    down = net.pixels * FP32 / (1e9 * ceilings["download_gbs"])
    return max(seconds(forward(net, batch, BYTES[precision]), ceilings, precision) / batch, up, down)


def totals(groups):
    """name → (operations, bytes), in order of appearance."""
    found = {}
    for group in groups:
        operations, size = found.get(group.name, (0.0, 0.0))
        found[group.name] = (operations + group.operations, size + group.bytes)
    return found


def print_counts(net):
    """Of a spectrum: operations, and bytes of steps in three variants and of scoring."""
    variants = ((512, "fp32"), (512, "bf16"), (4096, "bf16"))
    steps = [totals(training(net, batch, precision)) for batch, precision in variants]
    score = totals(forward(net, 512, BYTES["bf16"]))
    print(f"\n{net.architecture}, {parameters(net):,} parameters, per spectrum:\n")
    print("| group | step: MFLOP | " + " | ".join(f"kB, {batch}, {precision}" for batch, precision in variants)
          + " | scoring: MFLOP | kB, bf16 |\n|" + "---|" * 7)

    def short(value):
        return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"

    def row(name, training_operations, sizes, scored):
        print(f"| {name} | {short(1e-6 * training_operations / 512)} | "
              + " | ".join(short(1e-3 * size / batch) for size, (batch, _) in zip(sizes, variants))
              + (f" | {short(1e-6 * scored[0] / 512)} | {short(1e-3 * scored[1] / 512)} |" if scored else " | | |"))
    for name in steps[0]:
        row(name, steps[0][name][0], [step[name][1] for step in steps], score.get(name))
    row("all", sum(of[0] for of in steps[0].values()), [sum(of[1] for of in step.values()) for step in steps],
        [sum(of[part] for of in score.values()) for part in (0, 1)])


def print_times(ceilings):
    print(f"\nLeast times on {ceilings['device']}:\n")
    print("| network | batch | precision | step | spectra/s | 1.6 M spectra scored | the bus alone: 8, 4, 3 B a pixel up |")
    print("|---|---|---|---|---|---|---|")
    for net, batch in ((MLP, 512), (MLP, 4096), (CONV, 512)):
        for precision in BYTES:
            if ceilings.get(precision + "_tflops") is None:
                continue
            step = training_seconds(net, batch, precision, ceilings, uploaded=True)
            scoring = SURVEY * scoring_seconds(net, batch, precision, ceilings)
            bus = ", ".join(f"{SURVEY * net.pixels * size / (1e9 * ceilings['upload_gbs']):.1f}" for size in (8, 4, 3))
            print(f"| {net.architecture} | {batch} | {precision} | {1e3 * step:.2f} ms | {batch / step:,.0f} | "
                  f"{scoring:.1f} s | {bus} s |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ceilings", type=argparse.FileType())
    options = parser.parse_args()
    for net in (MLP, CONV):
        print_counts(net)
    print_times(json.load(options.ceilings) if options.ceilings else A4000)


if __name__ == "__main__":
    main()
