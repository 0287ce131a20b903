// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "export/foreign_table.h"
#include "export/sky_columns.h"
#include "fits/table_writer.h"
#include "support/test_support.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <fstream>

using namespace voorwerp;
using namespace voorwerp::exporting;
using Catch::Matchers::Contains;

namespace {

std::vector<ForeignRow> allRows(ForeignTable& table)
{
    std::vector<ForeignRow> rows;
    for (ForeignRow row; table.next(row);)
        rows.push_back(row);
    return rows;
}

class Folder
{
public:
    std::filesystem::path write(const std::string& name, const std::string& text) const
    {
        std::ofstream(m_folder / name, std::ios::binary) << text;
        return m_folder / name;
    }

private:
    test::TemporaryFolder m_folder;
};

std::string messageOf(const std::filesystem::path& path)
{
    try {
        const auto table = openForeignTable(path);
        for (ForeignRow row; table->next(row);)
            ;
    } catch (const core::Error& error) {
        return error.what();
    }
    return {};
}

std::string base64(const std::string& bytes)
{
    static const char* letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t bits = 0;
        for (std::size_t k = 0; k < 3; ++k)
            bits = bits << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
        for (std::size_t k = 0; k < 4; ++k)
            text += k <= bytes.size() - i ? letters[bits >> (18 - 6 * k) & 63] : '=';
        if (i % 30 == 27)
            text += '\n';
    }
    return text;
}

template <typename Number> std::string bigEndian(Number value)
{
    auto bytes = std::bit_cast<std::array<char, sizeof(Number)>>(value);
    return {bytes.rbegin(), bytes.rend()};
}

std::string votable(const std::string& data)
{
    return "<?xml version='1.0'?>\n<VOTABLE version='1.4' "
           "xmlns='http://www.ivoa.net/xml/VOTable/v1.3'><RESOURCE>"
           "<DESCRIPTION>of the resource</DESCRIPTION><TABLE name='t'>"
           "<FIELD name='_RAJ2000' ucd='pos.eq.ra' unit='deg' datatype='double'/>"
           "<FIELD name='ra' ucd='pos.eq.ra;meta.main' unit='deg' datatype='double'><DESCRIPTION>mean place"
           "</DESCRIPTION></FIELD><FIELD name='dec' ucd='pos.eq.dec;meta.main' unit='deg' datatype='double'/>"
           "<FIELD name='n' datatype='int'><VALUES null='-99'/></FIELD>"
           "<FIELD name='name' datatype='char' arraysize='*'/><DATA>" +
           data + "</DATA></TABLE><TABLE><FIELD name='other' datatype='int'/></TABLE></RESOURCE></VOTABLE>\n";
}

} // namespace

TEST_CASE("CSV is read with any usual separator, comments, quotes and line breaks in texts")
{
    const Folder folder;
    for (const char separator : {',', ';', '\t', '|'}) {
        std::string text =
            "\xEF\xBB\xBF# a comment, with commas\nName,RA,Dec,\"a,b\"\r\n\"x, \"\"y\"\"\nz\",10.5,-5,\r\n"
            "# in between\nshort,1\n5\" scope,2,3,4\n";
        if (separator != ',') {
            text = "Name,RA,Dec,c\nx,10.5,-5,\nshort,1\n5\" scope,2,3,4\n";
            std::replace(text.begin(), text.end(), ',', separator);
        }
        const auto table = openForeignTable(folder.write("a.csv", text));
        CHECK(table->format() == "CSV");
        REQUIRE(table->columns().size() == 4);
        const auto rows = allRows(*table);
        REQUIRE(rows.size() == 3);
        CHECK(rows[0].cells[0] == (separator == ',' ? "x, \"y\"\nz" : "x"));
        CHECK(rows[0].cells[1] == "10.5");
        CHECK_FALSE(rows[0].cells[3]);
        CHECK_THAT(rows[1].problem, Contains("2 cells"));
        CHECK(rows[2].cells[0] == "5\" scope");
        CHECK(rows[2].number == 3);
    }
}

TEST_CASE("ECSV tells units and types")
{
    const Folder folder;
    const auto table = openForeignTable(folder.write(
        "a.ecsv", "# %ECSV 1.0\n# ---\n# delimiter: ' '\n# datatype:\n"
                  "# - {name: ra, unit: deg, datatype: float64, description: 'right, ascension'}\n"
                  "# - {name: dec, unit: deg, datatype: float64}\n# - {name: n, datatype: int32}\n"
                  "# - {name: t, datatype: string}\n# schema: astropy-2.0\nra dec n t\n10 20 3 \"a b\"\n"
                  "11 21 4 \"\"\n"));
    CHECK(table->format() == "ECSV");
    CHECK(table->columns()[0].unit == "deg");
    CHECK(table->columns()[0].description == "right, ascension");
    CHECK(table->columns()[2].type == "integer");
    const auto rows = allRows(*table);
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].cells[3] == "a b");
    CHECK_FALSE(rows[1].cells[3]);
}

