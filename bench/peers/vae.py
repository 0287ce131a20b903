#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The VAE of engine/nn in PyTorch: what bench_nn compares with.

    vae.py PIXELS HIDDEN,HIDDEN,... LATENT BATCH THREADS RUNS

The same layers, input, loss, clipping and Adam (nn/backend.h), eager, fp32. Prints the seconds of each training step, of
each reconstruction of the batch, and the objective before and after, as one JSON object.
"""

import json
import sys
import time

import torch
from torch import nn

INPUT_CLIP = 20.0
LOG_VARIANCE_LIMIT = 12.0


def layers(widths, last):
    made = []
    for into, out in zip(widths, widths[1:]):
        made += [nn.Linear(into, out), nn.SiLU()]
    return nn.Sequential(*made, nn.Linear(widths[-1], last))


class Vae(nn.Module):
    def __init__(self, pixels, hidden, latent):
        super().__init__()
        self.register_buffer("mean", torch.zeros(pixels))
        self.encoder = layers([2 * pixels, *hidden], 2 * latent)
        self.decoder = layers([latent, *reversed(hidden)], pixels)

    def encode(self, flux, weight):
        good = (weight > 0).float()
        shown = ((flux - self.mean) * good).clamp(-INPUT_CLIP, INPUT_CLIP)
        mean, log_variance = self.encoder(torch.cat((shown, good), 1)).chunk(2, 1)
        return mean, log_variance.clamp(-LOG_VARIANCE_LIMIT, LOG_VARIANCE_LIMIT)

    def objective(self, flux, weight):
        mean, log_variance = self.encode(flux, weight)
        z = mean + (0.5 * log_variance).exp() * torch.randn_like(mean)
        chi2 = (weight * (flux - self.decoder(z)).square()).sum(1)
        kl = 0.5 * (log_variance.exp() + mean.square() - 1 - log_variance).sum(1)
        return (0.5 * chi2 / (weight > 0).sum(1) + kl).mean()


def spectra(rows, pixels):
    """Those of bench_nn."""
    pixel = torch.arange(pixels).float()
    row = torch.arange(rows).float()[:, None]
    index = torch.arange(rows * pixels).reshape(rows, pixels)
    hidden = ((index * 2654435761) >> 7) % 5 == 0
    return 1 + 0.3 * torch.sin(0.01 * pixel + row), torch.where(hidden, 0.0, 4.0)


def seconds(runs, work):
    work()  # warm-up
    taken = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return taken


def main(pixels, hidden, latent, batch, threads, runs):
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    model = Vae(pixels, hidden, latent)
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-4, foreach=True)
    flux, weight = spectra(batch, pixels)

    def step():
        optimiser.zero_grad(set_to_none=True)
        loss = model.objective(flux, weight)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        return loss.item()

    @torch.no_grad()
    def reconstruct():
        return model.decoder(model.encode(flux, weight)[0])

    before = step()
    training = seconds(runs, step)
    print(json.dumps({"version": torch.__version__, "training": training, "scoring": seconds(runs, reconstruct),
                      "before": before, "after": step()}))


if __name__ == "__main__":
    main(int(sys.argv[1]), [int(width) for width in sys.argv[2].split(",")], *map(int, sys.argv[3:7]))
