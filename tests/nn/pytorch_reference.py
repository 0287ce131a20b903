#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes pytorch_mlp.txt or pytorch_conv.txt: ten training steps of the VAE in PyTorch, double precision, for tst_pytorch.cpp.

    for kind in mlp conv; do tests/nn/pytorch_reference.py $kind > tests/nn/pytorch_$kind.txt; done
                                                                             (made with PyTorch 1.13, Debian 12)

Everything is written here once more, from the formulas of nn/backend.h and nn/model_config.h alone, the random numbers
(Philox4x32-10, Box and Muller) included: both networks, the three likelihoods with and without scatter, KL with free bits,
augmentation, the terms that order the latents, clipping, AdamW. Start values and spectra are rounded to fp32 and written
out; steps and final parameters are what the tests compare.
"""

import math
import sys
from types import SimpleNamespace

import torch
from torch import nn

PIXELS, LATENT, ROWS, STEPS, SEED = 24, 3, 7, 10, 5
INPUT_CLIP, LOG_VARIANCE_LIMIT = 20.0, 12.0
LATENT_STREAM, AUGMENTATION_STREAM = 0, 3
MODELS = {  # convolutions: channels, kernel, pool
    "mlp": SimpleNamespace(convolutions=(), hidden=(12, 8), decoder=(8, 12), scatter=False),
    "conv": SimpleNamespace(convolutions=((5, 3, 2), (8, 5, 5)), hidden=(9,), decoder=(7, 12), scatter=True),
}
CASES = [  # beta, free bits, learning rate, weight decay, largest gradient norm
    SimpleNamespace(name="plain", likelihood="gaussian", scale=5.0, beta=1.0, free_bits=0.0, rate=1e-3, decay=0.0, clip=0.0),
    SimpleNamespace(name="clipped-huber", likelihood="huber", scale=2.5, beta=0.01, free_bits=0.05, rate=1e-2, decay=0.1,
                    clip=0.5),
    SimpleNamespace(name="student", likelihood="student", scale=4.0, beta=0.1, free_bits=0.0, rate=3e-3, decay=0.01,
                    clip=1.0),
    SimpleNamespace(name="augmented", likelihood="gaussian", scale=5.0, beta=0.1, free_bits=0.0, rate=3e-3, decay=0.0,
                    clip=1.0, shift=6, noise=0.2),
    SimpleNamespace(name="ordered", likelihood="huber", scale=2.5, beta=0.1, free_bits=0.0, rate=3e-3, decay=0.0, clip=1.0,
                    shift=6, noise=0.2, consistency=0.7, similarity=0.4, slope=1.5),
]
NOISE_LEVEL = 0.2


def philox(counter, key):
    """Salmon et al. 2011, Philox4x32-10."""
    counter, key = list(counter), list(key)
    for _ in range(10):
        first, second = 0xD2511F53 * counter[0], 0xCD9E8D57 * counter[2]
        counter = [(second >> 32) ^ counter[1] ^ key[0], second & 0xFFFFFFFF,
                   (first >> 32) ^ counter[3] ^ key[1], first & 0xFFFFFFFF]
        key = [(key[0] + 0x9E3779B9) & 0xFFFFFFFF, (key[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return counter


def bits(stream, step, row, block):
    return philox((block, row, step & 0xFFFFFFFF, step >> 32 | stream << 24), (SEED & 0xFFFFFFFF, SEED >> 32))


def normals(stream, step, row, block):
    """Four normal deviates: nn/philox.h."""
    out = []
    words = bits(stream, step, row, block)
    for a, b in (words[:2], words[2:]):
        radius = math.sqrt(-2.0 * math.log(((a >> 8) + 0.5) / 2**24))
        angle = 2.0 * math.pi * (b >> 8) / 2**24
        out += [radius * math.cos(angle), radius * math.sin(angle)]
    return out


def latent_noise(step):
    return torch.tensor([normals(LATENT_STREAM, step, row, 0)[:LATENT] for row in range(ROWS)], dtype=torch.double)


def augmented(flux, weight, step, case):
    """Another redshift and some noise: nn/augmentation.h."""
    flux, weight = flux.clone(), weight.clone()
    for row in range(ROWS):
        seen = torch.nonzero(weight[row] > 0)[:, 0].tolist()
        if not seen:
            continue
        begin, end, level = seen[0], seen[-1] + 1, NOISE_LEVEL * max(flux[row, seen].max().item(), 0.0)
        moved = ((bits(AUGMENTATION_STREAM, step, row, 0)[0] >> 8) * 2 / (2**24 - 1) - 1) * case.shift
        lost = int(abs(moved) + 0.5)
        if begin + lost < end:
            begin, end = (begin + lost, end) if moved > 0 else (begin, end - lost)
        weight[row, :begin] = weight[row, end:] = 0.0
        for pixel in range(begin, end):
            word = bits(AUGMENTATION_STREAM, step, row, 1 + pixel // 4)[pixel % 4]
            if (word >> 8) / 2**24 < case.noise:
                flux[row, pixel] += level * normals(AUGMENTATION_STREAM, step, row, 0x80000000 | pixel)[0]
    return flux, weight


class Vae(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.kind = MODELS[kind]
        self.mean = torch.randn(PIXELS).double()
        self.conv, self.encoder, self.decoder = nn.ModuleList(), nn.ModuleDict(), nn.ModuleDict()
        channels = 2
        for out, kernel, _ in self.kind.convolutions:
            self.conv.append(nn.Conv1d(channels, out, kernel, padding=kernel // 2, bias=False))
            channels = out
        features = channels // 2 if self.conv else 2 * PIXELS
        for part, widths, last, end in ((self.encoder, (features, *self.kind.hidden), "head", 2 * LATENT),
                                        (self.decoder, (LATENT, *self.kind.decoder), "output", PIXELS)):
            for i, (into, out) in enumerate(zip(widths, widths[1:])):
                part[str(i)] = nn.Linear(into, out)
            part[last] = nn.Linear(widths[-1], end)
        if self.kind.scatter:
            self.scatter = nn.ParameterDict({"log": nn.Parameter(torch.full((PIXELS,), math.log(0.3)))})
        self.float().double()  # start values that fp32 can hold

    @staticmethod
    def run(part, x):
        for name, layer in part.items():
            x = layer(x)
            if name.isdigit():
                x = nn.functional.silu(x)
        return x

    def encode(self, flux, weight):
        good = (weight > 0).double()
        shown = ((flux - self.mean) * good).clamp(-INPUT_CLIP, INPUT_CLIP)
        x = torch.stack((shown, good), 1)
        for layer, (_, _, pool) in zip(self.conv, self.kind.convolutions):
            x = nn.functional.silu(nn.functional.instance_norm(layer(x), eps=1e-5))
            x = nn.functional.max_pool1d(x, pool, ceil_mode=True)
        if self.conv:
            seen, logits = x.chunk(2, 1)
            x = (seen * logits.softmax(2)).sum(2)
        mean, log_variance = self.run(self.encoder, x.flatten(1)).chunk(2, 1)
        return mean, log_variance.clamp(-LOG_VARIANCE_LIMIT, LOG_VARIANCE_LIMIT)


def rho(case, chi2):
    if case.likelihood == "huber":
        r = chi2.clamp(min=1e-300).sqrt()
        return torch.where(r <= case.scale, chi2 / 2, case.scale * (r - case.scale / 2))
    if case.likelihood == "student":
        return (case.scale + 1) / 2 * torch.log1p(chi2 / case.scale)
    return chi2 / 2


def reconstruction(model, case, flux, weight, predicted):
    excess = 0.0
    good = weight > 0
    if model.kind.scatter:
        ratio = weight * torch.exp(2 * model.scatter["log"])
        excess = 0.5 * torch.log1p(ratio)
        weight = weight / (1 + ratio)
    rows = ((rho(case, weight * (flux - predicted) ** 2) + excess) * good).sum(1)
    return (rows / good.sum(1).clamp(min=1)).mean()


def similarity(case, latents, predicted):
    apart = ((latents[:, None] - latents) ** 2).mean(2) - 30 * ((predicted[:, None] - predicted) ** 2).mean(2)
    term = torch.sigmoid(case.slope * apart - 2.5) + torch.sigmoid(-case.slope * apart - 2.5)
    return (term.sum() - term.diagonal().sum()) / ROWS


def losses(model, case, flux, weight, step):
    """Objective, reconstruction, KL, consistency, similarity."""
    none = torch.zeros((), dtype=torch.double)
    changed = augmented(flux, weight, step, case)
    shown = changed if case.shift > 0 and case.consistency == 0 else (flux, weight)
    mean, log_variance = model.encode(*shown)
    latents = mean + (0.5 * log_variance).exp() * latent_noise(step)
    predicted = model.run(model.decoder, latents)
    kl = 0.5 * (log_variance.exp() + mean**2 - 1 - log_variance)
    fit = reconstruction(model, case, flux, weight, predicted)
    kept, alike = none, none
    if case.consistency > 0:
        kept = (torch.sigmoid(((model.encode(*changed)[0] - mean) ** 2).mean(1) / 0.25) - 0.5).mean()
    if case.similarity > 0:
        alike = similarity(case, latents, predicted)
    objective = (fit + case.beta * kl.mean(0).clamp(min=case.free_bits).sum() + case.consistency * kept
                 + case.similarity * alike)
    return objective, fit, kl.sum(1).mean(), kept, alike


def numbers(values, digits=9):
    return " ".join(f"{value:.{digits}g}" for value in values.detach().reshape(-1).tolist())


def tensors(prefix, model, digits):
    for name, tensor in [*model.named_parameters(), ("input.mean", model.mean)]:
        print(prefix, name, numbers(tensor, digits))


def start(kind):
    torch.manual_seed(3)
    return Vae(kind)


def train(flux, weight, kind, case):
    for option, value in (("shift", 0), ("noise", 0.0), ("consistency", 0.0), ("similarity", 0.0), ("slope", 1.0)):
        setattr(case, option, getattr(case, option, value))
    model = start(kind)
    print("case", case.name, case.likelihood, case.scale, case.beta, case.free_bits, case.rate, case.decay, case.clip,
          case.shift, case.noise, case.consistency, case.similarity, case.slope)
    weights = [p for p in model.parameters() if p.dim() > 1]
    others = [p for p in model.parameters() if p.dim() == 1]
    optimiser = torch.optim.AdamW([{"params": weights, "weight_decay": case.decay},
                                   {"params": others, "weight_decay": 0.0}], lr=case.rate)
    for step in range(STEPS):
        optimiser.zero_grad()
        parts = losses(model, case, flux, weight, step)
        parts[0].backward()
        norm = math.sqrt(sum((p.grad**2).sum().item() for p in model.parameters()))
        if 0 < case.clip < norm:
            for p in model.parameters():
                p.grad *= case.clip / norm
        optimiser.step()
        print("step", numbers(torch.stack((*parts, torch.tensor(norm, dtype=torch.double))), 7))
    tensors("end", model, 6)


def main(kind):
    torch.manual_seed(1)
    flux = (1 + 0.5 * torch.randn(ROWS, PIXELS)).float().double()
    flux[0, 3] = 30.0  # an outlier, and one the encoder's clip cuts
    weight = torch.where(torch.rand(ROWS, PIXELS) < 0.2, 0.0, 1 + 9 * torch.rand(ROWS, PIXELS)).float().double()
    weight[2] = 0.0  # a row without data
    model = MODELS[kind]
    print("sizes", PIXELS, LATENT, ROWS, STEPS, SEED)
    for block in model.convolutions:
        print("convolution", *block)
    print("hidden", *model.hidden)
    print("decoder", *model.decoder)
    print("scatter", int(model.scatter))
    print("flux", numbers(flux))
    print("weight", numbers(weight))
    tensors("start", start(kind), 9)
    for case in CASES:
        train(flux, weight, kind, case)


if __name__ == "__main__":
    main(sys.argv[1])
