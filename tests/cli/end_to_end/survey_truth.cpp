// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/end_to_end/survey_truth.h"

#include "fits/table_reader.h"

#include <algorithm>
#include <stdexcept>

namespace voorwerp::test {

namespace fs = std::filesystem;

namespace {

/// The first table of a file, by column name.
class FirstTable
{
public:
    explicit FirstTable(const fs::path& path)
        : m_reader(path)
        , m_cells(m_reader.read(0, m_reader.rows()))
    {
    }
    std::size_t rows() const { return static_cast<std::size_t>(m_reader.rows()); }
    const std::string& cell(const std::string& column, std::size_t row) const
    {
        const auto& columns = m_reader.columns();
        const auto found =
            std::find_if(columns.begin(), columns.end(), [&](const auto& c) { return c.name == column; });
        if (found == columns.end())
            throw std::out_of_range("no column " + column);
        return m_cells.at(static_cast<std::size_t>(found - columns.begin())).at(row).value();
    }

private:
    fits::TableReader m_reader;
    std::vector<std::vector<std::optional<std::string>>> m_cells;
};

} // namespace

std::vector<fs::path> coaddsOf(const fs::path& folder)
{
    std::vector<fs::path> coadds;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder))
        if (entry.path().filename().string().starts_with("coadd-"))
            coadds.push_back(entry.path());
    std::sort(coadds.begin(), coadds.end());
    return coadds;
}

std::vector<SurveyTarget> readSurvey(const fs::path& folder)
{
    std::vector<SurveyTarget> targets;
    for (const fs::path& coadd : coaddsOf(folder)) {
        const std::string name = coadd.filename().string();
        const FirstTable fibermap(coadd);
        const FirstTable redshifts(coadd.parent_path() / ("redrock" + name.substr(name.find('-'))));
        for (std::size_t row = 0; row < fibermap.rows(); ++row) {
            if (fibermap.cell("TARGETID", row) != redshifts.cell("TARGETID", row))
                throw std::runtime_error("rows of " + name + " and its redrock differ");
            targets.push_back({std::stoll(fibermap.cell("TARGETID", row)),
                               std::stod(fibermap.cell("TARGET_RA", row)),
                               std::stod(fibermap.cell("TARGET_DEC", row)),
                               std::stod(fibermap.cell("FLUX_G", row)), std::stod(redshifts.cell("Z", row)),
                               std::stoll(redshifts.cell("ZWARN", row)), redshifts.cell("SPECTYPE", row)});
        }
    }
    return targets;
}

} // namespace voorwerp::test
