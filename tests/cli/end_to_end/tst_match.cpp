// SPDX-License-Identifier: GPL-3.0-or-later
// Catalogues of other people over the command line: imported from each format, matched with a survey whose
// places the test knows, written to a file, and refused with a reason.
#include "cli/end_to_end/cli_process.h"
#include "cli/end_to_end/recovery.h"
#include "cli/end_to_end/survey_truth.h"
#include "fits/table_writer.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>

using namespace voorwerp;
using namespace voorwerp::test;
using Json = nlohmann::json;
using Catch::Matchers::Contains;

namespace {

constexpr double kOffsetArcsec = 0.5;
constexpr std::size_t kElsewhere = 5;

/// Every third target half an arcsecond to the north, then some places far from all of them.
struct Catalogue
{
    std::vector<std::string> names;
    std::vector<double> ra, dec;
    std::map<std::string, SurveyTarget> targets; ///< by the row's name

    explicit Catalogue(const std::vector<SurveyTarget>& survey)
    {
        for (std::size_t i = 0; i < survey.size(); i += 3) {
            add("J" + std::to_string(i) + ", \"near\"", survey[i].ra, survey[i].dec + kOffsetArcsec / 3600.0);
            targets.emplace(names.back(), survey[i]);
        }
        for (std::size_t i = 0; i < kElsewhere; ++i)
            add("far " + std::to_string(i), 200.0 + static_cast<double>(i), -80.0);
    }
    std::size_t rows() const { return names.size(); }

private:
    void add(const std::string& name, double rightAscension, double declination)
    {
        names.push_back(name);
        ra.push_back(rightAscension);
        dec.push_back(declination);
    }
};

std::string digits(double value)
{
    std::ostringstream text;
    text.precision(15);
    text << value;
    return text.str();
}

/// The last row has no declination.
void writeCsv(const std::filesystem::path& path, const Catalogue& catalogue)
{
    std::ofstream out(path);
    out << "# made by a test\nname,RAJ2000,DEJ2000,mag\n";
    for (std::size_t i = 0; i < catalogue.rows(); ++i) {
        std::string name = catalogue.names[i];
        for (std::size_t at = name.find('"'); at != std::string::npos; at = name.find('"', at + 2))
            name.insert(at, 1, '"');
        out << '"' << name << "\"," << digits(catalogue.ra[i]) << ',' << digits(catalogue.dec[i]) << ','
            << 18.0 + 0.25 * static_cast<double>(i) << '\n';
    }
    out << "lost,10.5,,20\n";
}

/// Columns whose meaning only the UCDs tell.
void writeVotable(const std::filesystem::path& path, const Catalogue& catalogue)
{
    std::ofstream out(path);
    out << "<?xml version='1.0'?>\n<VOTABLE version='1.4' xmlns='http://www.ivoa.net/xml/VOTable/v1.3'>"
           "<RESOURCE><TABLE><FIELD name='name' datatype='char' arraysize='*' ucd='meta.id'/>"
           "<FIELD name='alpha' ucd='pos.eq.ra;meta.main' unit='deg' datatype='double'/>"
           "<FIELD name='delta' ucd='pos.eq.dec;meta.main' unit='deg' datatype='double'/>"
           "<DATA><TABLEDATA>\n";
    for (std::size_t i = 0; i < catalogue.rows(); ++i) {
        std::string name = catalogue.names[i];
        for (std::size_t at = name.find('"'); at != std::string::npos; at = name.find('"'))
            name.replace(at, 1, "&quot;");
        out << "<TR><TD>" << name << "</TD><TD>" << digits(catalogue.ra[i]) << "</TD><TD>"
            << digits(catalogue.dec[i]) << "</TD></TR>\n";
    }
    out << "</TABLEDATA></DATA></TABLE></RESOURCE></VOTABLE>\n";
}

void writeFits(const std::filesystem::path& path, const Catalogue& catalogue)
{
    fits::writeFitsFile(path, [&](fits::FitsWriter& out) {
        out.addTable("SOURCES",
                     {{"name", catalogue.names}, {"RA", catalogue.ra, "deg"}, {"DEC", catalogue.dec, "deg"}});
    });
}

/// The pairs of a match with --out: each is the target that the row was made from, half an arcsecond away.
void checkPairs(const std::filesystem::path& file, const Catalogue& catalogue, const std::string& imported)
{
    const CsvTable table = readCsvTable(file);
    CHECK_THAT(table.comments.at(0), Contains("catalogue " + imported + " within 1 arcsec"));
    REQUIRE(table.rows.size() == catalogue.targets.size());
    const auto at = [&](const std::vector<std::string>& row, const std::string& column) {
        return row.at(table.column(column));
    };
    std::set<std::string> seen;
    for (const auto& row : table.rows) {
        const std::string name = at(row, imported + ".name");
        INFO(name);
        REQUIRE(catalogue.targets.count(name) == 1);
        const SurveyTarget& target = catalogue.targets.at(name);
        seen.insert(name);
        CHECK(at(row, "TARGETID") == std::to_string(target.targetId));
        CHECK(std::stod(at(row, "TARGET_RA")) == Approx(target.ra).margin(1e-9));
        CHECK(std::stod(at(row, "TARGET_DEC")) == Approx(target.dec).margin(1e-9));
        CHECK(std::stod(at(row, "Z")) == Approx(target.z).epsilon(1e-12));
        CHECK(std::stod(at(row, "SEPARATION_ARCSEC")) == Approx(kOffsetArcsec).margin(1e-5));
        CHECK(at(row, "BEST") == "true");
        CHECK(at(row, "SURVEY") == "main");
    }
    CHECK(seen.size() == catalogue.targets.size());
}

void checkRefused(const CliResult& result, int exitCode, const std::string& part)
{
    INFO(result.output << result.error);
    CHECK(result.exitCode == exitCode);
    CHECK_THAT(result.json()["error"].get<std::string>(), Contains(part));
    CHECK_FALSE(result.json()["remedy"].get<std::string>().empty());
}

} // namespace

