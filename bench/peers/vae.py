#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The VAE of engine/nn in PyTorch: what bench_nn and bench/gpu compare with.

    vae.py PIXELS HIDDEN,HIDDEN,... LATENT BATCH THREADS RUNS
           [--architecture mlp|conv] [--decoder WIDTH,WIDTH,...] [--device cpu|cuda] [--precision fp32|tf32|bf16]
           [--mode eager,graph,compile,compile-graph] [--steps N] [--channels-last]

The same layers, input, loss, clipping and Adam (nn/backend.h); fused Adam on CUDA, bf16 as autocast with fp32 weights.
Prints a JSON object for each mode, as soon as it is there: the seconds of each training step and of each reconstruction of
the batch with the data on the device, both again with the data in page-locked host memory (*_uploaded: each batch goes
up beside the step before it, a reconstruction comes back), and the objective before and after; or what went wrong. A timed run is N steps in a
row, then a wait, so that a device is not left idle between them.
"""

import argparse
import json
import math
import time

import torch
from torch import nn
from torch.nn import functional

INPUT_CLIP = 20.0
LOG_VARIANCE_LIMIT = 12.0
CONVOLUTIONS = ((128, 5, 5), (256, 11, 11), (512, 21, 1))  # channels, kernel, window of the pool that follows


def layers(widths, last):
    made = []
    for into, out in zip(widths, widths[1:]):
        made += [nn.Linear(into, out), nn.SiLU()]
    return nn.Sequential(*made, nn.Linear(widths[-1], last))


class ConvEncoder(nn.Module):
    def __init__(self, hidden, outputs):
        super().__init__()
        channels = [2] + [out for out, _, _ in CONVOLUTIONS]
        self.convolutions = nn.ModuleList(
            nn.Conv2d(into, out, (1, kernel), padding=(0, kernel // 2), bias=False)  # 2-D has a channels-last form
            for into, (out, kernel, _) in zip(channels, CONVOLUTIONS))
        self.linear = layers([channels[-1] // 2, *hidden], outputs)

    def forward(self, shown):
        x = shown.unflatten(1, (2, 1, -1))
        for convolution, (_, _, pool) in zip(self.convolutions, CONVOLUTIONS):
            x = functional.silu(functional.instance_norm(convolution(x)))
            x = functional.max_pool2d(x, (1, pool), ceil_mode=True) if pool > 1 else x
        values, attention = x.chunk(2, 1)
        return self.linear((values * attention.softmax(3)).sum(3).flatten(1))


class Vae(nn.Module):
    def __init__(self, architecture, pixels, hidden, latent, decoder):
        super().__init__()
        self.register_buffer("mean", torch.zeros(pixels))
        self.encoder = (ConvEncoder(hidden, 2 * latent) if architecture == "conv"
                        else layers([2 * pixels, *hidden], 2 * latent))
        self.decoder = layers([latent, *decoder], pixels)

    def encode(self, flux, weight):
        good = (weight > 0).float()
        shown = ((flux - self.mean) * good).clamp(-INPUT_CLIP, INPUT_CLIP)
        mean, log_variance = self.encoder(torch.cat((shown, good), 1)).float().chunk(2, 1)
        return mean, log_variance.clamp(-LOG_VARIANCE_LIMIT, LOG_VARIANCE_LIMIT)

    def objective(self, flux, weight):
        mean, log_variance = self.encode(flux, weight)
        z = mean + (0.5 * log_variance).exp() * torch.randn_like(mean)
        chi2 = (weight * (flux - self.decoder(z).float()).square()).sum(1)
        kl = 0.5 * (log_variance.exp() + mean.square() - 1 - log_variance).sum(1)
        return (0.5 * chi2 / (weight > 0).sum(1) + kl).mean()

    def reconstruct(self, flux, weight):
        return self.decoder(self.encode(flux, weight)[0]).float()


def spectra(rows, pixels):
    """Those of bench_nn."""
    pixel = torch.arange(pixels).float()
    row = torch.arange(rows).float()[:, None]
    index = torch.arange(rows * pixels).reshape(rows, pixels)
    hidden = ((index * 2654435761) >> 7) % 5 == 0
    return 1 + 0.3 * torch.sin(0.01 * pixel + row), torch.where(hidden, 0.0, 4.0)


def graphed(work):
    """work, recorded once and replayed as a CUDA graph."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            work()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        result = work()

    def replay():
        graph.replay()
        return result
    return replay


