// SPDX-License-Identifier: GPL-3.0-or-later
// The functions of cuBLASLt that nn/cuda asks for by name: products of column-major matrices in fp32, tf32
// and bf16 with sums in fp32, strided batches, and the epilogues BIAS and BGRADB. What cuBLASLt would refuse
// or compute wrongly (pointers less aligned than was promised, vectors of the wrong length) ends the program.
#include "nn/emulated_cuda/emulator.h"

#include <cublasLt.h>
#include <cuda_bf16.h>

#include <cstring>
#include <map>
#include <string>
#include <vector>

namespace voorwerp::emulated {
namespace {

constexpr int kVersion = 130000;

struct Description
{
    cublasComputeType_t compute;
    std::int32_t transA = CUBLAS_OP_N, transB = CUBLAS_OP_N;
    std::uint32_t epilogue = CUBLASLT_EPILOGUE_DEFAULT;
    float* bias = nullptr;
};

struct Matrix
{
    cudaDataType type;
    std::uint64_t rows, columns;
    std::int64_t stride;
    std::int32_t batches = 1;
    std::int64_t batchStride = 0;
};

struct Preference
{
    std::uint64_t workspace = 0;
    std::uint32_t reductions = CUBLASLT_REDUCTION_SCHEME_MASK;
    std::uint32_t alignA = 256, alignB = 256, alignC = 256, alignD = 256;
};

/// What the heuristic promises, kept in the opaque algorithm.
struct Algorithm
{
    std::uint64_t workspace;
    std::uint32_t alignA, alignB, alignC;
};
static_assert(sizeof(Algorithm) <= sizeof(cublasLtMatmulAlgo_t));

template <class Handle, class Object> Object& of(Handle handle)
{
    return *reinterpret_cast<Object*>(handle);
}

cublasStatus_t set(void* member, std::size_t size, const void* value, std::size_t given)
{
    if (size != given)
        return CUBLAS_STATUS_INVALID_VALUE;
    std::memcpy(member, value, size);
    return CUBLAS_STATUS_SUCCESS;
}

template <class Member> cublasStatus_t set(Member& member, const void* value, std::size_t given)
{
    return set(&member, sizeof member, value, given);
}

cublasStatus_t create(cublasLtHandle_t* handle)
{
    *handle = reinterpret_cast<cublasLtHandle_t>(new int(0));
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t destroy(cublasLtHandle_t handle)
{
    delete reinterpret_cast<int*>(handle);
    return CUBLAS_STATUS_SUCCESS;
}

std::size_t getVersion()
{
    return kVersion;
}

cublasStatus_t descCreate(cublasLtMatmulDesc_t* desc, cublasComputeType_t compute, cudaDataType_t scale)
{
    if (scale != CUDA_R_32F)
        return CUBLAS_STATUS_NOT_SUPPORTED;
    *desc = reinterpret_cast<cublasLtMatmulDesc_t>(new Description{compute});
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t descDestroy(cublasLtMatmulDesc_t desc)
{
    delete &of<cublasLtMatmulDesc_t, Description>(desc);
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t descSet(cublasLtMatmulDesc_t desc, cublasLtMatmulDescAttributes_t attribute, const void* value,
                       std::size_t bytes)
{
    Description& description = of<cublasLtMatmulDesc_t, Description>(desc);
    switch (attribute) {
    case CUBLASLT_MATMUL_DESC_TRANSA:
        return set(description.transA, value, bytes);
    case CUBLASLT_MATMUL_DESC_TRANSB:
        return set(description.transB, value, bytes);
    case CUBLASLT_MATMUL_DESC_EPILOGUE:
        return set(description.epilogue, value, bytes);
    case CUBLASLT_MATMUL_DESC_BIAS_POINTER:
        return set(description.bias, value, bytes);
    default:
        return CUBLAS_STATUS_NOT_SUPPORTED;
    }
}

cublasStatus_t layoutCreate(cublasLtMatrixLayout_t* layout, cudaDataType type, std::uint64_t rows,
                            std::uint64_t columns, std::int64_t stride)
{
    if (rows < 1 || columns < 1 || stride < static_cast<std::int64_t>(rows))
        return CUBLAS_STATUS_INVALID_VALUE;
    *layout = reinterpret_cast<cublasLtMatrixLayout_t>(new Matrix{type, rows, columns, stride});
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t layoutDestroy(cublasLtMatrixLayout_t layout)
{
    delete &of<cublasLtMatrixLayout_t, Matrix>(layout);
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t layoutSet(cublasLtMatrixLayout_t layout, cublasLtMatrixLayoutAttribute_t attribute,
                         const void* value, std::size_t bytes)
{
    Matrix& matrix = of<cublasLtMatrixLayout_t, Matrix>(layout);
    switch (attribute) {
    case CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT:
        return set(matrix.batches, value, bytes);
    case CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET:
        return set(matrix.batchStride, value, bytes);
    default:
        return CUBLAS_STATUS_NOT_SUPPORTED;
    }
}

cublasStatus_t preferenceCreate(cublasLtMatmulPreference_t* preference)
{
    *preference = reinterpret_cast<cublasLtMatmulPreference_t>(new Preference);
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t preferenceDestroy(cublasLtMatmulPreference_t preference)
{
    delete &of<cublasLtMatmulPreference_t, Preference>(preference);
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t preferenceSet(cublasLtMatmulPreference_t handle,
                             cublasLtMatmulPreferenceAttributes_t attribute, const void* value,
                             std::size_t bytes)
{
    Preference& preference = of<cublasLtMatmulPreference_t, Preference>(handle);
    switch (attribute) {
    case CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES:
        return set(preference.workspace, value, bytes);
    case CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK:
        return set(preference.reductions, value, bytes);
    case CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES:
        return set(preference.alignA, value, bytes);
    case CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES:
        return set(preference.alignB, value, bytes);
    case CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES:
        return set(preference.alignC, value, bytes);
    case CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES:
        return set(preference.alignD, value, bytes);
    default:
        return CUBLAS_STATUS_NOT_SUPPORTED;
    }
}

Support supportOf(const Description& description, const Matrix& result)
{
    if (description.epilogue != CUBLASLT_EPILOGUE_DEFAULT && epilogues() != Support::Full)
        return epilogues();
    return result.batches > 1 ? batches() : Support::Full;
}

cublasStatus_t heuristic(cublasLtHandle_t, cublasLtMatmulDesc_t desc, cublasLtMatrixLayout_t,
                         cublasLtMatrixLayout_t, cublasLtMatrixLayout_t, cublasLtMatrixLayout_t layout,
                         cublasLtMatmulPreference_t handle, int asked,
                         cublasLtMatmulHeuristicResult_t found[], int* count)
{
    const Preference& preference = of<cublasLtMatmulPreference_t, Preference>(handle);
    if ((preference.reductions & CUBLASLT_REDUCTION_SCHEME_INPLACE) != 0)
        mistake("sums in any order would be allowed", "cublasLtMatmulAlgoGetHeuristic");
    *count = 0;
    const Description& description = of<cublasLtMatmulDesc_t, Description>(desc);
    if (asked < 1 || supportOf(description, of<cublasLtMatrixLayout_t, Matrix>(layout)) == Support::NotFound)
        return CUBLAS_STATUS_NOT_SUPPORTED;
    const Algorithm algorithm{preference.workspace, preference.alignA, preference.alignB,
                              std::min(preference.alignC, preference.alignD)};
    found[0] = {};
    std::memcpy(&found[0].algo, &algorithm, sizeof algorithm);
    found[0].workspaceSize = preference.workspace;
    found[0].state = CUBLAS_STATUS_SUCCESS;
    *count = 1;
    return CUBLAS_STATUS_SUCCESS;
}

std::size_t sizeOf(cudaDataType type)
{
    return type == CUDA_R_16BF ? 2 : 4;
}

/// To 10 bits behind the binary point, ties away from zero.
float roundedToTf32(float value)
{
    std::uint32_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    bits = (bits + 0x1000U) & ~0x1FFFU;
    std::memcpy(&value, &bits, sizeof bits);
    return value;
}

/// One matrix of the batch after op(), row-major, as floats.
std::vector<float> unpacked(const Matrix& matrix, const void* data, int batch, bool transposed, bool tf32)
{
    const std::uint64_t rows = transposed ? matrix.columns : matrix.rows;
    const std::uint64_t columns = transposed ? matrix.rows : matrix.columns;
    std::vector<float> values(rows * columns);
    for (std::uint64_t i = 0; i < rows; ++i)
        for (std::uint64_t j = 0; j < columns; ++j) {
            const std::uint64_t at = static_cast<std::uint64_t>(batch * matrix.batchStride) +
                                     (transposed ? i : j) * static_cast<std::uint64_t>(matrix.stride) +
                                     (transposed ? j : i);
            float value = matrix.type == CUDA_R_16BF
                              ? __bfloat162float(static_cast<const __nv_bfloat16*>(data)[at])
                              : static_cast<const float*>(data)[at];
            values[i * columns + j] = tf32 ? roundedToTf32(value) : value;
        }
    return values;
}

struct Product
{
    Description description;
    Matrix a, b, d;
    const void *dataA, *dataB;
    float* dataD;
    float alpha, beta;
};

void runBatch(const Product& product, int batch)
{
    const Description& description = product.description;
    const bool tf32 = description.compute == CUBLAS_COMPUTE_32F_FAST_TF32 && product.a.type == CUDA_R_32F;
    const bool transA = description.transA == CUBLAS_OP_T, transB = description.transB == CUBLAS_OP_T;
    // Computed as Dᵀ = op(B)ᵀ·op(A)ᵀ, whose rows lie one after another.
    const std::vector<float> a = unpacked(product.a, product.dataA, batch, !transA, tf32); // (k, m)
    const std::vector<float> b = unpacked(product.b, product.dataB, batch, !transB, tf32); // (n, k)
    const std::uint64_t m = product.d.rows, n = product.d.columns, k = b.size() / n;
    std::vector<float> sum(m);
    for (std::uint64_t j = 0; j < n; ++j) {
        std::fill(sum.begin(), sum.end(), 0.0F);
        float biasGradient = 0.0F;
        for (std::uint64_t inner = 0; inner < k; ++inner) {
            const float factor = b[j * k + inner];
            biasGradient += factor;
            for (std::uint64_t i = 0; i < m; ++i)
                sum[i] += factor * a[inner * m + i];
        }
        float* column = product.dataD + static_cast<std::int64_t>(batch) * product.d.batchStride +
                        static_cast<std::int64_t>(j) * product.d.stride;
        for (std::uint64_t i = 0; i < m; ++i) {
            const float old = product.beta != 0.0F ? product.beta * column[i] : 0.0F;
            const float bias = description.epilogue == CUBLASLT_EPILOGUE_BIAS ? description.bias[i] : 0.0F;
            column[i] = product.alpha * sum[i] + old + bias;
        }
        if (description.epilogue == CUBLASLT_EPILOGUE_BGRADB)
            description.bias[j] = biasGradient;
    }
}

void requireMatrix(const Matrix& matrix, const void* data, std::uint32_t alignment, const char* what)
{
    const std::int64_t values = (matrix.batches - 1) * matrix.batchStride +
                                static_cast<std::int64_t>(matrix.columns - 1) * matrix.stride +
                                static_cast<std::int64_t>(matrix.rows);
    requireDeviceMemory(data, static_cast<std::size_t>(values) * sizeOf(matrix.type), what);
    const std::size_t step =
        matrix.batches > 1 ? static_cast<std::size_t>(matrix.batchStride) * sizeOf(matrix.type) : 0;
    if (reinterpret_cast<std::uintptr_t>(data) % alignment != 0 || step % alignment != 0)
        mistake("a matrix is less aligned than was promised", what);
}

void requireSizes(const Product& product)
{
    const bool transA = product.description.transA == CUBLAS_OP_T;
    const bool transB = product.description.transB == CUBLAS_OP_T;
    const std::uint64_t m = transA ? product.a.columns : product.a.rows;
    const std::uint64_t inner = transA ? product.a.rows : product.a.columns;
    const std::uint64_t innerB = transB ? product.b.columns : product.b.rows;
    const std::uint64_t n = transB ? product.b.rows : product.b.columns;
    if (m != product.d.rows || n != product.d.columns || inner != innerB)
        mistake("sizes of matrices do not fit", "cublasLtMatmul");
    if (product.a.batches != product.d.batches || product.b.batches != product.d.batches)
        mistake("matrices of different batches", "cublasLtMatmul");
    const std::uint32_t epilogue = product.description.epilogue;
    if (epilogue == CUBLASLT_EPILOGUE_BIAS)
        requireDeviceMemory(product.description.bias, m * sizeof(float), "cublasLtMatmul, bias");
    else if (epilogue == CUBLASLT_EPILOGUE_BGRADB)
        requireDeviceMemory(product.description.bias, n * sizeof(float), "cublasLtMatmul, bias gradient");
    else if (epilogue != CUBLASLT_EPILOGUE_DEFAULT)
        mistake("an epilogue that is not emulated", "cublasLtMatmul");
}

cublasStatus_t matmul(cublasLtHandle_t, cublasLtMatmulDesc_t desc, const void* alpha, const void* dataA,
                      cublasLtMatrixLayout_t a, const void* dataB, cublasLtMatrixLayout_t b, const void* beta,
                      const void* dataC, cublasLtMatrixLayout_t, void* dataD, cublasLtMatrixLayout_t d,
                      const cublasLtMatmulAlgo_t* algo, void* workspace, std::size_t workspaceBytes,
                      cudaStream_t stream)
{
    const Product product{of<cublasLtMatmulDesc_t, Description>(desc),
                          of<cublasLtMatrixLayout_t, Matrix>(a),
                          of<cublasLtMatrixLayout_t, Matrix>(b),
                          of<cublasLtMatrixLayout_t, Matrix>(d),
                          dataA,
                          dataB,
                          static_cast<float*>(dataD),
                          *static_cast<const float*>(alpha),
                          *static_cast<const float*>(beta)};
    if (isLost())
        return CUBLAS_STATUS_EXECUTION_FAILED;
    if (dataC != dataD || product.d.type != CUDA_R_32F || product.a.type != product.b.type)
        return CUBLAS_STATUS_NOT_SUPPORTED;
    if (supportOf(product.description, product.d) == Support::Refused)
        return CUBLAS_STATUS_NOT_SUPPORTED;
    Algorithm algorithm{};
    std::memcpy(&algorithm, algo, sizeof algorithm);
    requireDeviceMemory(workspace, workspaceBytes, "cublasLtMatmul, workspace");
    if (algorithm.workspace > workspaceBytes)
        mistake("less workspace than was promised", "cublasLtMatmul");
    requireMatrix(product.a, dataA, algorithm.alignA, "cublasLtMatmul, A");
    requireMatrix(product.b, dataB, algorithm.alignB, "cublasLtMatmul, B");
    requireMatrix(product.d, dataD, algorithm.alignC, "cublasLtMatmul, D");
    requireSizes(product);
    enqueue(stream, "cublasLtMatmul", [product] {
        for (int batch = 0; batch < product.d.batches; ++batch)
            runBatch(product, batch);
    });
    return CUBLAS_STATUS_SUCCESS;
}

template <class Function> void* pointer(Function* function)
{
    return reinterpret_cast<void*>(function);
}

} // namespace
} // namespace voorwerp::emulated

namespace voorwerp::nn::cuda {

/// In the place of engine/nn/cuda/blas_library.cpp.
void* blasFunction(const char* name)
{
    using namespace emulated;
    static const std::map<std::string, void*> functions{
        {"cublasLtCreate", pointer<decltype(cublasLtCreate)>(create)},
        {"cublasLtDestroy", pointer<decltype(cublasLtDestroy)>(destroy)},
        {"cublasLtGetVersion", pointer<decltype(cublasLtGetVersion)>(getVersion)},
        {"cublasLtMatmulDescCreate", pointer<decltype(cublasLtMatmulDescCreate)>(descCreate)},
        {"cublasLtMatmulDescDestroy", pointer<decltype(cublasLtMatmulDescDestroy)>(descDestroy)},
        {"cublasLtMatmulDescSetAttribute", pointer<decltype(cublasLtMatmulDescSetAttribute)>(descSet)},
        {"cublasLtMatrixLayoutCreate", pointer<decltype(cublasLtMatrixLayoutCreate)>(layoutCreate)},
        {"cublasLtMatrixLayoutDestroy", pointer<decltype(cublasLtMatrixLayoutDestroy)>(layoutDestroy)},
        {"cublasLtMatrixLayoutSetAttribute", pointer<decltype(cublasLtMatrixLayoutSetAttribute)>(layoutSet)},
        {"cublasLtMatmulPreferenceCreate",
         pointer<decltype(cublasLtMatmulPreferenceCreate)>(preferenceCreate)},
        {"cublasLtMatmulPreferenceDestroy",
         pointer<decltype(cublasLtMatmulPreferenceDestroy)>(preferenceDestroy)},
        {"cublasLtMatmulPreferenceSetAttribute",
         pointer<decltype(cublasLtMatmulPreferenceSetAttribute)>(preferenceSet)},
        {"cublasLtMatmulAlgoGetHeuristic", pointer<decltype(cublasLtMatmulAlgoGetHeuristic)>(heuristic)},
        {"cublasLtMatmul", pointer<decltype(cublasLtMatmul)>(matmul)},
    };
    const auto found = functions.find(name);
    if (found == functions.end())
        emulated::mistake("a function of cuBLASLt that is not emulated", name);
    return found->second;
}

} // namespace voorwerp::nn::cuda
