#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes pytorch_reference.txt: ten training steps of the VAE in PyTorch, double precision, for tst_pytorch.cpp.

    tests/nn/pytorch_reference.py > tests/nn/pytorch_reference.txt        (made with PyTorch 1.13, Debian 12)

Everything is written here once more, from the formulas of nn/backend.h and nn/model_config.h alone, the random numbers
(Philox4x32-10, Box and Muller) included: the network, its three likelihoods, KL with free bits, clipping, AdamW. Start
values and spectra are rounded to fp32 and written out; steps and final parameters are what the tests compare.
"""

import math

import torch
from torch import nn

PIXELS, HIDDEN, LATENT, ROWS, STEPS, SEED = 24, (12, 8), 3, 7, 10, 5
INPUT_CLIP, LOG_VARIANCE_LIMIT = 20.0, 12.0
CASES = [  # name, likelihood, its scale, beta, free bits, learning rate, weight decay, largest gradient norm
    ("plain", "gaussian", 5.0, 1.0, 0.0, 1e-3, 0.0, 0.0),
    ("clipped-huber", "huber", 2.5, 0.01, 0.05, 1e-2, 0.1, 0.5),
    ("student", "student", 4.0, 0.1, 0.0, 3e-3, 0.01, 1.0),
]


def philox(counter, key):
    """Salmon et al. 2011, Philox4x32-10."""
    counter, key = list(counter), list(key)
    for _ in range(10):
        first, second = 0xD2511F53 * counter[0], 0xCD9E8D57 * counter[2]
        counter = [(second >> 32) ^ counter[1] ^ key[0], second & 0xFFFFFFFF,
                   (first >> 32) ^ counter[3] ^ key[1], first & 0xFFFFFFFF]
        key = [(key[0] + 0x9E3779B9) & 0xFFFFFFFF, (key[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return counter


def normals(step, row, block):
    """Four normal deviates of the latent stream (0): nn/philox.h."""
    bits = philox((block, row, step & 0xFFFFFFFF, step >> 32), (SEED & 0xFFFFFFFF, SEED >> 32))
    out = []
    for a, b in (bits[:2], bits[2:]):
        radius = math.sqrt(-2.0 * math.log(((a >> 8) + 0.5) / 2**24))
        angle = 2.0 * math.pi * (b >> 8) / 2**24
        out += [radius * math.cos(angle), radius * math.sin(angle)]
    return out


def noise(step):
    return torch.tensor([normals(step, row, 0)[:LATENT] for row in range(ROWS)], dtype=torch.double)


class Vae(nn.Module):
    def __init__(self):
        super().__init__()
        self.mean = torch.randn(PIXELS).double()
        self.encoder = nn.ModuleDict()
        self.decoder = nn.ModuleDict()
        for part, widths, last, end in ((self.encoder, (2 * PIXELS, *HIDDEN), "head", 2 * LATENT),
                                        (self.decoder, (LATENT, *reversed(HIDDEN)), "output", PIXELS)):
            for i, (into, out) in enumerate(zip(widths, widths[1:])):
                part[str(i)] = nn.Linear(into, out)
            part[last] = nn.Linear(widths[-1], end)
        self.float().double()  # start values that fp32 can hold

    @staticmethod
    def run(part, x):
        for name, layer in part.items():
            x = layer(x)
            if name.isdigit():
                x = nn.functional.silu(x)
        return x

    def forward(self, flux, weight, deviates):
        good = (weight > 0).double()
        shown = ((flux - self.mean) * good).clamp(-INPUT_CLIP, INPUT_CLIP)
        mean, log_variance = self.run(self.encoder, torch.cat((shown, good), 1)).chunk(2, 1)
        log_variance = log_variance.clamp(-LOG_VARIANCE_LIMIT, LOG_VARIANCE_LIMIT)
        kl = 0.5 * (log_variance.exp() + mean**2 - 1 - log_variance)
        return self.run(self.decoder, mean + (0.5 * log_variance).exp() * deviates), kl


def rho(likelihood, scale, chi2):
    if likelihood == "huber":
        r = chi2.clamp(min=1e-300).sqrt()
        return torch.where(r <= scale, chi2 / 2, scale * (r - scale / 2))
    if likelihood == "student":
        return (scale + 1) / 2 * torch.log1p(chi2 / scale)
    return chi2 / 2


def numbers(values, digits=9):
    return " ".join(f"{value:.{digits}g}" for value in values.detach().reshape(-1).tolist())


def tensors(prefix, model, digits):
    for name, tensor in [*model.named_parameters(), ("input.mean", model.mean)]:
        print(prefix, name, numbers(tensor, digits))


def start():
    torch.manual_seed(3)
    return Vae()


def train(flux, weight, case):
    name, likelihood, scale, beta, free_bits, rate, decay, clip = case
    model = start()
    print("case", name, likelihood, scale, beta, free_bits, rate, decay, clip)
    weights = [p for p in model.parameters() if p.dim() == 2]
    biases = [p for p in model.parameters() if p.dim() == 1]
    optimiser = torch.optim.AdamW([{"params": weights, "weight_decay": decay}, {"params": biases, "weight_decay": 0.0}],
                                  lr=rate)
    for step in range(STEPS):
        optimiser.zero_grad()
        predicted, kl = model(flux, weight, noise(step))
        rows = (rho(likelihood, scale, weight * (flux - predicted) ** 2) * (weight > 0)).sum(1)
        reconstruction = (rows / (weight > 0).sum(1).clamp(min=1)).mean()
        objective = reconstruction + beta * kl.mean(0).clamp(min=free_bits).sum()
        objective.backward()
        norm = math.sqrt(sum((p.grad**2).sum().item() for p in model.parameters()))
        if 0 < clip < norm:
            for p in model.parameters():
                p.grad *= clip / norm
        optimiser.step()
        losses = (objective, reconstruction, kl.sum(1).mean(), torch.tensor(norm))
        print("step", numbers(torch.stack(losses).double(), 7))
    tensors("end", model, 6)


def main():
    torch.manual_seed(1)
    flux = (1 + 0.5 * torch.randn(ROWS, PIXELS)).float().double()
    flux[0, 3] = 30.0  # an outlier, and one the encoder's clip cuts
    weight = torch.where(torch.rand(ROWS, PIXELS) < 0.2, 0.0, 1 + 9 * torch.rand(ROWS, PIXELS)).float().double()
    weight[2] = 0.0  # a row without data
    print("sizes", PIXELS, *HIDDEN, LATENT, ROWS, STEPS, SEED)
    print("flux", numbers(flux))
    print("weight", numbers(weight))
    tensors("start", start(), 9)
    for case in CASES:
        train(flux, weight, case)


if __name__ == "__main__":
    main()
