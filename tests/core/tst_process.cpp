// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/process.h"

#include <catch2/catch.hpp>

#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <thread>
#include <tuple>
#include <unistd.h>

using namespace voorwerp;

TEST_CASE("A process gives back its output, its errors and its exit code")
{
    const auto result = core::runProcess({.command = {"sh", "-c", "echo out; echo err >&2; exit 3"}});
    REQUIRE(result.output == "out\n");
    REQUIRE(result.error == "err\n");
    REQUIRE(result.exitCode == 3);
}

TEST_CASE("Output lines arrive one by one, the last one without a line end too")
{
    std::vector<std::string> lines;
    core::runProcess({.command = {"printf", "a\nb"},
                      .onOutputLine = [&](std::string_view line) { lines.emplace_back(line); }});
    REQUIRE(lines == std::vector<std::string>{"a", "b"});
}

TEST_CASE("A stop request ends the process and throws Cancelled")
{
    std::stop_source source;
    std::jthread stopper([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        source.request_stop();
    });
    REQUIRE_THROWS_AS(core::runProcess({.command = {"sleep", "60"}}, source.get_token()), core::Cancelled);
}

namespace {
int handlerPipe[2] = {-1, -1};
}

TEST_CASE("A stop that comes before the program runs does not run this program's signal handler in the child")
{
    REQUIRE(::pipe2(handlerPipe, O_NONBLOCK | O_CLOEXEC) == 0);
    const auto before = std::signal(SIGTERM, [](int) { std::ignore = ::write(handlerPipe[1], "x", 1); });
    std::stop_source source;
    source.request_stop();
    for (int i = 0; i < 20; ++i)
        CHECK_THROWS_AS(core::runProcess({.command = {"sleep", "2"}}, source.get_token()), core::Cancelled);
    std::signal(SIGTERM, before);
    char byte = 0;
    CHECK(::read(handlerPipe[0], &byte, 1) < 0);
}

TEST_CASE("A program that is not installed is named")
{
    REQUIRE_THROWS_WITH(core::runProcess({.command = {"no-such-program"}}),
                        Catch::Contains("no-such-program"));
}

TEST_CASE("The child sees added variables and no shell expands its arguments")
{
    const auto result = core::runProcess(
        {.command = {"sh", "-c", "echo $SECRET \"$1\"", "sh", "$HOME"}, .environment = {{"SECRET", "s3"}}});
    REQUIRE(result.output == "s3 $HOME\n");
}
