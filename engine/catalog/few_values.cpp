// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/few_values.h"

#include "catalog/catalog_source.h"
#include "catalog/session.h"
#include "catalog/sql_values.h"
#include "catalog/where_sql.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace voorwerp::catalog {

namespace {

using Kind = WhereNode::Kind;
using Node = std::unique_ptr<WhereNode>;

constexpr int kMostValues = 64;

Node made(Kind kind, ValueType type)
{
    auto node = std::make_unique<WhereNode>();
    node->kind = kind;
    node->type = type;
    return node;
}

Node columnNode(const ColumnSpec& column)
{
    Node node =
        made(Kind::Column, column.info.type == ColumnType::Text ? ValueType::Text : ValueType::Integer);
    node->column = &column;
    return node;
}

/// Adds the columns below; false where the answer depends on more than columns.
bool collectColumns(const WhereNode& node, std::vector<const ColumnSpec*>& columns)
{
    switch (node.kind) {
    case Kind::Cone:
    case Kind::Box:
    case Kind::Matched:
    case Kind::Separation:
    case Kind::Rule:
        return false;
    case Kind::Column:
        if (std::find(columns.begin(), columns.end(), node.column) == columns.end())
            columns.push_back(node.column);
        return true;
    default:
        return std::all_of(node.children.begin(), node.children.end(),
                           [&](const Node& child) { return collectColumns(*child, columns); });
    }
}

/// A column beside constants, as an index has it.
bool indexAnswers(const WhereNode& node)
{
    const bool plain = node.kind == Kind::Compare ? node.text != "<>" && node.text != "!="
                                                  : node.kind == Kind::In || node.kind == Kind::Between;
    const bool beside = plain && std::all_of(node.children.begin(), node.children.end(),
                                             [](const Node& child) { return child->children.empty(); });
    return (beside && !node.negated) || node.kind == Kind::IsNull;
}

const ColumnSpec* onlyFewValued(const WhereNode& node)
{
    std::vector<const ColumnSpec*> columns;
    const bool one = collectColumns(node, columns) && columns.size() == 1 && columns[0]->fewValues;
    return one && !indexAnswers(node) ? columns[0] : nullptr;
}

/// The values of a column, each by one step along its index, and at last NULL, with what the test says of
/// them.
std::string valuesSql(const std::string& column, const std::string& test)
{
    const std::string from = "(SELECT " + column + " FROM voorwerp.target t WHERE " + column;
    const std::string first = " ORDER BY " + column + " LIMIT 1)";
    return "WITH RECURSIVE few (value, step) AS (SELECT " + from + " IS NOT NULL" + first +
           ", 1 UNION ALL SELECT " + from + " > few.value" + first +
           ", step + 1 FROM few WHERE few.value IS NOT NULL AND step <= " + std::to_string(kMostValues) +
           ") SELECT few.value, coalesce(" + test + ", false) FROM few";
}

struct Passing
{
    Node values; ///< column in (...)
    bool withoutValue = false;
};

/// nullopt: there are too many.
std::optional<Passing> passing(const WhereNode& test, const ColumnSpec& column, pqxx::transaction_base& work)
{
    SqlParameters parameters;
    const std::string sql = valuesSql(column.sql, compileTree(&test, parameters, {}, "few.value"));
    const auto rows = parameters.run(work, sql);
    if (!rows.back()[0].is_null())
        return std::nullopt;
    Passing passing{made(Kind::In, ValueType::Boolean)};
    passing.values->children.push_back(columnNode(column));
    for (const auto& row : rows) {
        if (!row[1].as<bool>())
            continue;
        if (row[0].is_null()) {
            passing.withoutValue = true;
            continue;
        }
        const bool text = column.info.type == ColumnType::Text;
        Node value = made(text ? Kind::Text : Kind::Integer, text ? ValueType::Text : ValueType::Integer);
        if (text)
            value->text = textOf(row[0]);
        else
            value->integer = row[0].as<std::int64_t>();
        value->real = static_cast<double>(value->integer);
        passing.values->children.push_back(std::move(value));
    }
    return passing;
}

void replace(Node& node, const ColumnSpec& column, pqxx::transaction_base& work)
{
    auto found = passing(*node, column, work);
    if (!found)
        return;
    if (!found->withoutValue) {
        node = std::move(found->values);
        return;
    }
    Node isNull = made(Kind::IsNull, ValueType::Boolean);
    isNull->children.push_back(columnNode(column));
    node = made(Kind::Or, ValueType::Boolean);
    node->children.push_back(std::move(found->values));
    node->children.push_back(std::move(isNull));
}

void collectTests(Node& node, std::vector<Node*>& tests)
{
    if (onlyFewValued(*node) != nullptr)
        tests.push_back(&node);
    else if (node->kind == Kind::And || node->kind == Kind::Or)
        for (Node& child : node->children)
            collectTests(child, tests);
}

} // namespace

void useFewValues(std::unique_ptr<WhereNode>& root, const Database& database, const std::stop_token& stop)
{
    std::vector<Node*> tests;
    if (root)
        collectTests(root, tests);
    if (tests.empty())
        return;
    inTransaction(database, stop, [&](pqxx::work& work) {
        for (Node* test : tests)
            replace(*test, *onlyFewValued(**test), work);
    });
}

} // namespace voorwerp::catalog
