// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Inside the room: an expression as SQL text made of our own words, and the values that go beside it.

#include <optional>
#include <pqxx/pqxx>
#include <string>
#include <vector>

namespace voorwerp::catalog {

class CatalogSource;
struct WhereNode;

/// A query under construction: its parameters, in order. Each value is a text or NULL; the SQL says the type.
class SqlParameters
{
public:
    /// "$3::float8"
    std::string add(std::optional<std::string> value, const char* type);
    pqxx::result run(pqxx::transaction_base& work, const std::string& sql) const;
    std::size_t size() const { return m_values.size(); }

private:
    std::vector<std::optional<std::string>> m_values;
};

/// A condition for WHERE over the tables of fromTargets(); "true" for an empty expression. Throws WhereError.
/// source: whose tables they are; null: the schema voorwerp's.
std::string compileWhere(const std::string& expression, bool withModel, SqlParameters& parameters,
                         const CatalogSource* source = nullptr);
/// The same of a tree; null: everything. value: SQL that stands for every column; empty: their own.
std::string compileTree(const WhereNode* root, SqlParameters& parameters, const CatalogSource& source,
                        const std::string& value = {});

} // namespace voorwerp::catalog
