# SPDX-License-Identifier: GPL-3.0-or-later
# Run at build time: cmake -DROOT=resources -DFILES="a.csv|b.json" -DOUTPUT=x.cpp -P embed_resources.cmake
# Writes the bytes of each file as an array, and the table that core/resources.cpp searches.
string(REPLACE "|" ";" files "${FILES}")
set(arrays "")
set(table "")
set(index 0)
foreach(file IN LISTS files)
    file(READ ${ROOT}/${file} hex HEX)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${hex}")
    string(APPEND arrays "constexpr char kBytes${index}[] = {${bytes}'\\0'};\n")
    string(APPEND table "    {\"${file}\", {kBytes${index}, sizeof(kBytes${index}) - 1}},\n")
    math(EXPR index "${index} + 1")
endforeach()
file(WRITE ${OUTPUT} "// Generated from resources/ by embed_resources.cmake.
#include \"core/embedded_resources.h\"

namespace voorwerp::core {
namespace {
${arrays}
constexpr EmbeddedResource kResources[] = {
${table}};
} // namespace

std::span<const EmbeddedResource> embeddedResources()
{
    return kResources;
}
} // namespace voorwerp::core
")
