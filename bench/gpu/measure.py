#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures the device at hand: its ceilings, our networks, the same in PyTorch; compares, prints a table.

    measure.py BUILD OUT [--device cuda|cpu] [--torch PYTHON] [--budget SECONDS]

BUILD: of engine/nn, with bench_device and ceilings. OUT: gets results.json, complete after every measurement, and what the
programs printed. --torch: a Python that has PyTorch. What fails or does not fit into the budget is "not measured" and
says why. bench/gpu/run calls this last and leaves the outcome of its steps in OUT/steps.tsv. Ends with 1 when something
of ours failed.
"""

import argparse
import json
import os
import platform
import signal
import subprocess
import sys
import time
from datetime import datetime, timezone
from pathlib import Path

import roofline

HERE = Path(__file__).resolve().parent
NOT_AVAILABLE = 77  # of bench_device
ALL_MODES = "eager,graph,compile,compile-graph"
# Network, batch, precision, PyTorch's modes; the most important first, should the budget end.
ON_CUDA = [
    (roofline.MLP, 512, "bf16", ALL_MODES), (roofline.CONV, 512, "bf16", ALL_MODES),
    (roofline.MLP, 512, "tf32", "eager,graph"), (roofline.MLP, 512, "fp32", "eager,graph"),
    (roofline.CONV, 512, "tf32", "eager,graph"), (roofline.MLP, 4096, "bf16", "graph,compile-graph"),
    (roofline.CONV, 512, "fp32", "graph")]
ON_CPU = [(roofline.MLP, 512, "fp32", "eager"), (roofline.CONV, 32, "fp32", "eager")]
GOAL_TIMES = {"mlp": 1.5, "conv": 2.0}  # the best PyTorch
GOAL_SHARE, GOAL_SURVEY, GOAL_LATENCY = 0.6, 60.0, 5e-3
LONGEST = {"ceilings": 30, "bench_device": 60, "vae": 150}  # seconds


def joined(widths):
    return ",".join(map(str, widths))


def median(values):
    return sorted(values)[len(values) // 2] if values else None


class Session:
    def __init__(self, options):
        self.options, self.end, self.failed = options, time.monotonic() + options.budget, False
        self.out = Path(options.out)
        self.cuda = options.device == "cuda"
        self.repeat = ["--runs", "9", "--steps", "20"] if self.cuda else ["--runs", "3"]

    def run(self, kind, name, command):
        """The program's output and why there is no more of it; the output is kept in OUT/NAME.json."""
        left = min(LONGEST[kind], self.end - time.monotonic())
        if left < 5:
            return "", "no time left"
        kept = self.out / f"{name}.json"
        with open(kept, "w") as output, open(self.out / "errors.txt", "a+") as errors:
            errors.write(f"\n== {' '.join(map(str, command))}\n")
            errors.flush()
            start = errors.tell()
            process = subprocess.Popen(command, stdout=output, stderr=errors, start_new_session=True)
            try:
                code = process.wait(left)
                errors.seek(start)
                said = errors.read().strip().splitlines()
                why = (said[-1] if said else f"exit code {code}") if code != 0 else ""
                self.failed |= kind != "vae" and code not in (0, NOT_AVAILABLE)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                why = f"stopped after {left:.0f} s"
        return kept.read_text(), why

    def ceilings(self):
        text, why = self.run("ceilings", "ceilings", [f"{self.options.build}/bench/ceilings"])
        return {"error": why} if why else json.loads(text)

    def ours(self, net, batch, precision):
        text, why = self.run("bench_device", f"ours-{net.architecture}-{batch}-{precision}", [
            f"{self.options.build}/bench/bench_device", "--device", self.options.device, "--architecture",
            net.architecture, "--hidden", joined(net.hidden), "--decoder", joined(net.decoder), "--latent", str(net.latent),
            "--precision", precision,
            "--batch", str(batch), "--spectra", "65536" if self.cuda else str(4 * batch), *self.repeat])
        return {"error": why} if why else json.loads(text)

    def peers(self, net, batch, precision, modes):
        """mode → what PyTorch took or what went wrong."""
        if not self.options.torch:
            return {mode: {"error": "no PyTorch here"} for mode in modes.split(",")}
        found = {}
        layouts = [""] + (["channels-last"] if self.cuda and net.architecture == "conv" and precision != "fp32" else [])
        for layout in layouts:
            text, why = self.run("vae", f"pytorch-{net.architecture}-{batch}-{precision}{layout and '-' + layout}", [
                self.options.torch, HERE.parent / "peers/vae.py", "2048", joined(net.hidden), str(net.latent), str(batch),
                str(os.cpu_count()), self.repeat[1], "--architecture", net.architecture, "--decoder", joined(net.decoder),
                "--device", self.options.device, "--precision", precision, "--mode", modes, *self.repeat[2:],
                *([f"--{layout}"] if layout else [])])
            whole = [line for line in text.splitlines() if line.endswith("}")]  # it may have been stopped
            measured = {answer["mode"]: answer for answer in map(json.loads, whole)}
            for mode in modes.split(","):
                found[" ".join(filter(None, (mode, layout)))] = measured.get(mode, {"error": why or "no answer"})
        return found


