// SPDX-License-Identifier: GPL-3.0-or-later
#include "train/divergence_watch.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <sstream>

namespace voorwerp::train {

using nlohmann::json;

namespace {

constexpr std::size_t kLooksToLearn = 20;  ///< before any is called strange
constexpr std::size_t kStrangeLooks = 5;   ///< in succession are a divergence
constexpr double kWindow = 50.0;           ///< looks that mean and variance remember
constexpr double kLargestZ = 6.0;          ///< standard deviations above the mean
constexpr double kLossExcess = 0.5;        ///< and by half the usual loss
constexpr double kGradientExcess = 2.3026; ///< and ten times the usual norm (natural logarithm)
constexpr double kSmallestNorm = 1e-30;

std::string sentence(const char* what, double value, double usual)
{
    std::ostringstream text;
    text.precision(3);
    text << what << " rose to " << value << ", where " << usual << " was usual";
    return text.str();
}

} // namespace

bool DivergenceWatch::Course::diverges(double value, double leastExcess)
{
    const double excess = value - mean;
    if (looks >= kLooksToLearn && excess > leastExcess && excess > kLargestZ * std::sqrt(variance))
        return ++strange >= kStrangeLooks;
    strange = 0;
    // West 1979, with weights that fall by 1/window a look; plain mean and variance before.
    const double weight = std::max(1.0 / kWindow, 1.0 / static_cast<double>(++looks));
    mean += weight * excess;
    variance = (1.0 - weight) * (variance + weight * excess * excess);
    return false;
}

void DivergenceWatch::add(const nn::Losses& losses)
{
    const auto steps = static_cast<double>(losses.steps);
    m_lossSum += steps * losses.objective;
    m_gradientSum += steps * losses.gradientNorm;
    m_steps += losses.steps;
}

std::optional<std::string> DivergenceWatch::look()
{
    if (m_steps == 0)
        return std::nullopt;
    const double loss = m_lossSum / static_cast<double>(m_steps);
    const double norm = std::max(m_gradientSum / static_cast<double>(m_steps), kSmallestNorm);
    m_lossSum = m_gradientSum = 0.0;
    m_steps = 0;
    const bool lossDiverges = m_loss.diverges(loss, kLossExcess * std::abs(m_loss.mean));
    const bool gradientDiverges = m_gradient.diverges(std::log(norm), kGradientExcess);
    if (lossDiverges)
        return sentence("the loss", loss, m_loss.mean);
    if (gradientDiverges)
        return sentence("the gradient's norm", norm, std::exp(m_gradient.mean));
    return std::nullopt;
}

json DivergenceWatch::toJson() const
{
    const auto course = [](const Course& c) { return json{c.mean, c.variance, c.looks, c.strange}; };
    return {{"sums", {m_lossSum, m_gradientSum, m_steps}},
            {"loss", course(m_loss)},
            {"gradient", course(m_gradient)}};
}

DivergenceWatch DivergenceWatch::fromJson(const json& object)
{
    const auto course = [](const json& c) { return Course{c.at(0), c.at(1), c.at(2), c.at(3)}; };
    DivergenceWatch watch;
    watch.m_lossSum = object.at("sums").at(0);
    watch.m_gradientSum = object.at("sums").at(1);
    watch.m_steps = object.at("sums").at(2);
    watch.m_loss = course(object.at("loss"));
    watch.m_gradient = course(object.at("gradient"));
    return watch;
}

} // namespace voorwerp::train
