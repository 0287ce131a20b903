// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "train/schedule.h"
#include "train/train_config.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>

using namespace voorwerp::train;
using nlohmann::json;
namespace nn = voorwerp::nn;
using voorwerp::core::UserError;

namespace {
std::string messageOf(const json& settings)
{
    try {
        TrainConfig::fromJson(settings);
    } catch (const UserError& error) {
        return error.what();
    }
    return "no error";
}
} // namespace

TEST_CASE("Settings survive the way through JSON")
{
    TrainConfig config;
    config.apply("hidden=300,50");
    config.apply("latent=8");
    config.apply("learning_rate=2e-4");
    config.apply("likelihood=huber");
    config.apply("seed=77");
    CHECK(config.hidden == std::vector<std::size_t>{300, 50});
    CHECK(TrainConfig::fromJson(config.toJson()) == config);
    config.apply("decoder=64,256");
    CHECK(config.modelConfig(100).decoder == std::vector<std::size_t>{64, 256});
    config.apply("decoder=");
    CHECK(config.decoder.empty());
    CHECK(config.modelConfig(100).convolutions.empty());
    config.apply("architecture=conv");
    CHECK(config.modelConfig(100).convolutions ==
          std::vector<nn::ConvBlock>{{128, 5, 5}, {256, 11, 11}, {512, 21, 1}});
    config.apply("hidden=[64]");
    CHECK(config.hidden == std::vector<std::size_t>{64});
    CHECK(trainKeys().size() == config.toJson().size());
}

TEST_CASE("Wrong settings are refused by name with what is allowed")
{
    CHECK_THAT(messageOf({{"latnet", 8}}), Catch::Contains("'latnet'") && Catch::Contains("'latent'"));
    CHECK_THAT(messageOf({{"zzzzzzzz", 8}}),
               Catch::Contains("'zzzzzzzz'") && !Catch::Contains("did you mean"));
    CHECK_THAT(messageOf({{"latent", "many"}}), Catch::Contains("latent") && Catch::Contains("whole number"));
    CHECK_THAT(messageOf({{"latent", -3}}), Catch::Contains("latent"));
    CHECK_THAT(messageOf({{"latent", 2.5}}), Catch::Contains("latent"));
    CHECK_THAT(messageOf({{"latent", 0}}), Catch::Contains("1 to 512"));
    CHECK_THAT(messageOf({{"hidden", json::array()}}), Catch::Contains("0 layers"));
    CHECK_THAT(messageOf({{"hidden", {16, 0}}}), Catch::Contains("hidden"));
    CHECK_THAT(messageOf({{"learning_rate", "fast"}}), Catch::Contains("must be a number"));
    CHECK_THAT(messageOf({{"precision", "fp8"}}), Catch::Contains("allowed are fp32"));
    CHECK_THAT(messageOf({{"architecture", "rnn"}}), Catch::Contains("allowed are mlp, conv"));
    CHECK_THAT(messageOf({{"kernels", {5, 11}}}), Catch::Contains("3, 2 and 3 numbers"));
    CHECK_THAT(messageOf({{"architecture", "conv"}, {"kernels", {5, 10, 21}}}),
               Catch::Contains("must be odd"));
    CHECK_THAT(messageOf({{"architecture", "conv"}, {"channels", {8, 8, 7}}}),
               Catch::Contains("even number"));
    CHECK_THAT(messageOf({{"consistency", 1}}), Catch::Contains("no augmentation"));
    CHECK_THAT(messageOf({{"consistency", 1}, {"redshift_shift", 20}}), Catch::Equals("no error"));
    CHECK_THAT(messageOf(json::array()), Catch::Contains("JSON object"));
    CHECK(messageOf({{"latent", 8}}) == "no error");
}

TEST_CASE("A refused assignment leaves the settings as they were")
{
    TrainConfig config;
    CHECK_THROWS_AS(config.apply("latent=0"), UserError);
    CHECK_THROWS_AS(config.apply("latent"), UserError);
    CHECK_THROWS_AS(config.apply("=3"), UserError);
    CHECK(config == TrainConfig());
}

TEST_CASE("Learning rate and beta follow their schedules")
{
    TrainConfig config;
    config.learningRate = 1.0;
    config.warmup = 0.1;
    CHECK(learningRateAt(config, 0, 1000) < 0.05);
    CHECK(learningRateAt(config, 99, 1000) == Approx(1.0));
    CHECK(learningRateAt(config, 549, 1000) == Approx(0.5).epsilon(0.01));
    CHECK(learningRateAt(config, 999, 1000) == Approx(1e-4));
    config.schedule = "cosine";
    CHECK(learningRateAt(config, 49, 1000) == Approx(0.5));
    CHECK(learningRateAt(config, 999, 1000) == Approx(0.0).margin(1e-12));
    config.schedule = "constant";
    CHECK(learningRateAt(config, 999, 1000) == 1.0);
    config.beta = 2.0;
    config.betaWarmup = 0.5;
    CHECK(betaAt(config, 0, 1000) == 0.0);
    CHECK(betaAt(config, 250, 1000) == Approx(1.0));
    CHECK(betaAt(config, 500, 1000) == 2.0);
}

TEST_CASE("Each epoch shuffles all rows, the same way for the same seed")
{
    std::vector<std::size_t> rows(100);
    for (std::size_t i = 0; i < rows.size(); ++i)
        rows[i] = 3 * i;
    const auto first = shuffledRows(rows, 1, 0);
    CHECK(first == shuffledRows(rows, 1, 0));
    CHECK(first != shuffledRows(rows, 1, 1));
    CHECK(first != shuffledRows(rows, 2, 0));
    auto sorted = first;
    std::sort(sorted.begin(), sorted.end());
    CHECK(sorted == rows);
}
