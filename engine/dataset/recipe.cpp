// SPDX-License-Identifier: GPL-3.0-or-later
#include "dataset/recipe.h"

#include "core/error.h"
#include "core/file_io.h"
#include "core/resources.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>

namespace voorwerp::dataset {
namespace {

using nlohmann::json;

[[noreturn]] void fail(const std::string& what)
{
    throw core::UserError("Recipe: " + what,
                          "Compare it with the built-in recipe \"quasar\" (engine/dataset/README.md).");
}

/// An object whose members are taken one by one; what is left over at the end is unknown.
class ObjectReader
{
public:
    ObjectReader(const json& object, std::string where)
        : m_object(object)
        , m_where(std::move(where))
    {
        if (!object.is_object())
            fail(m_where + " is not a JSON object");
    }
    const json& at(const std::string& key)
    {
        const auto found = m_object.find(key);
        if (found == m_object.end())
            fail(m_where + " lacks the key \"" + key + "\"");
        m_taken.insert(key);
        return *found;
    }
    double number(const std::string& key, double least, double most)
    {
        const json& value = at(key);
        if (!value.is_number())
            fail("\"" + key + "\" in " + m_where + " is not a number");
        const double number = value.get<double>();
        if (!(number >= least && number <= most))
            fail("\"" + key + "\" in " + m_where + " must be from " + json(least).dump() + " to " +
                 json(most).dump() + ", not " + value.dump());
        return number;
    }
    std::size_t count(const std::string& key, double least, double most)
    {
        const double value = number(key, least, most);
        if (value != std::floor(value))
            fail("\"" + key + "\" in " + m_where + " must be a whole number");
        return static_cast<std::size_t>(value);
    }
    bool flag(const std::string& key)
    {
        const json& value = at(key);
        if (!value.is_boolean())
            fail("\"" + key + "\" in " + m_where + " must be true or false");
        return value.get<bool>();
    }
    std::string text(const std::string& key)
    {
        const json& value = at(key);
        if (!value.is_string())
            fail("\"" + key + "\" in " + m_where + " is not a text");
        return value.get<std::string>();
    }
    const json& list(const std::string& key)
    {
        const json& value = at(key);
        if (!value.is_array())
            fail("\"" + key + "\" in " + m_where + " is not a list");
        return value;
    }
    void finish() const
    {
        for (const auto& [key, value] : m_object.items()) {
            if (!m_taken.contains(key))
                fail("unknown key \"" + key + "\" in " + m_where);
        }
    }

private:
    const json& m_object;
    std::string m_where;
    std::set<std::string> m_taken;
};

constexpr double kAngstromLeast = 100.0, kAngstromMost = 50000.0, kLargestZ = 10.0;

core::LogGrid gridFrom(const json& object)
{
    ObjectReader reader(object, "\"grid\"");
    core::LogGrid grid;
    grid.firstAngstrom = reader.number("first_angstrom", kAngstromLeast, kAngstromMost);
    grid.lastAngstrom = reader.number("last_angstrom", kAngstromLeast, kAngstromMost);
    grid.pixels = reader.count("pixels", 16, 65536);
    reader.finish();
    if (grid.lastAngstrom <= grid.firstAngstrom)
        fail("the grid's last wavelength must be above its first");
    return grid;
}

NormalisationWindow windowFrom(const json& object)
{
    ObjectReader reader(object, "\"normalisation\"");
    NormalisationWindow window;
    window.firstAngstrom = reader.number("first_angstrom", kAngstromLeast, kAngstromMost);
    window.lastAngstrom = reader.number("last_angstrom", window.firstAngstrom, kAngstromMost);
    window.zFirst = reader.number("z_first", 0.0, kLargestZ);
    window.zLast = reader.number("z_last", window.zFirst, kLargestZ);
    window.compositeRatio = reader.number("composite_ratio", 1e-3, 1e3);
    reader.finish();
    return window;
}

SkyMaskSettings skyFrom(const json& object)
{
    ObjectReader reader(object, "\"sky\"");
    SkyMaskSettings sky;
    sky.enabled = reader.flag("enabled");
    sky.minIntensity = reader.number("minimum_intensity", 1e-6, 1e9);
    sky.halfWidthAngstrom = reader.number("half_width_angstrom", 0.0, 1000.0);
    for (const json& item : reader.list("ranges")) {
        ObjectReader range(item, "\"ranges\"");
        const double first = range.number("first_angstrom", 0.0, kAngstromMost);
        sky.ranges.push_back({first, range.number("last_angstrom", first, kAngstromMost)});
        range.finish();
    }
    sky.guardFraction = reader.number("guard_fraction", 0.0, 1.0);
    sky.guardHalfWidthAngstrom = reader.number("guard_half_width_angstrom", 5.0, 500.0);
    reader.finish();
    return sky;
}

void checkWindows(const Recipe& recipe)
{
    if (recipe.windows.empty())
        fail("there is no normalisation window");
    for (std::size_t i = 1; i < recipe.windows.size(); ++i) {
        if (recipe.windows[i].zFirst < recipe.windows[i - 1].zLast)
            fail("normalisation windows must be sorted by z_first and not overlap in z");
    }
    if (recipe.windows.front().zFirst > recipe.zFirst || recipe.windows.back().zLast < recipe.zLast)
        fail("the normalisation windows do not cover z_first to z_last");
}

} // namespace

Recipe Recipe::fromJson(const json& object)
{
    ObjectReader reader(object, "the recipe");
    if (reader.count("format", 0, 1e6) > static_cast<std::size_t>(kFormatVersion))
        fail("it was written by a newer version of the program");
    Recipe recipe;
    recipe.name = reader.text("name");
    recipe.description = reader.text("description");
    recipe.grid = gridFrom(reader.at("grid"));
    recipe.zFirst = reader.number("z_first", 0.0, kLargestZ);
    recipe.zLast = reader.number("z_last", recipe.zFirst, kLargestZ);
    for (const json& item : reader.list("normalisation"))
        recipe.windows.push_back(windowFrom(item));
    recipe.sky = skyFrom(reader.at("sky"));
    recipe.minimumIvar = reader.number("minimum_ivar", 0.0, 1e6);
    recipe.modelErrorFloor = reader.number("model_error_floor", 0.0, 1.0);
    recipe.deredden = reader.flag("deredden");
    recipe.minimumGoodPixels = reader.count("minimum_good_pixels", 1, 65536);
    recipe.minimumWindowPixels = reader.count("minimum_window_pixels", 1, 65536);
    reader.finish();
    checkWindows(recipe);
    return recipe;
}

json Recipe::toJson() const
{
    json windowList = json::array(), rangeList = json::array();
    for (const NormalisationWindow& w : windows) {
        windowList.push_back({{"first_angstrom", w.firstAngstrom},
                              {"last_angstrom", w.lastAngstrom},
                              {"z_first", w.zFirst},
                              {"z_last", w.zLast},
                              {"composite_ratio", w.compositeRatio}});
    }
    for (const WavelengthRange& r : sky.ranges)
        rangeList.push_back({{"first_angstrom", r.firstAngstrom}, {"last_angstrom", r.lastAngstrom}});
    const json gridObject{{"first_angstrom", grid.firstAngstrom},
                          {"last_angstrom", grid.lastAngstrom},
                          {"pixels", grid.pixels}};
    const json skyObject{{"enabled", sky.enabled},
                         {"minimum_intensity", sky.minIntensity},
                         {"half_width_angstrom", sky.halfWidthAngstrom},
                         {"ranges", rangeList},
                         {"guard_fraction", sky.guardFraction},
                         {"guard_half_width_angstrom", sky.guardHalfWidthAngstrom}};
    return {{"format", kFormatVersion},
            {"name", name},
            {"description", description},
            {"grid", gridObject},
            {"z_first", zFirst},
            {"z_last", zLast},
            {"normalisation", windowList},
            {"sky", skyObject},
            {"minimum_ivar", minimumIvar},
            {"model_error_floor", modelErrorFloor},
            {"deredden", deredden},
            {"minimum_good_pixels", minimumGoodPixels},
            {"minimum_window_pixels", minimumWindowPixels}};
}

Recipe Recipe::builtIn(const std::string& name)
{
    return fromJson(json::parse(core::resource("recipes/" + name + ".json")));
}

Recipe Recipe::byName(const std::string& name, const core::Workspace& workspace)
{
    namespace fs = std::filesystem;
    const bool isPath = name.find('/') != std::string::npos || name.ends_with(".json");
    const fs::path path = isPath ? fs::path(name) : workspace.recipes() / (name + ".json");
    if (!fs::exists(path)) {
        if (!isPath && core::findResource("recipes/" + name + ".json"))
            return builtIn(name);
        std::string known;
        for (const std::string& other : recipeNames(workspace))
            known += (known.empty() ? "" : ", ") + other;
        throw core::UserError("There is no recipe \"" + name + "\".",
                              "Recipes: " + known + "; or the path of a JSON file.");
    }
    try {
        return fromJson(json::parse(core::readText(path)));
    } catch (const json::parse_error& error) {
        throw core::UserError(path.string() + ": " + error.what(), "Correct the JSON.");
    } catch (const core::UserError& error) {
        throw core::UserError(path.string() + ": " + error.what(), error.remedy());
    }
}

std::string Recipe::hash() const
{
    const std::string text = toJson().dump();
    return core::sha256OfBytes(std::as_bytes(std::span(text)));
}

std::vector<std::string> recipeNames(const core::Workspace& workspace)
{
    std::set<std::string> names;
    for (const std::string& resource : core::resourceNames("recipes/"))
        names.insert(std::filesystem::path(resource).stem().string());
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(workspace.recipes(), ignored)) {
        if (entry.path().extension() == ".json")
            names.insert(entry.path().stem().string());
    }
    return {names.begin(), names.end()};
}

} // namespace voorwerp::dataset