def compare(entry, net, ceilings):
    """Adds medians, the best peer, and shares of the roofline. Quantities that were not measured are missing."""
    batch, precision = entry["batch"], entry["precision"]
    bound = {}
    if ceilings.get(precision + "_tflops"):
        bound = {"training": roofline.training_seconds(net, batch, precision, ceilings),
                 "training_uploaded": roofline.training_seconds(net, batch, precision, ceilings, uploaded=True),
                 "scoring_uploaded": batch * roofline.scoring_seconds(net, batch, precision, ceilings)}
    entry["compared"] = {}
    for what in ("training", "training_uploaded", "scoring", "scoring_uploaded", "latency"):
        ours = median(entry["ours"].get(what))
        theirs = [(median(peer[what]), mode) for mode, peer in entry["pytorch"].items() if peer.get(what)]
        found = {"seconds": ours, "best_pytorch": min(theirs)[0] if theirs else None,
                 "best_mode": min(theirs)[1] if theirs else None, "roofline": bound.get(what)}
        found["times_pytorch"] = min(theirs)[0] / ours if ours and theirs else None
        found["share_of_roofline"] = bound[what] / ours if ours and what in bound else None
        entry["compared"][what] = found


def shown(value, factor=1.0, digits=2, unit=""):
    return "not measured" if value is None else f"{factor * value:.{digits}f}{unit}"


def print_table(results):
    head = ("network", "batch", "precision", "what", "ours, ms", "PyTorch's best, ms", "mode", "times", "roofline")
    print("\n| " + " | ".join(head) + " |\n|" + "---|" * len(head))
    for entry in results["networks"]:
        for what, found in entry["compared"].items():
            if found["seconds"] is None and found["best_pytorch"] is None and what != "training_uploaded":
                continue
            print(f"| {entry['architecture']} | {entry['batch']} | {entry['precision']} | {what.replace('_', ', ')} | "
                  f"{shown(found['seconds'], 1e3, 3)} | {shown(found['best_pytorch'], 1e3, 3)} | "
                  f"{found['best_mode'] or ''} | {shown(found['times_pytorch'])} | "
                  f"{shown(found['share_of_roofline'], 100, 0, ' %')} |")
        for where, answer in {"ours": entry["ours"], **entry["pytorch"]}.items():
            if "error" in answer:
                print(f"  {entry['architecture']} {entry['batch']} {entry['precision']}, {where}: not measured: "
                      f"{answer['error']}", file=sys.stderr)


def fastest(entries, what, key="seconds"):
    """The entry whose compared[what][key] is smallest; {} if there is none."""
    found = [e for e in entries if e["compared"][what][key] is not None]
    return min(found, key=lambda e: e["compared"][what][key], default={})


