// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Samples of the machine as plots and words: the GPU that computes, or processor and memory where none does.
// Plain functions.

#include "monitor/sample_log.h"
#include "widgets/trend_strip.h"

#include <QString>
#include <QStringList>

#include <optional>

namespace voorwerp::app {

/// Which GPU of a sample is shown, by NVML's number: the one that the driver lists this program on; else (in
/// a container) the one that the training names; nullopt: the processor computes, or there is no GPU.
std::optional<unsigned> shownGpu(const monitor::Sample& sample);

/// The log as plots; what is not known is NaN.
widgets::TrendSet machineTrends(const monitor::SampleLog& log, std::optional<unsigned> gpu);
/// The values of one sample, one for each plot of machineTrends(), with units.
QStringList machineCaptions(const monitor::Sample& sample, std::optional<unsigned> gpu);
/// "GPU 0, NVIDIA RTX A4000: step 1,240 of 8,000, epoch 3/40"; "No NVIDIA GPU, the processor computes: step
/// ..."
QString machineHeading(const monitor::Sample& sample, std::optional<unsigned> gpu);
/// What has no plot: who uses the GPU's memory, what holds its clocks back, the processor beside a GPU.
QString machineDetails(const monitor::Sample& sample, std::optional<unsigned> gpu);
/// "GPU 83 %", "CPU 93 %": for the status line; empty: not known.
QString machineUse(const monitor::Sample& sample);

} // namespace voorwerp::app
