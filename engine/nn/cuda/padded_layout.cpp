// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/cuda/padded_layout.h"

#include <algorithm>

namespace voorwerp::nn::cuda {

/// Returns its offset on the device.
std::size_t PaddedLayout::add(std::size_t host, std::size_t rows, std::size_t columns, std::size_t paddedRows)
{
    const std::size_t offset = total;
    m_tensors.push_back({host, offset, rows, columns, padded(columns), host < layout.trained});
    total +=
        (paddedRows * padded(columns) + Layout::kAlignment - 1) / Layout::kAlignment * Layout::kAlignment;
    return offset;
}

PaddedLayout::PaddedLayout(const ModelConfig& config)
    : layout(Layout::of(config))
    , convolutions(layout.convolutions)
    , encoder(layout.encoder)
    , decoder(layout.decoder)
{
    for (ConvLayer& layer : convolutions) {
        layer.weight =
            add(layer.weight, layer.out * layer.kernel, layer.in, padded(layer.out) * layer.kernel);
        layer.in = padded(layer.in);
        layer.out = padded(layer.out);
    }
    for (std::vector<LinearLayer>* layers : {&encoder, &decoder})
        for (LinearLayer& layer : *layers)
            layer.weight = add(layer.weight, layer.out, layer.in, padded(layer.out));
    weights = total;
    for (std::vector<LinearLayer>* layers : {&encoder, &decoder})
        for (LinearLayer& layer : *layers) {
            layer.bias = add(layer.bias, 1, layer.out, 1);
            layer.in = padded(layer.in);
            layer.out = padded(layer.out);
        }
    if (layout.scatter != Layout::kNone)
        scatter = add(layout.scatter, 1, config.pixels, 1);
    trained = total;
    inputMean = add(layout.inputMean, 1, config.pixels, 1);
}

template <class Visit> void PaddedLayout::forRows(bool trainedOnly, Visit visit) const
{
    for (const Tensor& tensor : m_tensors)
        for (std::size_t row = 0; row < tensor.rows && (tensor.trained || !trainedOnly); ++row)
            visit(tensor.host + row * tensor.columns, tensor.device + row * tensor.stride, tensor.columns);
}

void PaddedLayout::toDevice(const float* arena, float* device, bool trainedOnly) const
{
    std::fill_n(device, trainedOnly ? trained : total, 0.0F);
    forRows(trainedOnly, [&](std::size_t host, std::size_t at, std::size_t columns) {
        std::copy_n(arena + host, columns, device + at);
    });
}

void PaddedLayout::fromDevice(const float* device, float* arena, bool trainedOnly) const
{
    std::fill_n(arena, trainedOnly ? layout.trained : layout.total, 0.0F);
    forRows(trainedOnly, [&](std::size_t host, std::size_t at, std::size_t columns) {
        std::copy_n(device + at, columns, arena + host);
    });
}

} // namespace voorwerp::nn::cuda
