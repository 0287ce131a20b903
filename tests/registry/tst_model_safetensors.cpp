// SPDX-License-Identifier: GPL-3.0-or-later
#include "registry/model_safetensors.h"

#include "core/error.h"
#include "registry/sample_network.h"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace voorwerp;
using Catch::Matchers::Contains;
using registry::fromSafetensors;
using registry::Safetensors;

namespace {

std::string refusalOf(const Safetensors& content, const registry::ModelFile* templateModel = nullptr)
{
    try {
        fromSafetensors(content, templateModel, "w.safetensors");
    } catch (const core::FormatError& error) {
        CHECK_FALSE(error.remedy().empty());
        return error.what();
    }
    FAIL("the file was taken");
    return {};
}

} // namespace

TEST_CASE("an exported model comes back whole, its tensors being exactly the network's")
{
    const registry::ModelFile model = GENERATE(test::sampleNetwork(), test::sampleConvolutions());
    Safetensors content = registry::toSafetensors(model, "vae@3");
    CHECK(content.tensors == model.parameters);
    std::reverse(content.tensors.begin(), content.tensors.end()); // PyTorch has an order of its own
    const registry::ImportedModel back = fromSafetensors(content, nullptr, "w");
    CHECK(back.weightsAsExported);
    CHECK(back.exportedFrom == "vae@3");
    CHECK(back.model.config == model.config);
    CHECK(back.model.parameters == model.parameters);
    CHECK(back.model.latentDensity == model.latentDensity);
    CHECK(back.model.recipe == model.recipe);
    CHECK(back.model.lineage == model.lineage);
    CHECK(back.model.metrics == model.metrics);
    CHECK(back.model.golden.empty());
}

TEST_CASE("changed weights do not keep the density and metrics of the earlier ones")
{
    Safetensors content = registry::toSafetensors(test::sampleNetwork(), "vae@3");
    content.tensors[0].values[0] += 1.0F;
    const registry::ImportedModel back = fromSafetensors(content, nullptr, "w");
    CHECK_FALSE(back.weightsAsExported);
    CHECK(back.model.latentDensity.empty());
    CHECK(back.model.metrics.is_null());
    CHECK(back.model.parameters[0] == content.tensors[0]);
}

TEST_CASE("weights without metadata need a template, and take all but the weights from it")
{
    const registry::ModelFile model = test::sampleNetwork();
    Safetensors content = registry::toSafetensors(model, "vae@3");
    content.metadata = {{"format", "pt"}};
    content.tensors[2].values[1] = 0.25F;
    CHECK_THROWS_AS(fromSafetensors(content, nullptr, "w"), core::UserError);
    const registry::ImportedModel back = fromSafetensors(content, &model, "w");
    CHECK(back.model.config == model.config);
    CHECK(back.model.recipe == model.recipe);
    CHECK(back.model.lineage == model.lineage);
    CHECK(back.model.parameters[2].values[1] == 0.25F);
    CHECK(back.model.latentDensity.empty());
    CHECK_FALSE(back.weightsAsExported);
}

TEST_CASE("tensors that are not the network's are refused by name and shape")
{
    const registry::ModelFile model = test::sampleNetwork();
    const Safetensors good = registry::toSafetensors(model, "vae@3");
    Safetensors bad = good;
    bad.tensors.pop_back();
    CHECK_THAT(refusalOf(bad, &model), Contains("'input.mean' is missing"));
    bad = good;
    bad.tensors.push_back({"extra", {1}, {1}});
    CHECK_THAT(refusalOf(bad, &model), Contains("no 'extra'"));
    bad = good;
    std::swap(bad.tensors[0].shape[0], bad.tensors[0].shape[1]);
    CHECK_THAT(refusalOf(bad, &model), Contains("(74, 19) where (19, 74) is wanted"));
}

TEST_CASE("damaged or newer metadata are refused with what is wrong")
{
    const Safetensors good = registry::toSafetensors(test::sampleNetwork(), "vae@3");
    const auto refusalWith = [&](const char* key, const char* text) {
        Safetensors bad = good;
        if (text == nullptr)
            bad.metadata.erase(key);
        else
            bad.metadata[key] = text;
        return refusalOf(bad);
    };
    CHECK_THAT(refusalWith("voorwerp.format", "2"), Contains("format"));
    for (const char* key : {"voorwerp.config", "voorwerp.recipe", "voorwerp.lineage", "voorwerp.metrics",
                            "voorwerp.latent_density", "voorwerp.weights_sha256"})
        CHECK_THAT(refusalWith(key, nullptr), Contains(key));
    for (const char* key : {"voorwerp.config", "voorwerp.recipe", "voorwerp.lineage", "voorwerp.metrics",
                            "voorwerp.latent_density"})
        CHECK_THAT(refusalWith(key, "{"), Contains(key));
    refusalWith("voorwerp.config", "{}");
    refusalWith("voorwerp.latent_density", "[1]");
    CHECK_THAT(
        refusalWith("voorwerp.config",
                    R"({"architecture":"transformer","pixels":5,"hidden":[4],"latent":2,"input_clip":1})"),
        Contains("transformer"));
    CHECK_THAT(refusalWith("voorwerp.config",
                           R"({"architecture":"mlp","pixels":5,"hidden":[4],"latent":0,"input_clip":1})"),
               Contains("latent"));
}
