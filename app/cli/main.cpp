// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/run.h"
#include "catalog/secrets.h"

int main(int argc, char** argv)
{
    const std::vector<std::string> arguments = voorwerp::catalog::takeArguments(argc, argv);
    std::vector<const char*> pointers;
    for (const std::string& argument : arguments)
        pointers.push_back(argument.c_str());
    return voorwerp::cli::run(argc, pointers.data());
}
