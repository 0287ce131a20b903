// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Writes FITS files: images and binary tables with typed columns, header cards and provenance. The file
// appears complete or not at all; a path that ends in .gz is compressed. Nothing in the output depends on the
// time, so the same content gives the same bytes.
//
//     writeFitsFile("candidates.fits", [&](FitsWriter& out) {
//         out.addTable("CANDIDATES", {{"TARGETID", ids}, {"Z", z, ""}, {"SPECTYPE", types}},
//                      {.cards = {{"MODEL", "qso/3", "model version"}}, .history = {"selected by ..."}});
//     });
//
// Thread rule: one thread per writer; different writers may be used at the same time.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace voorwerp::fits {

/// One header card. Strings longer than a card use the long-string convention; keywords longer than eight
/// letters become HIERARCH.
struct Card
{
    using Value = std::variant<std::string, std::int64_t, double, bool>;
    std::string keyword;
    Value value;
    std::string comment;

    /// value: bool, any integer, float or double, or text.
    template <typename T>
    Card(std::string key, T v, std::string text = {})
        : keyword(std::move(key))
        , value(toValue(std::move(v)))
        , comment(std::move(text))
    {
    }

private:
    template <typename T> static Value toValue(T v)
    {
        if constexpr (std::is_same_v<T, bool>)
            return v;
        else if constexpr (std::is_integral_v<T>)
            return static_cast<std::int64_t>(v);
        else if constexpr (std::is_floating_point_v<T>)
            return static_cast<double>(v);
        else
            return std::string(std::move(v));
    }
};

/// What stands in a header beside the structure.
struct Header
{
    std::vector<Card> cards;
    std::vector<std::string> comments; ///< COMMENT cards; long lines are continued on the next card
    std::vector<std::string> history;  ///< HISTORY cards
};

/// A column of a binary table. The TFORM follows from the type: bool L, uint8 B, int16 I, int32 J, int64 K,
/// float E, double D, string A (as wide as the longest). width > 1 makes a vector column: values holds width
/// numbers a row.
struct Column
{
    using Values = std::variant<std::vector<bool>, std::vector<std::uint8_t>, std::vector<std::int16_t>,
                                std::vector<std::int32_t>, std::vector<std::int64_t>, std::vector<float>,
                                std::vector<double>, std::vector<std::string>>;
    std::string name;
    Values values;
    std::string unit;      ///< TUNIT; empty: none
    std::size_t width = 1; ///< numbers a row; of strings the least number of characters
};

class FitsWriter
{
public:
    /// Creates the file; use writeFitsFile() unless the caller looks after temporary names. Throws
    /// SystemError.
    FitsWriter(const std::filesystem::path& path, bool gzip);
    ~FitsWriter();
    FitsWriter(const FitsWriter&) = delete;
    FitsWriter& operator=(const FitsWriter&) = delete;

    /// Cards of the primary HDU; call it before anything else is added.
    void setPrimaryHeader(const Header& header);
    /// All columns must have the same number of rows (UserError else). No column and no row are allowed.
    void addTable(const std::string& extname, const std::vector<Column>& columns, const Header& header = {});
    /// Images: axes are in FITS order, axes[0] runs fastest. values.size() is their product.
    void addImage(const std::string& extname, const std::vector<long>& axes, std::span<const float> values,
                  const Header& header = {});
    void addImage(const std::string& extname, const std::vector<long>& axes, std::span<const double> values,
                  const Header& header = {});
    void addImage(const std::string& extname, const std::vector<long>& axes,
                  std::span<const std::int32_t> values, const Header& header = {});
    void addImage(const std::string& extname, const std::vector<long>& axes,
                  std::span<const std::uint8_t> values, const Header& header = {});
    /// Flushes and closes; throws SystemError (disk full). Without it the destructor drops what was written.
    void close();

private:
    class Private;
    std::unique_ptr<Private> m_d;
};

/// Writes path atomically (core::writeFileAtomically): when write throws, path is as it was before.
void writeFitsFile(const std::filesystem::path& path, const std::function<void(FitsWriter&)>& write);

} // namespace voorwerp::fits
