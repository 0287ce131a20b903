// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The rules of the house, read from the sources: who may include whom, and which library, language or kernel
// launch is allowed where. Works on text only, so that it needs nothing built.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace voorwerp::layers {

/// One broken rule, as a person reads it: "engine/score/x.cpp:12: ...".
struct Violation
{
    std::filesystem::path file; ///< relative to the root
    int line = 0;               ///< 1-based; 0: the file as a whole
    std::string rule;           ///< short name: arrow, room, qt, cfitsio, hdf5, pqxx, sql, launch, length
    std::string message;
};

/// A piece of C++ taken apart. All three texts keep the line breaks of the source.
struct SourceText
{
    struct Literal
    {
        int line = 0;
        std::string text; ///< adjacent literals joined, as the compiler does
    };
    std::string withoutComments;
    std::string codeOnly; ///< comments gone, literals emptied
    std::vector<Literal> literals;
};
SourceText takeApart(std::string_view source);

/// Whether a string literal looks like an SQL statement.
bool looksLikeSql(const std::string& text);

/// The room a path belongs to: "core", "nn", "app", "app/pipeline", "app/cli", "widgets", "tests",
/// "bench"...; empty: none. The path is relative to the root, as in "engine/nn/cpu/gemm.h", or to engine/, as
/// an include.
std::string roomOf(const std::filesystem::path& path);

/// Reads every source below app, bench, engine, tests and widgets of root.
std::vector<Violation> checkTree(const std::filesystem::path& root);

} // namespace voorwerp::layers
