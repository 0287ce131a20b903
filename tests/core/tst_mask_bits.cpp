// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mask_bits.h"

#include <catch2/catch.hpp>

#include <limits>

using namespace voorwerp::core;

TEST_CASE("bits have DESI's names, those without one their number")
{
    CHECK(maskNames("ZWARN", 0).empty());
    CHECK(maskNames("ZWARN", 4) == "SMALL_DELTA_CHI2");
    CHECK(maskNames("ZWARN", 4 + (1 << 16)) == "SMALL_DELTA_CHI2 | LOW_DEL_CHI2");
    CHECK(maskNames("ZWARN", 1 << 13) == "BIT13");
    CHECK(maskNames("DESI_TARGET", (std::int64_t{1} << 62) + 4 + (1 << 18)) == "QSO | QSO_SOUTH | SCND_ANY");
    CHECK(maskNames("SCND_TARGET", std::int64_t{1} << 35) == "WISE_VAR_QSO");
    CHECK(maskNames("QSO_MASKBITS", 26) == "SPECTYPE_QSO | QUASARNET | QUASARNET_NEW_Z");
    CHECK(setBits("ZWARN", std::numeric_limits<std::int64_t>::min()).front().name == "BIT63");
    CHECK(setBits("ZWARN", 4).front().meaning == "best fit hardly better than the next");
}

TEST_CASE("names are those of the production's release")
{
    CHECK(maskNames("FIBERSTATUS", 1 << 14, "loa") == "VARIABLETHRU");
    CHECK(maskNames("FIBERSTATUS", 1 << 14, "iron") == "BIT14");
    CHECK(maskNames("FIBERSTATUS", 1 << 13, "fuji") == "BIT13");
    CHECK(maskNames("FIBERSTATUS", 1 << 20, "iron") == "MANYBADCOL");
    CHECK(maskNames("FIBERSTATUS", 1 << 20, "loa") == "MANYBADCOL");
    CHECK(maskNames("FIBERSTATUS", 1 << 20, "matterhorn") == "VARIABLE");
    CHECK(maskNames("FIBERSTATUS", 1 << 14, "mock") == "VARIABLETHRU"); // as in DR2
    CHECK(maskNames("FIBERSTATUS", 8, "iron") == "RESTRICTED");
}

TEST_CASE("every mask names each bit once a release, and columns know their masks")
{
    for (const char* mask :
         {"ZWARN", "FIBERSTATUS", "SPECMASK", "DESI_TARGET", "SCND_TARGET", "QSO_MASKBITS"}) {
        for (const char* specprod : {"fuji", "iron", "loa", "matterhorn", "mock", ""}) {
            const auto bits = maskBits(mask, specprod);
            CHECK_FALSE(bits.empty());
            for (std::size_t i = 1; i < bits.size(); ++i)
                CHECK(bits[i - 1].bit < bits[i].bit);
        }
    }
    CHECK(maskOfColumn("coadd_fiberstatus") == "FIBERSTATUS");
    CHECK(maskOfColumn("z").empty());
}
