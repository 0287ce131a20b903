// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The errors of nn, which depends on nothing else of this program. Callers map them to their own.

#include <stdexcept>
#include <string>

namespace voorwerp::nn {

/// Base of all errors thrown by nn.
class Error : public std::runtime_error
{
public:
    using std::runtime_error::runtime_error;
};

/// The caller asked for something that cannot be: an impossible model, an unknown device name, a device that
/// is not there, tensors that do not belong to the model. Change the request.
class ConfigError : public Error
{
public:
    using Error::Error;
};

/// The device or its libraries failed while working. The message names the call and where it is. The backend
/// that threw must not be used again, unless the error is OutOfMemory.
class DeviceError : public Error
{
public:
    using Error::Error;
};

/// The device has not enough memory for that many rows. Nothing was done: parameters and optimiser are those
/// of the last finished step and can be read, and the backend can go on with fewer rows.
class OutOfMemory : public DeviceError
{
public:
    using DeviceError::DeviceError;
};

/// The device failed or was taken away (reset, driver, memory error, used by another). Nothing can be read
/// from it any more: go on from what was saved, on another backend.
class DeviceLost : public DeviceError
{
public:
    using DeviceError::DeviceError;
};

/// A stop request ended the work between two of its parts. Parameters and optimiser are those of the last
/// finished step.
class Stopped : public Error
{
public:
    Stopped()
        : Error("stopped on request")
    {
    }
};

} // namespace voorwerp::nn