TEST_CASE("A VOTable gives the same rows as text, BINARY and BINARY2")
{
    const Folder folder;
    const auto row = [&](double ra, int n) {
        return bigEndian(1.0) + bigEndian(ra) + bigEndian(-5.25) + bigEndian(n) +
               std::string("\0\0\0\3a&b", 7);
    };
    const std::string text =
        "<TABLEDATA><TR><TD>1</TD><TD> 10.5 </TD><TD>-5.25</TD><TD>7</TD><TD>a&amp;b</TD></TR>"
        "<TR><TD>1</TD><TD>11.5</TD><TD>-5.25</TD><TD>-99</TD><TD>a&amp;b</TD></TR></TABLEDATA>";
    const std::string binary =
        "<BINARY><STREAM encoding='base64'>" + base64(row(10.5, 7) + row(11.5, -99)) + "</STREAM></BINARY>";
    const std::string binary2 = "<BINARY2><STREAM encoding='base64'>" +
                                base64(std::string(1, '\0') + row(10.5, 7) + "\x10" + row(11.5, 3)) +
                                "</STREAM></BINARY2>";
    for (const std::string& data : {text, binary, binary2}) {
        const auto table = openForeignTable(folder.write("a.vot", votable(data)));
        CHECK(table->format() == "VOTable");
        REQUIRE(table->columns().size() == 5);
        CHECK(table->columns()[1].description == "mean place");
        const auto sky = findSkyColumns(table->columns());
        CHECK(sky.ra == 1);
        CHECK(sky.reason == "by UCD");
        const auto rows = allRows(*table);
        REQUIRE(rows.size() == 2);
        CHECK(rows[0].cells[1] == "10.5");
        CHECK(rows[0].cells[3] == "7");
        CHECK(rows[0].cells[4] == "a&b");
        CHECK_FALSE(rows[1].cells[3]);
        std::string problem;
        CHECK(positionOf(rows[1], sky, problem)->ra == 11.5);
    }
}

TEST_CASE("A FITS table gives its numbers without loss")
{
    const test::TemporaryFolder folder;
    const auto path = folder / "a.fits";
    const std::int64_t id = 39633345008634465;
    fits::writeFitsFile(path, [&](fits::FitsWriter& writer) {
        fits::Header header;
        header.cards = {{"TUCD1", std::string("pos.eq.ra;meta.main")},
                        {"TUCD2", std::string("pos.eq.dec;meta.main")}};
        writer.addTable("CATALOG",
                        {{"ALPHA_J", std::vector<double>{0.1, 188.73625123456789}, "deg"},
                         {"DELTA_J", std::vector<double>{-5.25, NAN}, "deg"},
                         {"TARGETID", std::vector<std::int64_t>{id, -1}},
                         {"MAG", std::vector<float>{20.1F, NAN}, "mag"},
                         {"FLAG", std::vector<bool>{true, false}},
                         {"NAME", std::vector<std::string>{"a 'b', c", ""}},
                         {"PAIR", std::vector<float>{1.5F, 2.0F, NAN, 3.0F}, "", 2},
                         {"LONG", std::vector<float>(80, 1.0F), "", 40}},
                        header);
    });
    const auto table = openForeignTable(path);
    CHECK(table->format() == "FITS");
    REQUIRE(table->notes().size() == 1);
    CHECK_THAT(table->notes()[0], Contains("LONG"));
    REQUIRE(table->columns().size() == 7);
    CHECK(table->columns()[3].unit == "mag");
    CHECK(table->columns()[4].type == "boolean");
    const auto sky = findSkyColumns(table->columns());
    CHECK(sky.reason == "by UCD");
    const auto rows = allRows(*table);
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].cells[0] == "0.1");
    CHECK(std::stod(*rows[1].cells[0]) == 188.73625123456789);
    CHECK(rows[0].cells[2] == std::to_string(id));
    CHECK(rows[0].cells[3] == "20.1");
    CHECK_FALSE(rows[1].cells[3]);
    CHECK(rows[0].cells[4] == "true");
    CHECK(rows[0].cells[5] == "a 'b', c");
    CHECK_FALSE(rows[1].cells[5]);
    CHECK(rows[0].cells[6] == "1.5 2");
    std::string problem;
    CHECK(positionOf(rows[0], sky, problem)->dec == -5.25);
    CHECK_FALSE(positionOf(rows[1], sky, problem));
    CHECK(problem == "no declination");
}

