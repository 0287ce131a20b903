// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// cuBLAS, opened at run time: the program starts and runs on the CPU where the library is not installed, and
// its hundreds of megabytes are only loaded when a GPU is used.

#include "nn/cuda/device.h"

#include <cublas_v2.h>

#include <string>

namespace voorwerp::nn::cuda {

/// A cuBLAS handle on a stream. Throws ConfigError when the library cannot be opened.
class Cublas
{
public:
    explicit Cublas(const Stream& stream);
    ~Cublas();
    Cublas(const Cublas&) = delete;
    Cublas& operator=(const Cublas&) = delete;

    /// Row-major C (m, n) = op(A)·op(B), inner size k, op(X) = Xᵀ where transposed; strides between rows.
    void gemm(bool transposeA, bool transposeB, std::size_t m, std::size_t n, std::size_t k, const float* a,
              std::size_t strideA, const float* b, std::size_t strideB, float* c, std::size_t strideC);
    std::string version() const; ///< "13.0"

private:
    struct Library;
    const Library& m_library;
    Buffer<char> m_workspace; ///< our own, so that results do not depend on other users of the device
    cublasHandle_t m_handle = nullptr;
};

} // namespace voorwerp::nn::cuda
