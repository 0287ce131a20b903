// SPDX-License-Identifier: GPL-3.0-or-later
// The loops of a convolutional block on one row, channels-last: (positions, channels). Part of
// kernels_body.h.

#ifndef VOORWERP_NN_ISA
#error "include from kernels_body.h"
#endif

namespace voorwerp::nn::VOORWERP_NN_ISA {
namespace {

/// Calls work(first channel, number of channels) over blocks of one vector; sums over positions are kept in
/// it.
template <class T, class Work> void forChannels(std::size_t channels, Work work)
{
    for (std::size_t first = 0; first < channels; first += kLanes<T>)
        work(first, channels - first < kLanes<T> ? channels - first : kLanes<T>);
}

template <class T> void normalise(std::size_t positions, std::size_t channels, T* values, T* inverseDeviation)
{
    const T share = T(1) / static_cast<T>(positions);
    forChannels<T>(channels, [&](std::size_t first, std::size_t width) {
        T mean[kLanes<T>] = {}, variance[kLanes<T>] = {};
        for (std::size_t p = 0; p < positions; ++p)
            for (std::size_t lane = 0; lane < width; ++lane)
                mean[lane] += values[p * channels + first + lane];
        for (T& sum : mean)
            sum *= share;
        for (std::size_t p = 0; p < positions; ++p)
            for (std::size_t lane = 0; lane < width; ++lane) {
                const T apart = values[p * channels + first + lane] - mean[lane];
                variance[lane] += apart * apart;
            }
        for (T& sum : variance)
            sum = T(1) / std::sqrt(sum * share + T(kNormEpsilon));
        for (std::size_t p = 0; p < positions; ++p)
            for (std::size_t lane = 0; lane < width; ++lane) {
                T& value = values[p * channels + first + lane];
                value = (value - mean[lane]) * variance[lane];
            }
        for (std::size_t lane = 0; lane < width; ++lane)
            inverseDeviation[first + lane] = variance[lane];
    });
}

template <class T>
void normaliseBackward(std::size_t positions, std::size_t channels, const T* normal,
                       const T* inverseDeviation, T* delta)
{
    const T share = T(1) / static_cast<T>(positions);
    forChannels<T>(channels, [&](std::size_t first, std::size_t width) {
        T mean[kLanes<T>] = {}, along[kLanes<T>] = {};
        for (std::size_t p = 0; p < positions; ++p)
            for (std::size_t lane = 0; lane < width; ++lane) {
                const std::size_t i = p * channels + first + lane;
                mean[lane] += delta[i];
                along[lane] += delta[i] * normal[i];
            }
        for (std::size_t p = 0; p < positions; ++p)
            for (std::size_t lane = 0; lane < width; ++lane) {
                const std::size_t i = p * channels + first + lane;
                delta[i] = inverseDeviation[first + lane] *
                           (delta[i] - share * (mean[lane] + normal[i] * along[lane]));
            }
    });
}

template <class T>
void siluPool(std::size_t positions, std::size_t channels, std::size_t pool, const T* normal, T* out,
              std::uint8_t* largest)
{
    for (std::size_t window = 0; window * pool < positions; ++window) {
        const std::size_t begin = window * pool;
        const std::size_t count = positions - begin < pool ? positions - begin : pool;
        T* best = out + window * channels;
        std::uint8_t* which = largest + window * channels;
        for (std::size_t k = 0; k < count; ++k) {
            const T* x = normal + (begin + k) * channels;
            for (std::size_t c = 0; c < channels; ++c) {
                const T value = x[c] / (T(1) + exponential(-x[c]));
                const bool take = k == 0 || value > best[c];
                best[c] = take ? value : best[c];
                which[c] = take ? static_cast<std::uint8_t>(k) : which[c];
            }
        }
    }
}

template <class T>
void siluPoolBackward(std::size_t positions, std::size_t channels, std::size_t pool, const T* normal,
                      const std::uint8_t* largest, const T* outDelta, T* delta)
{
    for (std::size_t p = 0; p < positions; ++p) {
        const std::size_t window = p / pool;
        const auto place = static_cast<std::uint8_t>(p - window * pool);
        for (std::size_t c = 0; c < channels; ++c) {
            const T x = normal[p * channels + c];
            const T sigmoid = T(1) / (T(1) + exponential(-x));
            const T slope = sigmoid * (T(1) + x * (T(1) - sigmoid));
            const bool taken = largest[window * channels + c] == place;
            delta[p * channels + c] = taken ? slope * outDelta[window * channels + c] : T(0);
        }
    }
}

template <class T> void attend(std::size_t positions, std::size_t channels, T* values, T* out)
{
    const std::size_t half = channels / 2;
    forChannels<T>(half, [&](std::size_t first, std::size_t width) {
        T highest[kLanes<T>], sum[kLanes<T>] = {}, seen[kLanes<T>] = {};
        for (std::size_t lane = 0; lane < width; ++lane)
            highest[lane] = values[half + first + lane];
        for (std::size_t p = 1; p < positions; ++p)
            for (std::size_t lane = 0; lane < width; ++lane) {
                const T value = values[p * channels + half + first + lane];
                highest[lane] = value > highest[lane] ? value : highest[lane];
            }
        for (std::size_t p = 0; p < positions; ++p)
            for (std::size_t lane = 0; lane < width; ++lane) {
                T& logit = values[p * channels + half + first + lane];
                logit = exponential(logit - highest[lane]);
                sum[lane] += logit;
                seen[lane] += logit * values[p * channels + first + lane];
            }
        for (std::size_t p = 0; p < positions; ++p)
            for (std::size_t lane = 0; lane < width; ++lane)
                values[p * channels + half + first + lane] /= sum[lane];
        for (std::size_t lane = 0; lane < width; ++lane)
            out[first + lane] = seen[lane] / sum[lane];
    });
}

template <class T>
void attendBackward(std::size_t positions, std::size_t channels, const T* values, const T* out,
                    const T* outDelta, T* delta)
{
    const std::size_t half = channels / 2;
    for (std::size_t p = 0; p < positions; ++p) {
        const T* seen = values + p * channels;
        const T* share = seen + half;
        for (std::size_t c = 0; c < half; ++c) {
            delta[p * channels + c] = outDelta[c] * share[c];
            delta[p * channels + half + c] = outDelta[c] * share[c] * (seen[c] - out[c]);
        }
    }
}

} // namespace
} // namespace voorwerp::nn::VOORWERP_NN_ISA