TEST_CASE("Damaged and foreign files are refused with the place and the cause")
{
    const Folder folder;
    CHECK_THAT(messageOf(folder.write("a.vot", votable("<TABLEDATA><TR><TD>1</TD>").substr(0, 700))),
               Contains("a.vot, line"));
    CHECK_THAT(messageOf(folder.write("b.vot", "<html><body>404</body></html>")),
               Contains("without a VOTable"));
    CHECK_THAT(
        messageOf(folder.write("c.vot", votable("<BINARY><STREAM encoding='base64'>AAAA</STREAM></BINARY>"))),
        Contains("middle of a row"));
    CHECK_THAT(messageOf(folder.write("d.vot", votable("<BINARY><STREAM href='x.bin'/></BINARY>"))),
               Contains("another file"));
    CHECK_THAT(messageOf(folder.write("e.csv", "")), Contains("empty"));
    CHECK_THAT(messageOf(folder.write("f.csv", "# only\n# comments\n")), Contains("column names"));
    CHECK_THAT(messageOf(folder.write("g.csv", std::string("a\0b,c\n1,2\n", 10))), Contains("neither text"));
    CHECK_THAT(messageOf(folder.write("h.csv.gz", "\x1f\x8b\x08 and so on")), Contains("compressed"));
    CHECK_THAT(messageOf(folder.write("i.fits", "SIMPLE  =                    T and so on")),
               Contains("i.fits"));
    CHECK_THAT(messageOf("/nowhere/at.all"), Contains("cannot read"));
    CHECK_THAT(messageOf("/tmp"), Contains("folder"));
    std::string laughs = "<?xml version='1.0'?><!DOCTYPE l [<!ENTITY a '0123456789'>";
    for (char c = 'b'; c < 'k'; ++c)
        laughs += std::string("<!ENTITY ") + c + " '" + [c] {
            std::string text;
            for (int i = 0; i < 10; ++i)
                text += std::string("&") + static_cast<char>(c - 1) + ";";
            return text;
        }() + "'>";
    CHECK_THAT(messageOf(folder.write("j.vot", laughs + "]><VOTABLE>&j;</VOTABLE>")), Contains("j.vot"));
}

TEST_CASE("Columns of the place are found by the usual names, sexagesimal or not")
{
    const auto find = [](std::vector<std::string> names) {
        std::vector<ForeignColumn> columns;
        for (std::string& name : names)
            columns.push_back({std::move(name), "text", {}, {}, {}});
        return findSkyColumns(columns);
    };
    CHECK(find({"id", "RA", "DEC"}).ra == 1);
    CHECK(find({"RAJ2000", "DEJ2000"}).dec == 1);
    CHECK(find({"_RAJ2000", "_DEJ2000", "z"}).dec == 1);
    CHECK(find({"ra_deg", "dec_deg"}).reason == "by name");
    CHECK(find({"RA", "TARGET_RA", "DEC", "TARGET_DEC"}).ra == 1);
    CHECK(find({"RAJ2000", "DECJ2000"}).dec == 1);
    CHECK_THROWS_AS(find({"x", "y"}), core::FormatError);
    CHECK_THROWS_AS(find({"ra", "y"}), core::FormatError);

    const std::vector<ForeignColumn> columns{{"x", "text", "\"h:m:s\"", {}, {}},
                                             {"y", "text", {}, {}, {}},
                                             {"h", "real", "hour", {}, {}},
                                             {"r", "real", "rad", {}, {}}};
    CHECK_THROWS_AS(findSkyColumns(columns, "x", "nix"), core::UserError);
    CHECK_THROWS_AS(findSkyColumns(columns, "x", "x"), core::UserError);
    ForeignRow row{1, "line 1", {"12:34:56.7", "-01 23 45", "12.5", "0.5"}, {}};
    std::string problem;
    const auto place = positionOf(row, findSkyColumns(columns, "X", "Y"), problem);
    REQUIRE(place);
    CHECK(place->ra == Approx(188.73625));
    CHECK(place->dec == Approx(-1.3958333333));
    const auto hours = positionOf(row, findSkyColumns(columns, "h", "r"), problem);
    REQUIRE(hours);
    CHECK(hours->ra == Approx(187.5));
    CHECK(hours->dec == Approx(0.5 * 180.0 / M_PI));
    row.cells[0] = "nan";
    CHECK_FALSE(positionOf(row, findSkyColumns(columns, "x", "y"), problem));
    CHECK_THAT(problem, Contains("'nan' is no right ascension"));
    row.cells[0].reset();
    CHECK_FALSE(positionOf(row, findSkyColumns(columns, "x", "y"), problem));
    CHECK(problem == "no right ascension");
}

TEST_CASE("SQuAD's catalogue is read whole")
{
    const auto table = openForeignTable(test::realData("catalogs/SQuAD_I_catalog.csv"));
    const auto sky = findSkyColumns(table->columns());
    std::size_t placed = 0;
    std::string problem;
    for (const ForeignRow& row : allRows(*table))
        placed += positionOf(row, sky, problem).has_value();
    CHECK(placed == 2066);
    CHECK(table->fractionRead() == Approx(1.0).epsilon(0.001));
}
