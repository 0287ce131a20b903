// SPDX-License-Identifier: GPL-3.0-or-later
// Catalogues of other people damaged at random: each gives rows or an error in words that names the file;
// nothing crashes, hangs or reads outside of its memory. VOORWERP_FUZZ_CASES makes the run longer.
#include "core/error.h"
#include "core/file_io.h"
#include "export/foreign_table.h"
#include "export/sky_columns.h"
#include "fits/table_writer.h"
#include "support/test_support.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <random>

using namespace voorwerp;
namespace fs = std::filesystem;

namespace {

int cases()
{
    const char* wanted = std::getenv("VOORWERP_FUZZ_CASES");
    return wanted != nullptr ? std::atoi(wanted) : 1500;
}

constexpr int kRows = 40;

/// What a place in a file may become: what the format means something by, and numbers without measure.
const std::vector<std::string>& snippets()
{
    static const std::vector<std::string> list{"\"",
                                               "\"\"",
                                               ",",
                                               ";",
                                               "|",
                                               "\t",
                                               "\n",
                                               "\r",
                                               "\n\n",
                                               "#",
                                               "# %ECSV",
                                               "nan",
                                               "-1",
                                               "1e999",
                                               "360.0001",
                                               "90.5",
                                               "12:34:56",
                                               "''",
                                               "<",
                                               ">",
                                               "</TR>",
                                               "<TR/>",
                                               "<TD/>",
                                               "</TABLE>",
                                               "<TABLE>",
                                               "<FIELD/>",
                                               "&lt;",
                                               "&x;",
                                               "]]>",
                                               "<![CDATA[",
                                               "<!--",
                                               "base64",
                                               "arraysize='",
                                               "999999999",
                                               "4294967295",
                                               "BINARY2",
                                               "'unicodeChar'",
                                               "'double'",
                                               "'*'",
                                               "'3x*'",
                                               "'0'",
                                               "99999999999",
                                               "'1PE(9)'",
                                               "'0K'",
                                               "'20A5'",
                                               "2147483647",
                                               "END",
                                               "\xFF\xFE",
                                               "\xC3",
                                               std::string(1, '\0'),
                                               std::string(300, 'A'),
                                               std::string(300, ','),
                                               std::string(300, '\n')};
    return list;
}

std::size_t below(std::mt19937_64& random, std::size_t limit)
{
    return static_cast<std::size_t>(random() % std::max<std::size_t>(limit, 1));
}

bool inWord(char c)
{
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || std::strchr("+-.*", c) != nullptr;
}

/// A word or number for another: XML stays XML, cards stay cards, what they say does not.
void swapWord(std::string& bytes, std::mt19937_64& random)
{
    static const std::vector<std::string> kWords{
        "0",      "-1",    "1",    "2x3",     "*",       "8*",  "99999999999", "4294967295",
        "double", "float", "char", "short",   "boolean", "int", "bit",         "TD",
        "TR",     "FIELD", "DATA", "STREAM",  "BINARY2", "nan", "1e999",       "1e-999",
        "360",    "1PE",   "0K",   "999999E", "20A5",    "XX"};
    const auto from = bytes.begin() + static_cast<std::ptrdiff_t>(below(random, bytes.size()));
    const auto begin = std::find_if(from, bytes.end(), inWord);
    const auto end = std::find_if_not(begin, bytes.end(), inWord);
    std::string word = kWords[below(random, kWords.size())];
    if (random() % 2 == 0)
        word.resize(static_cast<std::size_t>(end - begin), ' ');
    bytes.replace(begin, end, word);
}

void damage(std::string& bytes, std::mt19937_64& random)
{
    const std::size_t at = below(random, bytes.size());
    const std::size_t count = below(random, 60);
    switch (below(random, 12)) {
    case 0:
        bytes.resize(at);
        break;
    case 1:
        bytes.erase(at, count);
        break;
    case 2:
        bytes.insert(at, bytes.substr(below(random, bytes.size()), 20 * count));
        break;
    case 3:
        bytes.insert(at, snippets()[below(random, snippets().size())]);
        break;
    case 4: { // over what is there, so that FITS cards keep their places
        const std::string& snippet = snippets()[below(random, snippets().size())];
        bytes.replace(at, snippet.size(), snippet);
        break;
    }
    case 5:
    case 6:
        for (std::size_t i = 0; i <= count / 4 && !bytes.empty(); ++i)
            bytes[below(random, bytes.size())] = static_cast<char>(random());
        break;
    default:
        swapWord(bytes, random);
    }
}

struct Tally
{
    int read = 0, refused = 0;
    std::size_t rows = 0;
};

/// Reads all there is, as an import does.
void readOrRefuse(const fs::path& path, Tally& tally)
{
    try {
        const auto table = exporting::openForeignTable(path);
        std::optional<exporting::SkyColumns> sky;
        try {
            sky = exporting::findSkyColumns(table->columns());
        } catch (const core::Error& error) {
            REQUIRE_FALSE(std::string(error.what()).empty());
        }
        std::string problem;
        for (exporting::ForeignRow row; table->next(row); ++tally.rows) {
            REQUIRE(row.cells.size() == table->columns().size());
            if (sky && !exporting::positionOf(row, *sky, problem))
                REQUIRE_FALSE(problem.empty());
        }
        ++tally.read;
    } catch (const core::Error& error) {
        REQUIRE_THAT(error.what(), Catch::Matchers::Contains(path.filename().string()));
        ++tally.refused;
    }
}

/// Damages a file again and again. Some of it must still be read, and some be refused: else the damage is
/// not worth the name.
void fuzz(const std::string& whole, const std::string& name, bool mustRefuse)
{
    const test::TemporaryFolder folder;
    std::mt19937_64 random(20);
    Tally tally;
    for (int i = 0; i < cases(); ++i) {
        std::string bytes = whole;
        for (std::size_t times = 1 + below(random, 3); times > 0; --times)
            damage(bytes, random);
        core::writeTextAtomically(folder / name, bytes);
        INFO("case " << i);
        readOrRefuse(folder / name, tally);
    }
    CHECK(tally.read > cases() / 50);
    CHECK(tally.rows > static_cast<std::size_t>(cases() / 2));
    if (mustRefuse)
        CHECK(tally.refused > cases() / 20);
}

std::string csvText()
{
    std::string text = "# a comment\nName,RA,Dec,\"mag, g\",remark\n";
    for (int i = 0; i < kRows; ++i)
        text += "\"Q " + std::to_string(i) + ", \"\"b\"\"\"," + std::to_string(10.5 + i) + "," +
                std::to_string(i - 20) + ",18.5,\"two\nlines\"\n";
    return text;
}

std::string ecsvText()
{
    std::string text = "# %ECSV 1.0\n# ---\n# delimiter: ' '\n# datatype:\n"
                       "# - {name: ra, unit: hour, datatype: float64, description: \"mean, of all\"}\n"
                       "# - {name: dec, unit: rad, datatype: float64}\n# schema: astropy-2.0\nra dec\n";
    for (int i = 0; i < kRows; ++i)
        text += std::to_string(i % 24) + " " + std::to_string(0.01 * i) + "\n";
    return text;
}

std::string votableText(const std::string& data)
{
    return "<?xml version='1.0' encoding='utf-8'?>\n<VOTABLE version='1.4' "
           "xmlns='http://www.ivoa.net/xml/VOTable/v1.3'><RESOURCE><TABLE name='t'>"
           "<FIELD name='alpha' ucd='pos.eq.ra;meta.main' unit='deg' datatype='double'>"
           "<DESCRIPTION>mean place</DESCRIPTION></FIELD>"
           "<FIELD name='delta' ucd='pos.eq.dec;meta.main' unit='deg' datatype='double'/>"
           "<FIELD name='n' datatype='int'><VALUES null='-99'/></FIELD>"
           "<FIELD name='name' datatype='char' arraysize='*'/><DATA>" +
           data + "</DATA></TABLE></RESOURCE></VOTABLE>\n";
}

std::string tableData()
{
    std::string text = "<TABLEDATA>\n";
    for (int i = 0; i < kRows; ++i)
        text += "<TR><TD>" + std::to_string(10.5 + i) + "</TD><TD>" + std::to_string(i - 20) +
                "</TD><TD>-99</TD><TD>a &amp; b</TD></TR>\n";
    return text + "</TABLEDATA>";
}

/// Rows of the place 0, 0, the number 0 and the name "AB", in base64: 26 bytes a row, three rows at a time so
/// that no padding is needed.
std::string binaryData()
{
    const std::string row = std::string(20, '\0') + std::string("\0\0\0\2AB", 6);
    static constexpr std::string_view kLetters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string bytes, text = "<BINARY><STREAM encoding='base64'>\n";
    for (int i = 0; i < 3 * (kRows / 3); ++i)
        bytes += row;
    for (std::size_t i = 0; i + 2 < bytes.size(); i += 3) {
        const auto at = [&](std::size_t k) { return static_cast<unsigned char>(bytes[i + k]); };
        const auto bits = static_cast<std::uint32_t>(at(0) << 16 | at(1) << 8 | at(2));
        for (const int shift : {18, 12, 6, 0})
            text += kLetters[bits >> shift & 63];
        text += i % 60 == 57 ? "\n" : "";
    }
    return text + "</STREAM></BINARY>";
}

std::string fitsBytes()
{
    std::vector<std::string> names;
    std::vector<double> ra, dec, pairs;
    std::vector<std::int64_t> ids;
    std::vector<bool> flags;
    for (int i = 0; i < kRows; ++i) {
        names.push_back("Q " + std::to_string(i));
        ra.push_back(10.5 + i);
        dec.push_back(i - 20);
        ids.push_back(std::int64_t{1} << i);
        flags.push_back(i % 2 == 0);
        pairs.insert(pairs.end(), {1.0, 2.0});
    }
    const test::TemporaryFolder folder;
    fits::writeFitsFile(folder / "whole.fits", [&](fits::FitsWriter& out) {
        out.addTable("T", {{"NAME", names},
                           {"RA", ra, "deg"},
                           {"DEC", dec, "deg"},
                           {"ID", ids},
                           {"FLAG", flags},
                           {"PAIR", pairs, "", 2}});
    });
    return core::readText(folder / "whole.fits");
}

} // namespace

TEST_CASE("A damaged CSV gives rows or an error in words")
{
    fuzz(csvText(), "damaged.csv", false); // almost any text is a table
    fuzz(ecsvText(), "damaged.ecsv", false);
}

TEST_CASE("A damaged VOTable gives rows or an error in words")
{
    fuzz(votableText(tableData()), "damaged.vot", true);
    fuzz(votableText(binaryData()), "damaged-binary.vot", true);
}

TEST_CASE("A damaged FITS table gives rows or an error in words")
{
    fuzz(fitsBytes(), "damaged.fits", true);
}

TEST_CASE("A quote that is never closed before very many short lines ends in a refusal, not in a long wait")
{
    const test::TemporaryFolder folder;
    std::string text = "name,ra,dec\n\"open,1,2\n";
    for (int i = 0; i < 600'000; ++i)
        text += "1\n";
    core::writeTextAtomically(folder / "open.csv", text);
    const auto table = exporting::openForeignTable(folder / "open.csv");
    exporting::ForeignRow row;
    CHECK_THROWS_WITH(table->next(row), Catch::Matchers::Contains("open.csv, line 2") &&
                                            Catch::Matchers::Contains("never closed"));
}
