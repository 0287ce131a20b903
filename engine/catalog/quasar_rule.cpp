// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/quasar_rule.h"

#include "catalog/names.h"
#include "catalog/quasar_rule_sql.h"
#include "catalog/sql_values.h"
#include "catalog/where_tree.h"
#include "core/error.h"
#include "core/resources.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <set>

namespace voorwerp::catalog {

namespace {

// QSO_MASKBITS (desispec validredshifts.py, LSS qso_cat_utils.py).
constexpr std::int64_t kSpectypeBit = 2, kMgiiBit = 4, kQuasarNetBit = 8, kNewRedshiftBit = 16;

/// A parameter of a rule, and what it is in productions where it differs.
template <typename Value> struct Parameter
{
    Value usual{};
    std::vector<std::pair<std::vector<std::string>, Value>> released;

    const Value& of(const std::string& specprod) const
    {
        for (const auto& [productions, value] : released)
            if (std::find(productions.begin(), productions.end(), specprod) != productions.end())
                return value;
        return usual;
    }
    std::string sql(const std::function<std::string(const Value&)>& literal) const
    {
        std::string text;
        for (const auto& [productions, value] : released) {
            text += text.empty() ? "(CASE" : "";
            text += " WHEN t.specprod IN (";
            for (const std::string& name : productions)
                text += (name == productions.front() ? "'" : ", '") + name + "'";
            text += ") THEN " + literal(value);
        }
        return text.empty() ? literal(usual) : text + " ELSE " + literal(usual) + " END)";
    }
};

struct LowRedshiftCut
{
    double below = 0.0, offset = 0.0, slope = 0.0; ///< log10(DELTACHI2 + 1e-6) < offset + slope z fails
};

struct RuleData
{
    QuasarRule rule;
    bool byMaskbits = false; ///< else by SPECTYPE alone
    std::string objtype;     ///< empty: any
    std::vector<std::int64_t> zwarn;
    Parameter<float> confidence; ///< single precision, as QuasarNet's values and DESI's own comparison
    std::optional<Parameter<std::int64_t>> fiberstatus; ///< the bits that may be set
    std::optional<double> highestZ;
    std::optional<LowRedshiftCut> lowZ;
};

std::int64_t bitsOf(const nlohmann::json& numbers)
{
    std::int64_t bits = 0;
    for (const auto& number : numbers)
        bits |= std::int64_t{1} << number.get<int>();
    return bits;
}

RuleData readRule(const nlohmann::json& json)
{
    RuleData data;
    data.rule = {json.at("id"), json.at("title"), json.at("source")};
    data.byMaskbits = json.at("quasar") == "qso_maskbits";
    data.objtype = json.value("objtype", "");
    data.zwarn = json.at("zwarn").get<std::vector<std::int64_t>>();
    data.confidence.usual = json.value("qn_confidence", 1.0F);
    if (json.contains("fiberstatus_bits"))
        data.fiberstatus = {bitsOf(json["fiberstatus_bits"]), {}};
    if (json.contains("highest_z"))
        data.highestZ = json["highest_z"].get<double>();
    if (json.contains("low_z")) {
        const auto& cut = json["low_z"];
        data.lowZ = {cut.at("below").get<double>(), cut.at("offset").get<double>(),
                     cut.at("slope").get<double>()};
    }
    for (const auto& release : json.value("releases", nlohmann::json::array())) {
        const auto productions = release.at("specprod").get<std::vector<std::string>>();
        if (release.contains("qn_confidence"))
            data.confidence.released.emplace_back(productions, release["qn_confidence"].get<float>());
        if (release.contains("fiberstatus_bits") && data.fiberstatus)
            data.fiberstatus->released.emplace_back(productions, bitsOf(release["fiberstatus_bits"]));
    }
    return data;
}

const std::vector<RuleData>& ruleTable()
{
    static const std::vector<RuleData> table = [] {
        const auto resource = nlohmann::json::parse(core::resource("quasar_rules.json"));
        std::vector<RuleData> rules;
        for (const auto& rule : resource.at("rules"))
            rules.push_back(readRule(rule));
        return rules;
    }();
    return table;
}

const RuleData& findData(const std::string& id)
{
    std::vector<std::string> ids;
    for (const RuleData& data : ruleTable()) {
        if (data.rule.id == id)
            return data;
        ids.push_back(data.rule.id);
    }
    throw core::UserError("there is no quasar rule '" + id.substr(0, 64) + "'",
                          didYouMean(id, ids, "Rules are " + ids[0] + " and " + ids.back() + "."));
}

const RuleData& usualRule()
{
    return ruleTable().front();
}

std::string lowRedshiftSql(const LowRedshiftCut& cut)
{
    const std::string z = zQsoSql();
    const std::string gap = "(CASE WHEN (" + qsoMaskbitsSql() + " & " + numberText(kNewRedshiftBit) +
                            ") <> 0 THEN coalesce(t.deltachi2_new, t.deltachi2) ELSE t.deltachi2 END)";
    // The same as log10(gap + 1e-6) < offset + slope z, for every number.
    return "coalesce(" + z + " < " + numberText(cut.below) + " AND " + gap + " + 1e-6 < power(10, least(" +
           numberText(cut.offset) + " + (" + numberText(cut.slope) + ") * greatest(" + z +
           ", -1), 300)), false)";
}

void collectRules(const WhereNode& node, std::set<std::string>& ids)
{
    if (node.kind == WhereNode::Kind::Rule)
        ids.insert(node.text);
    for (const auto& child : node.children)
        collectRules(*child, ids);
}

} // namespace

const std::vector<QuasarRule>& quasarRules()
{
    static const std::vector<QuasarRule> rules = [] {
        std::vector<QuasarRule> list;
        for (const RuleData& data : ruleTable())
            list.push_back(data.rule);
        return list;
    }();
    return rules;
}

const QuasarRule& findQuasarRule(const std::string& id)
{
    return findData(id).rule;
}

std::string withQuasarRule(const std::string& where, const std::string& id)
{
    if (id.empty())
        return where;
    const std::string rule = "rule('" + findQuasarRule(id).id + "')";
    return where.empty() ? rule : "(" + where + ") and " + rule;
}

std::string quasarRulesOf(const std::string& where)
{
    std::set<std::string> ids;
    if (const auto root = parseWhere(where, true))
        collectRules(*root, ids);
    std::string joined;
    for (const std::string& id : ids)
        joined += (joined.empty() ? "" : ", ") + id;
    return joined;
}

std::int64_t qsoMaskbits(const core::TargetInfo& info)
{
    const core::QuasarFacts& facts = info.quasar;
    if (facts.qsoMaskbits)
        return *facts.qsoMaskbits;
    std::int64_t bits = info.redshift && info.redshift->spectype == "QSO" ? kSpectypeBit : 0;
    bits |= facts.isQsoMgii.value_or(false) ? kMgiiBit : 0;
    const float least = usualRule().confidence.of(info.key.specprod);
    if (std::any_of(facts.confidence.begin(), facts.confidence.end(), [&](float c) { return c > least; }))
        bits |= kQuasarNetBit | (facts.isQsoQnNewRr.value_or(false) ? kNewRedshiftBit : 0);
    return bits;
}

double zQso(const core::TargetInfo& info)
{
    if ((qsoMaskbits(info) & kNewRedshiftBit) != 0 && std::isfinite(info.quasar.zNew))
        return info.quasar.zNew;
    return info.redshift ? info.redshift->z : core::TargetInfo::kNaN;
}

const std::string& qsoMaskbitsSql()
{
    static const std::string sql = [] {
        const std::string least =
            usualRule().confidence.sql([](float value) { return numberText(value) + "::float4"; });
        const auto bit = [](std::int64_t value) { return numberText(value); };
        return "coalesce(t.qso_maskbits, CASE WHEN t.spectype = 'QSO' THEN " + bit(kSpectypeBit) +
               " ELSE 0 END + CASE WHEN t.is_qso_mgii = 1 THEN " + bit(kMgiiBit) +
               " ELSE 0 END + CASE WHEN greatest(t.c_lya, t.c_civ, t.c_ciii, t.c_mgii, t.c_hbeta, "
               "t.c_halpha) > " +
               least + " THEN " + bit(kQuasarNetBit) + " + CASE WHEN t.is_qso_qn_new_rr = 1 THEN " +
               bit(kNewRedshiftBit) + " ELSE 0 END ELSE 0 END)";
    }();
    return sql;
}

const std::string& zQsoSql()
{
    static const std::string sql = "(CASE WHEN (" + qsoMaskbitsSql() + " & " + numberText(kNewRedshiftBit) +
                                   ") <> 0 THEN coalesce(t.z_new, t.z) ELSE t.z END)";
    return sql;
}

std::string quasarRuleSql(const std::string& id)
{
    const RuleData& data = findData(id);
    std::string sql = "(" + (data.byMaskbits ? qsoMaskbitsSql() + " > 0" : "t.spectype = 'QSO'");
    sql += " AND t.zwarn = ANY('" + arrayText(data.zwarn) + "'::int8[])";
    if (!data.objtype.empty())
        sql += " AND t.objtype = '" + data.objtype + "'";
    if (data.fiberstatus)
        sql += " AND (t.coadd_fiberstatus & ~ " +
               data.fiberstatus->sql([](std::int64_t bits) { return numberText(bits) + "::int8"; }) + ") = 0";
    if (data.highestZ)
        sql += " AND " + zQsoSql() + " <= " + numberText(*data.highestZ);
    if (data.lowZ)
        sql += " AND NOT " + lowRedshiftSql(*data.lowZ);
    return sql + ")";
}

} // namespace voorwerp::catalog
