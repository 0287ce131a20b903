// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The network library has error types of its own; here they become those that say what to do.

#include "core/error.h"
#include "nn/error.h"

#include <utility>

namespace voorwerp::pipeline {

/// Calls work and gives back its result.
template <typename Work> decltype(auto) withNetworkErrors(Work&& work)
{
    try {
        return std::forward<Work>(work)();
    } catch (const nn::ConfigError& error) {
        throw core::UserError(error.what(), "Choose another device or other model settings.");
    } catch (const nn::Error& error) {
        throw core::SystemError(error.what(),
                                "Try again, or use --device cpu (device: CPU on the Train page).");
    }
}

} // namespace voorwerp::pipeline