class Bench:
    """One model; every mode trains it further."""

    def __init__(self, options):
        self.options = options
        torch.manual_seed(1)
        self.model = Vae(options.architecture, options.pixels, options.hidden, options.latent, options.decoder)
        self.model.to(options.device, memory_format=torch.channels_last if options.channels_last else None)
        self.cuda = options.device == "cuda"
        kind = {"fused": True, "capturable": True} if self.cuda else {"foreach": True}
        self.optimiser = torch.optim.Adam(self.model.parameters(), lr=1e-4, **kind)
        self.host = spectra(options.batch, options.pixels)
        self.batch = [values.to(options.device) for values in self.host]
        if self.cuda:
            self.host = [values.pin_memory() for values in self.host]
            self.answer = torch.empty_like(self.host[0]).pin_memory()
            self.staged = [values.clone() for values in self.batch]
            self.copies = torch.cuda.Stream()

    def autocast(self):
        return torch.autocast(self.options.device, torch.bfloat16, self.options.precision == "bf16", False)

    def steps(self, mode):
        """A training step and a reconstruction of the batch on the device, as functions."""
        prepare = torch.compile if "compile" in mode else lambda function: function
        objective, model_of = prepare(self.model.objective), prepare(self.model.reconstruct)

        def train():
            self.optimiser.zero_grad(set_to_none=True)
            with self.autocast():
                loss = objective(*self.batch)
            loss.backward()
            nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
            self.optimiser.step()
            return loss.detach()

        @torch.no_grad()
        def reconstruct():
            with self.autocast():
                return model_of(*self.batch)

        return (graphed(train), graphed(reconstruct)) if "graph" in mode else (train, reconstruct)

    def upload(self):
        """Takes the batch that came up beside the last step, and sends for the next."""
        now = torch.cuda.current_stream()
        now.wait_stream(self.copies)
        for to, staged in zip(self.batch, self.staged):
            to.copy_(staged)
        self.copies.wait_stream(now)
        with torch.cuda.stream(self.copies):
            for staged, values in zip(self.staged, self.host):
                staged.copy_(values, non_blocking=True)

    def seconds(self, work):
        """Of one call, for each run."""
        taken = []
        for run in range(-1, self.options.runs):
            start = time.perf_counter()
            for _ in range(self.options.steps):
                work()
            if self.cuda:
                torch.cuda.synchronize()
            if run >= 0:  # the first warms up
                taken.append((time.perf_counter() - start) / self.options.steps)
        return taken

    def measure(self, mode):
        train, reconstruct = self.steps(mode)
        weight = next(self.model.parameters())
        start = weight.detach().clone()
        before = train().item()
        found = {"training": self.seconds(train), "scoring": self.seconds(reconstruct)}
        if not self.cuda:  # the device's memory is the host's
            found.update(training_uploaded=found["training"], scoring_uploaded=found["scoring"])
        else:
            found["training_uploaded"] = self.seconds(lambda: (self.upload(), train()))
            found["scoring_uploaded"] = self.seconds(
                lambda: (self.upload(), self.answer.copy_(reconstruct(), non_blocking=True)))
        after = train().item()
        if torch.equal(start, weight) or not math.isfinite(after):
            raise RuntimeError("training went nowhere: what was timed is no training")
        return {**found, "before": before, "after": after}


def numbers(text):
    return [int(number) for number in text.split(",")]


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pixels", type=int)
    parser.add_argument("hidden", type=numbers)
    for name in ("latent", "batch", "threads", "runs"):
        parser.add_argument(name, type=int)
    parser.add_argument("--architecture", choices=("mlp", "conv"), default="mlp")
    parser.add_argument("--decoder", type=numbers, help="widths; the hidden ones in reverse if not given")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--precision", choices=("fp32", "tf32", "bf16"), default="fp32")
    parser.add_argument("--mode", type=lambda text: text.split(","), default=["eager"])
    parser.add_argument("--steps", type=int, default=1)
    parser.add_argument("--channels-last", action="store_true")
    options = parser.parse_args()
    options.decoder = options.decoder or options.hidden[::-1]
    return options


def main():
    options = parse()
    torch.set_num_threads(options.threads)
    torch.set_float32_matmul_precision("high" if options.precision == "tf32" else "highest")
    torch.backends.cudnn.allow_tf32 = options.precision == "tf32"
    torch.backends.cudnn.benchmark = True
    bench = Bench(options)
    for mode in options.mode:
        found = {"version": torch.__version__, "mode": mode}
        try:
            found.update(bench.measure(mode))
        except Exception as error:  # of the compiler, the driver, memory: the other modes may still work
            found["error"] = f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else ''}"
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