def print_goals(results):
    """Whatever the precision: ours at its fastest beside PyTorch at its fastest, in batches of 512 on a GPU."""
    for net in (roofline.MLP, roofline.CONV):
        entries = [e for e in results["networks"] if e["architecture"] == net.architecture and e["batch"] <= 512]
        for what in ("training", "training_uploaded"):
            ours, theirs = fastest(entries, what), fastest(entries, what, "best_pytorch")
            found = ours["compared"][what] if ours else {"share_of_roofline": None}
            times = theirs["compared"][what]["best_pytorch"] / found["seconds"] if ours and theirs else None
            print(f"{net.architecture}, {what.replace('_', ', ')}: {shown(times)} times the best PyTorch (goal "
                  f"{GOAL_TIMES[net.architecture]}), {shown(found['share_of_roofline'], 100, 0, ' %')} of the roofline "
                  f"(goal {100 * GOAL_SHARE:.0f} %)")
        ours, here, there, alone = fastest(entries, "scoring_uploaded"), None, None, fastest(entries, "latency")
        if ours:
            found = ours["compared"]["scoring_uploaded"]
            here = roofline.SURVEY * found["seconds"] / ours["batch"]
            if found["share_of_roofline"]:
                there = roofline.SURVEY / found["share_of_roofline"] * roofline.scoring_seconds(
                    net, ours["batch"], ours["precision"], roofline.A4000)
        latency = alone["compared"]["latency"]["seconds"] if alone else None
        print(f"{net.architecture}, 1.6 M spectra scored from host memory: {shown(here, 1, 1, ' s')} here, "
              f"{shown(there, 1, 1, ' s')} on an RTX A4000 at the same share of its roofline (goal {GOAL_SURVEY:.0f} s); "
              f"one spectrum: {shown(latency, 1e3, 2, ' ms')} (goal {1e3 * GOAL_LATENCY:.0f} ms)")


def environment():
    def said(*command):
        try:
            return subprocess.run(command, capture_output=True, text=True, timeout=20, check=True).stdout.strip()
        except (OSError, subprocess.SubprocessError):
            return ""
    return {"date": datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
            "commit": said("git", "-C", str(HERE), "describe", "--always", "--dirty") or os.environ.get("COMMIT", ""),
            "gpu": said("nvidia-smi", "--query-gpu=name,driver_version,memory.total", "--format=csv,noheader"),
            "cuda": said("nvcc", "--version").rpartition("release ")[2].partition(",")[0],
            "machine": platform.machine(), "cores": os.cpu_count()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("out")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cuda")
    parser.add_argument("--torch", default="")
    parser.add_argument("--budget", type=float, default=330)
    session = Session(parser.parse_args())
    steps = session.out / "steps.tsv"
    results = {**environment(), "networks": [],
               "steps": [line.split("\t") for line in steps.read_text().splitlines()] if steps.exists() else []}
    results["ceilings"] = session.ceilings() if session.cuda else {}
    cases = ON_CUDA if session.cuda else ON_CPU
    for net, batch, precision, _ in cases:
        results["networks"].append({**vars(net), "batch": batch, "precision": precision, "pytorch": {},
                                    "ours": session.ours(net, batch, precision)})
    for entry, (net, batch, precision, modes) in zip(results["networks"], cases):
        entry["pytorch"] = session.peers(net, batch, precision, modes)
        for each, (its, *_) in zip(results["networks"], cases):
            compare(each, its, results["ceilings"])
        complete = session.out / "results.json.new"
        complete.write_text(json.dumps(results, indent=1))
        complete.rename(session.out / "results.json")
    print_table(results)
    print(f"\nCeilings: {json.dumps(results['ceilings'])}")
    print_goals(results)
    return 1 if session.failed else 0


if __name__ == "__main__":
    sys.exit(main())
