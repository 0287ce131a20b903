// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/foreign_table.h"
#include "fits/table_reader.h"

namespace voorwerp::exporting {

namespace {

constexpr std::int64_t kBlock = 2000;

class FitsForeignTable : public ForeignTable
{
public:
    explicit FitsForeignTable(const std::filesystem::path& path)
        : m_reader(path)
    {
        for (const fits::TableColumn& column : m_reader.columns())
            m_columns.push_back({column.name, column.type, column.unit, column.ucd, column.description});
    }

    const std::vector<ForeignColumn>& columns() const override { return m_columns; }
    std::string format() const override { return "FITS"; }
    std::vector<std::string> notes() const override { return m_reader.notes(); }
    double fractionRead() const override
    {
        return static_cast<double>(m_row) / static_cast<double>(m_reader.rows());
    }

    bool next(ForeignRow& row) override
    {
        if (m_row == m_reader.rows())
            return false;
        const std::int64_t inBlock = m_row % kBlock;
        if (inBlock == 0)
            m_cells = m_reader.read(m_row, kBlock);
        row.number = static_cast<std::size_t>(++m_row);
        row.place = "row " + std::to_string(m_row);
        row.problem.clear();
        row.cells.clear();
        for (auto& column : m_cells)
            row.cells.push_back(std::move(column[static_cast<std::size_t>(inBlock)]));
        return true;
    }

private:
    fits::TableReader m_reader;
    std::vector<ForeignColumn> m_columns;
    std::vector<std::vector<std::optional<std::string>>> m_cells;
    std::int64_t m_row = 0;
};

} // namespace

std::unique_ptr<ForeignTable> openFitsTable(const std::filesystem::path& path)
{
    return std::make_unique<FitsForeignTable>(path);
}

} // namespace voorwerp::exporting
