// SPDX-License-Identifier: GPL-3.0-or-later
#include "train/lost_devices.h"

#include "core/error.h"

namespace voorwerp::train {

namespace {

std::unique_ptr<nn::Backend> makeAnother(const std::function<std::unique_ptr<nn::Backend>()>& makeBackend)
{
    try {
        return makeBackend();
    } catch (const nn::Error& error) { // often for as long as this process lives
        throw core::SystemError(
            std::string("the device was lost and cannot be had again: ") + error.what(),
            "Start the program again and resume the training, on the CPU if the device stays away.");
    }
}

} // namespace

TrainResult trainThroughLostDevices(const TrainConfig& config, const TrainingData& data,
                                    const std::function<std::unique_ptr<nn::Backend>()>& makeBackend,
                                    std::unique_ptr<nn::Backend>& backend, TrainOptions options,
                                    core::JobContext& context)
{
    backend = makeBackend();
    for (int left = kDevicesLost;; --left) {
        try {
            return train(config, data, *backend, options, context);
        } catch (const nn::DeviceLost& error) {
            if (left == 0)
                throw;
            context.log(std::string("the device was lost, the training goes on from its checkpoint: ") +
                        error.what());
        }
        options.resume = !options.folder.empty() && std::filesystem::exists(options.folder / "checkpoint");
        backend.reset(); // its memory first
        backend = makeAnother(makeBackend);
    }
}

} // namespace voorwerp::train
