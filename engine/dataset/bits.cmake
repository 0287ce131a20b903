# SPDX-License-Identifier: GPL-3.0-or-later
# How voorwerp_dataset is compiled, wherever it is put together.
# The same bits whatever the CPU can do: no multiplication is fused with an addition.
target_compile_options(voorwerp_dataset PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-ffp-contract=off>)
# Loops with a square root or a choice become vectors, in every build type.
set_source_files_properties(${CMAKE_CURRENT_LIST_DIR}/pixel_loops.cpp PROPERTIES
    COMPILE_OPTIONS "-O3;-fno-math-errno;-fno-trapping-math")
