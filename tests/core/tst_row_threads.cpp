// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/row_threads.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <stdexcept>
#include <vector>

using namespace voorwerp::core;

TEST_CASE("Work on rows is done once for each, and its exception reaches the caller")
{
    for (const std::size_t threads : {1U, 4U, 100U})
        for (const std::size_t count : {0U, 1U, 100U}) {
            std::vector<int> done(count, 0);
            forEachRow(count, threads, [&](std::size_t i) { ++done[i]; });
            CHECK(std::count(done.begin(), done.end(), 1) == static_cast<std::ptrdiff_t>(count));
            const auto fail = [](std::size_t i) {
                if (i == 60)
                    throw std::out_of_range("row");
            };
            if (count > 60)
                CHECK_THROWS_AS(forEachRow(count, threads, fail), std::out_of_range);
        }
}
