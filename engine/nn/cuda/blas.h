// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Matrix products by cuBLASLt: algorithms by its heuristic, once for each shape, with a workspace of our own
// and partial sums in a fixed order, so that results do not depend on other users of the device.

#include "nn/cuda/device.h"
#include "nn/model_config.h"

#include <cublasLt.h>

#include <compare>
#include <cstddef>
#include <map>
#include <memory>
#include <string>

namespace voorwerp::nn::cuda {

enum class Epilogue {
    None,
    Bias,         ///< each row of C += vector (n)
    BiasGradient, ///< vector (m) = the sums of op(A) over the inner dimension
};

/// Row-major C (m, n) = scale·op(A)·op(B), or C += where accumulated, inner size k, op(X) = Xᵀ where
/// transposed; strides between rows. Several such products where batches > 1, each so many elements behind
/// the last.
struct Product
{
    bool transposeA = false, transposeB = false;
    std::size_t m = 0, n = 0, k = 0;
    std::size_t strideA = 0, strideB = 0, strideC = 0;
    Precision precision = Precision::Fp32; ///< Bf16: A and B are bfloat16. C is always float.
    Epilogue epilogue = Epilogue::None;
    bool accumulate = false;
    float scale = 1.0F;
    std::size_t batches = 1, batchA = 0, batchB = 0, batchC = 0;

    auto operator<=>(const Product&) const = default;
};

/// Products on a stream. Throws ConfigError when the library cannot be opened.
class Blas
{
public:
    explicit Blas(const Stream& stream);
    ~Blas();

    /// Returns false when the product was computed without its epilogue, which cuBLASLt cannot do there: the
    /// caller does it. vector: see Epilogue.
    [[nodiscard]] bool multiply(const Product& product, const void* a, const void* b, float* c,
                                float* vector = nullptr);
    std::string version() const; ///< "13.0"

private:
    struct Library;
    struct Plan;
    /// What the algorithm depends on: the product, and bytes to whose multiples its matrices are aligned.
    struct Key
    {
        Product product;
        std::size_t alignA, alignB, alignC, alignVector;
        auto operator<=>(const Key&) const = default;
    };
    Plan& plan(const Key& key, const float* vector);
    bool multiplySimpler(const Product& product, const void* a, const void* b, float* c);
    bool findAlgorithm(const Key& key, Plan& plan) const;

    const Library& m_library;
    const Stream& m_stream;
    Buffer<char> m_workspace;
    cublasLtHandle_t m_handle = nullptr;
    std::map<Key, std::unique_ptr<Plan>> m_plans;
};

} // namespace voorwerp::nn::cuda
