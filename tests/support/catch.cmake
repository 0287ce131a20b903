# SPDX-License-Identifier: GPL-3.0-or-later
# Catch2 and the main of tests without a window, for all of tests/ and for tests/nn alone.
find_package(Catch2 2.13 REQUIRED)
include(Catch)

# Not what the tests are about: neither optimised nor watched by sanitizers, either of which takes minutes.
add_library(voorwerp_catch STATIC ${CMAKE_CURRENT_LIST_DIR}/catch_session.cpp)
target_compile_options(voorwerp_catch PRIVATE -O0 -g0 -fno-sanitize=all)
target_link_libraries(voorwerp_catch PUBLIC Catch2::Catch2)
add_library(voorwerp_catch_main STATIC ${CMAKE_CURRENT_LIST_DIR}/catch_main.cpp)
target_link_libraries(voorwerp_catch_main PUBLIC voorwerp_catch)
