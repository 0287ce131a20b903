// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/cpu/order_terms.h"

#include <cmath>

namespace voorwerp::nn {

namespace {

double sigmoid(double x)
{
    return 1.0 / (1.0 + std::exp(-x));
}

/// Σ(s' − s)²/(0.25·S) of one row; aug and mean are its two rows of the head.
template <class T> double distance(std::size_t latent, const T* mean, const T* augmented)
{
    double sum = 0.0;
    for (std::size_t j = 0; j < latent; ++j) {
        const double apart = static_cast<double>(augmented[j]) - static_cast<double>(mean[j]);
        sum += apart * apart;
    }
    return sum / (kConsistencyScale * static_cast<double>(latent));
}

} // namespace

template <class T> double consistency(std::size_t rows, std::size_t latent, const T* head)
{
    double sum = 0.0;
    for (std::size_t row = 0; row < rows; ++row)
        sum += sigmoid(distance(latent, head + row * 2 * latent, head + (rows + row) * 2 * latent)) - 0.5;
    return sum / static_cast<double>(rows);
}

template <class T>
void addConsistencyGradient(std::size_t rows, std::size_t latent, T weight, const T* head, T* headDelta)
{
    const double scale = static_cast<double>(weight) / static_cast<double>(rows) * 2.0 /
                         (kConsistencyScale * static_cast<double>(latent));
    for (std::size_t row = 0; row < rows; ++row) {
        const std::size_t mean = row * 2 * latent, augmented = (rows + row) * 2 * latent;
        const double s = sigmoid(distance(latent, head + mean, head + augmented));
        const T slope = static_cast<T>(scale * s * (1.0 - s));
        for (std::size_t j = 0; j < latent; ++j) {
            const T change = slope * (head[augmented + j] - head[mean + j]);
            headDelta[augmented + j] += change;
            headDelta[mean + j] -= change;
        }
    }
}

template <class T>
double Similarity<T>::value(std::size_t rows, std::size_t latent, std::size_t pixels, const T* latents,
                            const T* models, double slope)
{
    m_rows = rows;
    m_latent = latent;
    m_pixels = pixels;
    for (AlignedBuffer<T>* buffer : {&m_models, &m_latents, &m_slope})
        buffer->ensure(rows * rows);
    m_product({false, true, rows, rows, pixels, models, pixels, models, pixels, m_models.data(), rows});
    m_product({false, true, rows, rows, latent, latents, latent, latents, latent, m_latents.data(), rows});
    const auto apart = [&](const AlignedBuffer<T>& products, std::size_t i, std::size_t j) {
        const T* p = products.data();
        return static_cast<double>(p[i * rows + i] + p[j * rows + j] - T(2) * p[i * rows + j]);
    };
    double sum = 0.0;
    for (std::size_t i = 0; i < rows; ++i)
        m_slope.data()[i * rows + i] = T(0);
    for (std::size_t i = 0; i < rows; ++i)
        for (std::size_t j = 0; j < i; ++j) {
            const double d = slope * (apart(m_latents, i, j) / static_cast<double>(latent) -
                                      kSimilarityScale * apart(m_models, i, j) / static_cast<double>(pixels));
            const double above = sigmoid(d - 0.5 * kSimilarityWidth);
            const double below = sigmoid(-d - 0.5 * kSimilarityWidth);
            sum += 2.0 * (above + below);
            const T change = static_cast<T>(slope * (above * (1.0 - above) - below * (1.0 - below)));
            m_slope.data()[i * rows + j] = m_slope.data()[j * rows + i] = -change;
            m_slope.data()[i * rows + i] += change;
            m_slope.data()[j * rows + j] += change;
        }
    return sum / static_cast<double>(rows);
}

// d(term)/dz_i = 4/(S·rows)·Σ_j slope_ij·(z_i − z_j): each pair counts twice, and m_slope holds row sums less
// slopes.

template <class T> const T* Similarity<T>::modelGradient(T weight, const T* models)
{
    m_byModel.ensure(m_rows * m_pixels);
    m_product({false, false, m_rows, m_pixels, m_rows, m_slope.data(), m_rows, models, m_pixels,
               m_byModel.data(), m_pixels});
    const T scale = static_cast<T>(-4.0 * kSimilarityScale / static_cast<double>(m_pixels * m_rows)) * weight;
    for (std::size_t i = 0; i < m_rows * m_pixels; ++i)
        m_byModel.data()[i] *= scale;
    return m_byModel.data();
}

template <class T> void Similarity<T>::addLatentGradient(T weight, const T* latents, T* latentDelta)
{
    m_byLatent.ensure(m_rows * m_latent);
    m_product({false, false, m_rows, m_latent, m_rows, m_slope.data(), m_rows, latents, m_latent,
               m_byLatent.data(), m_latent});
    const T scale = static_cast<T>(4.0 / static_cast<double>(m_latent * m_rows)) * weight;
    for (std::size_t i = 0; i < m_rows * m_latent; ++i)
        latentDelta[i] += scale * m_byLatent.data()[i];
}

template double consistency(std::size_t, std::size_t, const float*);
template double consistency(std::size_t, std::size_t, const double*);
template void addConsistencyGradient(std::size_t, std::size_t, float, const float*, float*);
template void addConsistencyGradient(std::size_t, std::size_t, double, const double*, double*);
template class Similarity<float>;
template class Similarity<double>;

} // namespace voorwerp::nn
