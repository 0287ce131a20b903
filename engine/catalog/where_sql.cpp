// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/where_sql.h"

#include "catalog/catalog_source.h"
#include "catalog/quasar_rule_sql.h"
#include "catalog/sky_sql.h"
#include "catalog/sql_values.h"
#include "catalog/where_tree.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace voorwerp::catalog {

namespace {

using Kind = WhereNode::Kind;

/// "{\"a\",\"b\"}" for a text[] parameter.
std::string textArray(const std::vector<std::unique_ptr<WhereNode>>& nodes)
{
    std::string text = "{";
    for (std::size_t i = 1; i < nodes.size(); ++i) {
        text += i == 1 ? "\"" : ",\"";
        for (const char c : nodes[i]->text) {
            if (c == '"' || c == '\\')
                text += '\\';
            text += c;
        }
        text += '"';
    }
    return text + "}";
}

bool fitsSingle(double value)
{
    const double size = std::fabs(value);
    return value == 0.0 ||
           (size <= std::numeric_limits<float>::max() && size >= std::numeric_limits<float>::min());
}

class Compiler
{
public:
    Compiler(SqlParameters& parameters, const CatalogSource& source, const std::string& columnValue)
        : m_parameters(parameters)
        , m_source(source)
        , m_columnValue(columnValue)
    {
    }

    std::string condition(const WhereNode& node)
    {
        switch (node.kind) {
        case Kind::And:
            return joined(node, " AND ");
        case Kind::Or:
            return joined(node, " OR ");
        case Kind::Not:
            return complement(condition(*node.children[0]));
        case Kind::Compare:
            return compare(node);
        case Kind::In:
            return complementIf(node.negated, membership(node));
        case Kind::Between:
            return complementIf(node.negated, between(node));
        case Kind::IsNull:
            return "(" + value(*node.children[0]) + (node.negated ? " IS NOT NULL)" : " IS NULL)");
        case Kind::Like:
            return complementIf(node.negated, like(node));
        case Kind::Cone:
        case Kind::Box:
            return sky(node);
        case Kind::Matched:
            requireOwn(node);
            return matchedSql(node.children[0]->text, m_parameters);
        case Kind::Rule:
            return quasarRuleSql(node.text);
        default:
            throw WhereError("a value stands where a condition is expected", {}, node.position, node.length);
        }
    }

private:
    /// Everything that the condition does not hold for, rows without a value included.
    static std::string complement(const std::string& sql) { return "(NOT coalesce(" + sql + ", false))"; }
    static std::string complementIf(bool negated, std::string sql) { return negated ? complement(sql) : sql; }

    static bool isNumber(const WhereNode& node)
    {
        return node.kind == Kind::Real || node.kind == Kind::Integer;
    }
    static bool isLiteral(const WhereNode& node) { return isNumber(node) || node.kind == Kind::Text; }

    std::string joined(const WhereNode& node, const char* word)
    {
        std::string sql = "(";
        for (const auto& child : node.children)
            sql += (sql.size() > 1 ? word : "") + condition(*child);
        return sql + ")";
    }

    /// A literal beside a real column is rounded as the column's values were: ebv = 0.1 finds 0.1.
    std::string operand(const WhereNode& node, const WhereNode& other)
    {
        if (isNumber(node) && other.column != nullptr && other.column->single && fitsSingle(node.real))
            return m_parameters.add(numberText(node.real), "float4");
        return value(node);
    }

    std::string compare(const WhereNode& node)
    {
        const WhereNode& left = *node.children[0];
        const WhereNode& right = *node.children[1];
        if (node.text == "<>")
            return anyBit(left);
        const std::string first = operand(left, right);
        const bool differs = node.text == "!=";
        // The planner knows how often this holds; with two columns it would not hold where both have no
        // value.
        if (differs && (isLiteral(left) || isLiteral(right)))
            return "(" + first + " IS DISTINCT FROM " + operand(right, left) + ")";
        const std::string test =
            "(" + first + (differs ? " = " : " " + node.text + " ") + operand(right, left) + ")";
        return complementIf(differs, amongMatched(node, test));
    }

    /// The planner takes a range for rare, as set bits mostly are, and "not 0" for common.
    std::string anyBit(const WhereNode& bits)
    {
        const std::string set = value(bits);
        for (const auto& mask : bits.children)
            if (mask->kind == Kind::Integer && mask->integer > 0)
                return "(" + set + " BETWEEN 1 AND " + m_parameters.add(numberText(mask->integer), "int8") +
                       ")";
        return "(" + set + " <> 0)";
    }

    std::string like(const WhereNode& node)
    {
        const std::string text = value(*node.children[0]);
        return "(" + text + " ILIKE " + value(*node.children[1]) + " ESCAPE '')";
    }

    std::string membership(const WhereNode& node)
    {
        const WhereNode& left = *node.children[0];
        std::string list;
        if (left.type == ValueType::Text) {
            list = m_parameters.add(textArray(node.children), "text[]");
        } else {
            const bool whole = std::all_of(node.children.begin() + 1, node.children.end(),
                                           [](const auto& child) { return child->kind == Kind::Integer; });
            const bool single = left.column != nullptr && left.column->single &&
                                std::all_of(node.children.begin() + 1, node.children.end(),
                                            [](const auto& child) { return fitsSingle(child->real); });
            list = m_parameters.add(numberArray(node, whole), single  ? "float4[]"
                                                              : whole ? "int8[]"
                                                                      : "float8[]");
        }
        return "(" + value(left) + " = ANY(" + list + "))";
    }

