// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/cuda/device.h"

#include <string>

namespace voorwerp::nn::cuda {

namespace {

/// Errors after which this process can do nothing more on the device.
bool isLoss(cudaError_t status)
{
    switch (status) {
    case cudaErrorDevicesUnavailable:
    case cudaErrorDeviceUninitialized:
    case cudaErrorECCUncorrectable:
    case cudaErrorNvlinkUncorrectable:
    case cudaErrorContained:
    case cudaErrorContextIsDestroyed:
    case cudaErrorIllegalAddress:
    case cudaErrorIllegalInstruction:
    case cudaErrorMisalignedAddress:
    case cudaErrorInvalidAddressSpace:
    case cudaErrorInvalidPc:
    case cudaErrorHardwareStackError:
    case cudaErrorLaunchFailure:
    case cudaErrorLaunchTimeout:
    case cudaErrorAssert:
    case cudaErrorExternalDevice:
    case cudaErrorMpsConnectionFailed:
    case cudaErrorMpsRpcFailure:
    case cudaErrorMpsServerNotReady:
    case cudaErrorMpsClientTerminated:
    case cudaErrorNoDevice:
    case cudaErrorSystemNotReady:
    case cudaErrorUnknown:
        return true;
    default:
        return false;
    }
}

} // namespace

void fail(cudaError_t status, const char* call, std::source_location where)
{
    cudaGetLastError(); // so that the next call does not report this one
    const std::string message = std::string(call) + " failed: " + cudaGetErrorString(status) + " (" +
                                where.file_name() + ":" + std::to_string(where.line()) + ")";
    if (status == cudaErrorMemoryAllocation)
        throw OutOfMemory(message);
    if (isLoss(status))
        throw DeviceLost(message);
    throw DeviceError(message);
}

int selectDevice(int index)
{
    int count = 0;
    const cudaError_t status = cudaGetDeviceCount(&count);
    if (status != cudaSuccess)
        throw ConfigError(std::string("no CUDA device can be used: ") + cudaGetErrorString(status));
    if (index < 0 || index >= count)
        throw ConfigError("there is no CUDA device " + std::to_string(index) + ", this machine has " +
                          std::to_string(count));
    check(cudaSetDevice(index), "cudaSetDevice");
    return index;
}

} // namespace voorwerp::nn::cuda
