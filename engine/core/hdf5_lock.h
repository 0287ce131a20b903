// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// One lock for all use of the HDF5 library in this process: Debian builds it without thread safety, and two
// rooms (dataset, registry) use it. Hold it around every group of HDF5 calls, closing of handles included.

#include <mutex>

namespace voorwerp::core {

inline std::recursive_mutex& hdf5Mutex()
{
    static std::recursive_mutex mutex;
    return mutex;
}

using Hdf5Lock = std::lock_guard<std::recursive_mutex>;

} // namespace voorwerp::core