TEST_CASE("a catalogue of each format is imported, matched and written with the pairs that the test knows")
{
    const CliWorkspace cli;
    cli.require({"mock", cli / "survey", "--targets", "90", "--seed", "5"});
    cli.require({"ingest", cli / "survey"});
    const Catalogue catalogue(readSurvey(cli / "survey"));
    const auto rows = static_cast<int>(catalogue.rows()), near = static_cast<int>(catalogue.targets.size());
    writeCsv(cli / "other.csv", catalogue);
    writeVotable(cli / "other.vot", catalogue);
    writeFits(cli / "other.fits", catalogue);

    const CliResult csv = cli.run({"match", "import", "csv", cli / "other.csv"});
    INFO(csv.output << csv.error);
    CHECK(csv.exitCode == 3); // one row has no place: it is named, the others are in
    CHECK_THAT(csv.error, Contains("line " + std::to_string(rows + 3)) && Contains("no declination"));
    CHECK(csv.json()["rows"] == rows);
    CHECK(csv.json()["rejected"] == 1);
    CHECK(csv.json()["dec_column"] == "DEJ2000");
    CHECK(cli.require({"match", "import", "vo", cli / "other.vot"})["ra_column"] == "alpha");
    const Json fits = cli.require({"match", "import", "fits", cli / "other.fits"});
    CHECK(fits["format"] == "FITS");
    CHECK(fits["columns"] == Json({"name", "RA", "DEC"}));

    for (const std::string name : {"csv", "vo", "fits"}) {
        const std::string pairs = cli / (name + "-pairs.csv");
        const Json match = cli.require({"match", "run", name, "--radius", "1", "--out", pairs});
        INFO(name << ": " << match.dump());
        CHECK(match["rows"] == rows);
        CHECK(match["matched"] == near);
        CHECK(match["objects"] == near);
        CHECK(match["spectra"] == near);
        CHECK(match["multiple"] == 0);
        CHECK(match["file"] == pairs);
        checkPairs(pairs, catalogue, name);
        CHECK(cli.require({"catalog", "count", "--where", "matched('" + name + "')"})["count"] == near);
    }

    const auto above = std::count_if(catalogue.targets.begin(), catalogue.targets.end(),
                                     [](const auto& row) { return row.second.z > 1.5; });
    REQUIRE(above > 0);
    CHECK(cli.require({"match", "run", "vo", "--radius", "1", "--where", "z > 1.5"})["matched"] == above);
    const std::string none = cli / "none.csv";
    CHECK(cli.require({"match", "run", "fits", "--radius", "0.1", "--out", none})["matched"] == 0);
    CHECK(readCsvTable(none).rows.empty());
    CHECK(readCsvTable(none).column("SEPARATION_ARCSEC") > 0);

    const Json list = cli.require({"match", "list"})["catalogues"];
    REQUIRE(list.size() == 3);
    CHECK(list[0]["name"] == "csv");
    CHECK(list[0]["match"]["matched"] == near);
    CHECK(list[2]["match"]["where"] == "z > 1.5");
    CHECK_THAT(cli.runAsText({"match", "list"}).output,
               Contains("csv") && Contains(std::to_string(near)) && Contains("1.0\""));
    cli.require({"match", "drop", "csv"});
    CHECK(cli.require({"match", "list"})["catalogues"].size() == 2);
    CHECK(cli.run({"catalog", "count", "--where", "matched('csv')"}).exitCode == 2);
}

