// SPDX-License-Identifier: GPL-3.0-or-later
// device check [--device auto|cpu|cuda[:N]] [--precision fp32|tf32|bf16] [--threads N]
#include "app/cli/command.h"
#include "app/cli/text_table.h"
#include "app/cli/whole_number.h"
#include "core/error.h"
#include "nn/parity.h"

namespace voorwerp::cli {

namespace {

struct CheckOptions
{
    std::string device = "auto", precision = "fp32";
    int threads = 0;
};

void declareCheck(CLI::App& app, CheckOptions& options)
{
    app.add_option("--device", options.device, "auto (the GPU where there is one), cpu, cuda or cuda:N")
        ->capture_default_str();
    app.add_option("--precision", options.precision, "fp32, tf32 or bf16")
        ->check(CLI::IsMember({"fp32", "tf32", "bf16"}))
        ->capture_default_str();
    app.add_option("--threads", options.threads, "CPU threads; 0 = all this process may use")
        ->check(wholeNumber(0))
        ->capture_default_str();
}

nn::DeviceCheck checked(Runtime& runtime, const CheckOptions& options)
{
    try {
        return nn::checkDevice(options.device, options.threads, nn::precisionOf(options.precision),
                               runtime.stopToken());
    } catch (const nn::Stopped&) {
        throw core::Cancelled();
    }
}

std::string worded(const nn::BackendAttributes& attributes)
{
    return attributes.device + " (" + attributes.description + ")";
}

Outcome check(Runtime& runtime, const CheckOptions& options)
{
    const nn::DeviceCheck result = checked(runtime, options);
    TextTable table({"compared", "numbers", "largest difference", "allowed", ""});
    Json differences = Json::array();
    for (const nn::Difference& difference : result.differences) {
        const std::string what = nn::describe(difference.what);
        table.add({what, std::to_string(difference.compared), shortNumber(difference.largest),
                   shortNumber(difference.allowed), difference.isAllowed() ? "" : "too large"});
        differences.push_back({{"what", what},
                               {"compared", difference.compared},
                               {"largest", difference.largest},
                               {"allowed", difference.allowed}});
    }
    runtime.print(worded(result.tested) + " against " + worded(result.trusted));
    runtime.print(table.text());
    if (!result.isSound())
        runtime.warn("This device does not compute what it should: do not train or score on it.");
    return {{{"device", result.tested.device},
             {"description", result.tested.description},
             {"precision", result.tested.precision},
             {"against", worded(result.trusted)},
             {"sound", result.isSound()},
             {"differences", std::move(differences)}},
            result.isSound() ? ExitCode::Done : ExitCode::Failed};
}

} // namespace

void addDeviceCommand(CommandLine& line)
{
    CLI::App& group = addGroup(line.app, "device", "what models compute on");
    addVerb<CheckOptions>(line, group, "check",
                          "the same training steps on this device and on a plain CPU: what differs",
                          declareCheck, check);
}

} // namespace voorwerp::cli