    static std::string numberArray(const WhereNode& node, bool whole)
    {
        std::string text = "{";
        for (std::size_t i = 1; i < node.children.size(); ++i) {
            const WhereNode& item = *node.children[i];
            text += (i > 1 ? "," : "") + (whole ? numberText(item.integer) : numberText(item.real));
        }
        return text + "}";
    }

    std::string between(const WhereNode& node)
    {
        const WhereNode& left = *node.children[0];
        std::string sql = "(" + value(left) + " BETWEEN ";
        sql += operand(*node.children[1], left) + " AND ";
        return amongMatched(node, sql + operand(*node.children[2], left) + ")");
    }

    std::string value(const WhereNode& node)
    {
        switch (node.kind) {
        case Kind::Column:
            return m_columnValue.empty() ? node.column->sql : m_columnValue;
        case Kind::Integer:
            return m_parameters.add(numberText(node.integer), "int8");
        case Kind::Real:
            return m_parameters.add(numberText(node.real), "float8");
        case Kind::Text:
            return m_parameters.add(node.text, "text");
        case Kind::Negate:
            return "(- (" + value(*node.children[0]) + ")::float8)";
        case Kind::Arithmetic:
            return arithmetic(node);
        case Kind::Separation:
            requireOwn(node);
            return matchSeparationSql(node.children[0]->text, m_parameters);
        case Kind::Function:
            return function(node);
        default:
            throw WhereError("a condition stands where a value is expected", {}, node.position, node.length);
        }
    }

    /// Within 1e-100 to 1e100, or 0: numbers of single precision, whole ones, and plain ones that were typed.
    static bool isTame(const WhereNode& node)
    {
        const double size = std::fabs(node.real);
        return node.type == ValueType::Integer || (node.column != nullptr && node.column->single) ||
               (node.kind == Kind::Real && (size == 0.0 || (size > 1e-100 && size < 1e100)));
    }

    std::string real(const WhereNode& node) { return "(" + value(node) + ")::float8"; }

    std::string arithmetic(const WhereNode& node)
    {
        const WhereNode& left = *node.children[0];
        const WhereNode& right = *node.children[1];
        const std::string first = value(left);
        if (node.text == "&")
            return "((" + first + ")::int8 & (" + value(right) + ")::int8)";
        return arithmeticSql("(" + first + ")::float8", node.text[0], real(right),
                             isTame(left) && isTame(right));
    }

    std::string function(const WhereNode& node)
    {
        std::vector<std::string> operands;
        for (const auto& child : node.children)
            operands.push_back(real(*child));
        return node.function->sql(operands);
    }

    std::string sky(const WhereNode& node)
    {
        const auto argument = [&node](std::size_t i) { return node.children[i]->real; };
        return node.kind == Kind::Cone
                   ? m_source.cone(argument(0), argument(1), argument(2), m_parameters)
                   : boxSql(argument(0), argument(1), argument(2), argument(3), m_parameters);
    }

    /// A test of a separation holds for matched spectra only; asking for those first lets an index answer.
    std::string amongMatched(const WhereNode& node, std::string sql)
    {
        for (const auto& child : node.children)
            if (child->kind == Kind::Separation)
                sql = "(" + matchedSql(child->children[0]->text, m_parameters) + " AND " + sql + ")";
        return sql;
    }

    /// Imported catalogues are in the schema voorwerp.
    void requireOwn(const WhereNode& node) const
    {
        if (m_source.isProduction())
            throw WhereError("a server that is only browsed has no imported catalogues",
                             "Use cone() or box() here, or match in a workspace.", node.position,
                             node.length);
    }

    SqlParameters& m_parameters;
    const CatalogSource& m_source;
    const std::string& m_columnValue;
};

} // namespace

std::string SqlParameters::add(std::optional<std::string> value, const char* type)
{
    m_values.push_back(std::move(value));
    return "$" + std::to_string(m_values.size()) + "::" + type;
}

pqxx::result SqlParameters::run(pqxx::transaction_base& work, const std::string& sql) const
{
    std::vector<const char*> values;
    values.reserve(m_values.size());
    for (const auto& value : m_values)
        values.push_back(value ? value->c_str() : nullptr);
    return work.exec_params(sql, pqxx::prepare::make_dynamic_params(values));
}

std::string compileWhere(const std::string& expression, bool withModel, SqlParameters& parameters,
                         const CatalogSource* source)
{
    static const CatalogSource own;
    return compileTree(parseWhere(expression, withModel).get(), parameters,
                       source != nullptr ? *source : own);
}

std::string compileTree(const WhereNode* root, SqlParameters& parameters, const CatalogSource& source,
                        const std::string& value)
{
    return root != nullptr ? Compiler(parameters, source, value).condition(*root) : "true";
}

} // namespace voorwerp::catalog