TEST_CASE("what cannot be imported or matched is refused with the reason, and nothing of it stays")
{
    const CliWorkspace cli;
    cli.require({"mock", cli / "survey", "--targets", "30"});
    cli.require({"ingest", cli / "survey"});
    const Catalogue catalogue(readSurvey(cli / "survey"));
    writeFits(cli / "other.fits", catalogue);
    const auto import = [&](const std::string& file, const std::vector<std::string>& more = {}) {
        std::vector<std::string> arguments{"match", "import", "other", file};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return cli.run(arguments);
    };
    checkRefused(import(cli / "other.fits", {"--ra", "alpha", "--dec", "DEC"}), 2, "alpha");
    checkRefused(import(cli / "other.fits", {"--ra", "RA"}), 2, "--dec");
    checkRefused(import(cli / "other.fits", {"--ra", "name", "--dec", "DEC"}), 3, "no right ascension");
    checkRefused(import(cli / "absent.fits"), 1, "absent.fits");
    std::ofstream(cli / "empty.csv").close();
    checkRefused(import(cli / "empty.csv"), 3, "empty");
    std::ofstream(cli / "letter.txt") << "Dear colleague,\nno table here.\n";
    checkRefused(import(cli / "letter.txt"), 3, "letter.txt: no columns for right ascension");
    std::ofstream(cli / "picture.png", std::ios::binary) << std::string("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16);
    checkRefused(import(cli / "picture.png"), 3, "picture.png is neither text");
    std::ofstream(cli / "page.html") << "<html><body>404</body></html>\n";
    checkRefused(import(cli / "page.html"), 3, "page.html");
    checkRefused(cli.run({"match", "import", "Not A Name", cli / "other.fits"}), 2, "Not A Name");
    CHECK(cli.require({"match", "list"})["catalogues"].empty());

    CHECK(import(cli / "other.fits").exitCode == 0);
    checkRefused(import(cli / "other.fits"), 2, "already");
    CHECK(import(cli / "other.fits", {"--replace"}).exitCode == 0);

    checkRefused(cli.run({"match", "run", "othr", "--radius", "1"}), 2, "othr");
    CHECK_THAT(cli.run({"match", "run", "othr", "--radius", "1"}).json()["remedy"].get<std::string>(),
               Contains("other"));
    for (const std::string radius : {"0", "-1", "1000", "nan"})
        checkRefused(cli.run({"match", "run", "other", "--radius", radius}), 2, "radius");
    checkRefused(cli.run({"match", "run", "other", "--radius", "1", "--where", "zz > 1"}), 2, "zz");
    checkRefused(cli.run({"match", "drop", "othr"}), 2, "othr");
    checkRefused(cli.run({"match", "run", "other", "--radius", "1", "--out", cli / "no" / "pairs.csv"}), 1,
                 "pairs.csv");
    CHECK(cli.require({"match", "list"})["catalogues"][0]["rows"] == catalogue.rows());
}
