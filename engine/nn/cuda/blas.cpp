// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/cuda/blas.h"

#include "nn/cuda/blas_library.h"

#include <algorithm>
#include <cstdint>

namespace voorwerp::nn::cuda {

namespace {

constexpr std::size_t kWorkspaceBytes = std::size_t{32} << 20U; // what NVIDIA recommends for Hopper
constexpr std::size_t kMostPlans = 4096;
constexpr std::size_t kBestAlignment = 16; ///< bytes; tensor cores gain nothing from more

void checkBlas(cublasStatus_t status, const char* call,
               std::source_location where = std::source_location::current())
{
    if (status == CUBLAS_STATUS_SUCCESS)
        return;
    // cuBLASLt has a runtime of its own: what it met is told to ours by a call of ours only.
    std::size_t available = 0, total = 0;
    check(cudaMemGetInfo(&available, &total), call, where);
    const std::string message = std::string(call) + " failed with status " + std::to_string(status) + " (" +
                                where.file_name() + ":" + std::to_string(where.line()) + ")";
    if (status == CUBLAS_STATUS_ALLOC_FAILED)
        throw OutOfMemory(message);
    throw DeviceError(message);
}

/// Of this product as it is; a simpler one may do.
bool isRefusal(cublasStatus_t status)
{
    return status == CUBLAS_STATUS_NOT_SUPPORTED || status == CUBLAS_STATUS_INVALID_VALUE;
}

std::size_t elementBytes(const Product& product)
{
    return product.precision == Precision::Bf16 ? 2 : 4;
}

/// Bytes to whose multiples all matrices of a batch are aligned.
std::size_t alignmentOf(const void* data, std::size_t batches, std::size_t batchBytes)
{
    std::uintptr_t bits = reinterpret_cast<std::uintptr_t>(data) | kBestAlignment;
    if (batches > 1)
        bits |= batchBytes;
    return bits & (~bits + 1); // the lowest bit that is set
}

} // namespace

/// The functions used, with the types of the header.
struct Blas::Library
{
    template <class Function> static Function* find(const char* name)
    {
        return reinterpret_cast<Function*>(blasFunction(name));
    }
#define VOORWERP_FIND(name) decltype(cublasLt##name)* name = find<decltype(cublasLt##name)>("cublasLt" #name)
    VOORWERP_FIND(Create);
    VOORWERP_FIND(Destroy);
    VOORWERP_FIND(GetVersion);
    VOORWERP_FIND(MatmulDescCreate);
    VOORWERP_FIND(MatmulDescDestroy);
    VOORWERP_FIND(MatmulDescSetAttribute);
    VOORWERP_FIND(MatrixLayoutCreate);
    VOORWERP_FIND(MatrixLayoutDestroy);
    VOORWERP_FIND(MatrixLayoutSetAttribute);
    VOORWERP_FIND(MatmulPreferenceCreate);
    VOORWERP_FIND(MatmulPreferenceDestroy);
    VOORWERP_FIND(MatmulPreferenceSetAttribute);
    VOORWERP_FIND(MatmulAlgoGetHeuristic);
    VOORWERP_FIND(Matmul);
#undef VOORWERP_FIND

    static const Library& instance()
    {
        static const Library library;
        return library;
    }
};

/// A product as cuBLASLt wants it. It is column-major: it sees our matrices transposed, so Cᵀ = op(B)ᵀ·op(A)ᵀ
/// and its A is our B.
struct Blas::Plan
{
    explicit Plan(const Library& functions)
        : library(functions)
    {
    }
    ~Plan()
    {
        for (cublasLtMatrixLayout_t layout : {a, b, c})
            if (layout != nullptr)
                library.MatrixLayoutDestroy(layout);
        if (operation != nullptr)
            library.MatmulDescDestroy(operation);
        if (preference != nullptr)
            library.MatmulPreferenceDestroy(preference);
    }
    Plan(const Plan&) = delete;
    Plan& operator=(const Plan&) = delete;

    template <class Value> void set(cublasLtMatmulDescAttributes_t attribute, Value value)
    {
        checkBlas(library.MatmulDescSetAttribute(operation, attribute, &value, sizeof value),
                  "cublasLtMatmulDescSetAttribute");
    }
    template <class Value> void prefer(cublasLtMatmulPreferenceAttributes_t attribute, Value value)
    {
        checkBlas(library.MatmulPreferenceSetAttribute(preference, attribute, &value, sizeof value),
                  "cublasLtMatmulPreferenceSetAttribute");
    }
    void setEpilogue(Epilogue epilogue)
    {
        const auto wanted = epilogue == Epilogue::Bias           ? CUBLASLT_EPILOGUE_BIAS
                            : epilogue == Epilogue::BiasGradient ? CUBLASLT_EPILOGUE_BGRADB
                                                                 : CUBLASLT_EPILOGUE_DEFAULT;
        set(CUBLASLT_MATMUL_DESC_EPILOGUE, static_cast<std::uint32_t>(wanted));
    }
    cublasLtMatrixLayout_t layout(cudaDataType type, std::size_t rows, std::size_t columns,
                                  std::size_t stride, std::size_t batches, std::size_t batchStride) const
    {
        cublasLtMatrixLayout_t made = nullptr;
        checkBlas(library.MatrixLayoutCreate(&made, type, rows, columns, static_cast<std::int64_t>(stride)),
                  "cublasLtMatrixLayoutCreate");
        const auto count = static_cast<std::int32_t>(batches);
        const auto offset = static_cast<std::int64_t>(batchStride);
        if (batches > 1) {
            checkBlas(library.MatrixLayoutSetAttribute(made, CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, &count,
                                                       sizeof count),
                      "cublasLtMatrixLayoutSetAttribute");
            checkBlas(library.MatrixLayoutSetAttribute(made, CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET,
                                                       &offset, sizeof offset),
                      "cublasLtMatrixLayoutSetAttribute");
        }
        return made;
    }

    const Library& library;
    cublasLtMatmulDesc_t operation = nullptr;
    cublasLtMatrixLayout_t a = nullptr, b = nullptr, c = nullptr;
    cublasLtMatmulPreference_t preference = nullptr;
    cublasLtMatmulAlgo_t algorithm{};
    bool works = false; ///< the library can do it
};

Blas::Blas(const Stream& stream)
    : m_library(Library::instance())
    , m_stream(stream)
    , m_workspace(kWorkspaceBytes)
{
    checkBlas(m_library.Create(&m_handle), "cublasLtCreate");
}

Blas::~Blas()
{
    m_plans.clear();
    m_library.Destroy(m_handle);
}

/// False when there is none.
bool Blas::findAlgorithm(const Key& key, Plan& plan) const
{
    const auto bytes = [](std::size_t count) { return static_cast<std::uint32_t>(count); };
    checkBlas(m_library.MatmulPreferenceCreate(&plan.preference), "cublasLtMatmulPreferenceCreate");
    plan.prefer(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, static_cast<std::uint64_t>(kWorkspaceBytes));
    plan.prefer(CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK,
                static_cast<std::uint32_t>(CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE));
    plan.prefer(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, bytes(key.alignB));
    plan.prefer(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES, bytes(key.alignA));
    plan.prefer(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, bytes(key.alignC));
    plan.prefer(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, bytes(key.alignC));
    cublasLtMatmulHeuristicResult_t found{};
    int count = 0;
    const cublasStatus_t status = m_library.MatmulAlgoGetHeuristic(
        m_handle, plan.operation, plan.a, plan.b, plan.c, plan.c, plan.preference, 1, &found, &count);
    m_library.MatmulPreferenceDestroy(std::exchange(plan.preference, nullptr));
    if (!isRefusal(status))
        checkBlas(status, "cublasLtMatmulAlgoGetHeuristic");
    plan.algorithm = found.algo;
    return status == CUBLAS_STATUS_SUCCESS && count > 0 && found.state == CUBLAS_STATUS_SUCCESS;
}

/// vector: any, the algorithm depends on its alignment only.
Blas::Plan& Blas::plan(const Key& key, const float* vector)
{
    const auto known = m_plans.find(key);
    if (known != m_plans.end())
        return *known->second;
    if (m_plans.size() >= kMostPlans)
        m_plans.clear();
    const Product& product = key.product;
    auto made = std::make_unique<Plan>(m_library);
    const cublasComputeType_t compute =
        product.precision == Precision::Tf32 ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F;
    checkBlas(m_library.MatmulDescCreate(&made->operation, compute, CUDA_R_32F), "cublasLtMatmulDescCreate");
    const auto operation = [](bool transposed) {
        return static_cast<std::int32_t>(transposed ? CUBLAS_OP_T : CUBLAS_OP_N);
    };
    made->set(CUBLASLT_MATMUL_DESC_TRANSA, operation(product.transposeB));
    made->set(CUBLASLT_MATMUL_DESC_TRANSB, operation(product.transposeA));
    const cudaDataType type = product.precision == Precision::Bf16 ? CUDA_R_16BF : CUDA_R_32F;
    made->a = made->layout(type, product.transposeB ? product.k : product.n,
                           product.transposeB ? product.n : product.k, product.strideB, product.batches,
                           product.batchB);
    made->b = made->layout(type, product.transposeA ? product.m : product.k,
                           product.transposeA ? product.k : product.m, product.strideA, product.batches,
                           product.batchA);
    made->c =
        made->layout(CUDA_R_32F, product.n, product.m, product.strideC, product.batches, product.batchC);
    made->setEpilogue(product.epilogue);
    made->set(CUBLASLT_MATMUL_DESC_BIAS_POINTER, vector);
    made->works = findAlgorithm(key, *made);
    return *m_plans.emplace(key, std::move(made)).first->second;
}

bool Blas::multiply(const Product& product, const void* a, const void* b, float* c, float* vector)
{
    const std::size_t bytes = elementBytes(product);
    Plan& made =
        plan({product, alignmentOf(a, product.batches, product.batchA * bytes),
              alignmentOf(b, product.batches, product.batchB * bytes),
              alignmentOf(c, product.batches, product.batchC * sizeof(float)), alignmentOf(vector, 1, 0)},
             vector);
    if (!made.works)
        return multiplySimpler(product, a, b, c);
    if (product.epilogue != Epilogue::None)
        made.set(CUBLASLT_MATMUL_DESC_BIAS_POINTER, vector);
    const float old = product.accumulate ? 1.0F : 0.0F;
    const cublasStatus_t status =
        m_library.Matmul(m_handle, made.operation, &product.scale, b, made.a, a, made.b, &old, c, made.c, c,
                         made.c, &made.algorithm, m_workspace.data(), kWorkspaceBytes, m_stream);
    if (isRefusal(status)) { // the heuristic thought otherwise
        made.works = false;
        return multiplySimpler(product, a, b, c);
    }
    checkBlas(status, "cublasLtMatmul");
    return true;
}

/// What cuBLASLt cannot do at once: without the epilogue, one of the batch after the other.
bool Blas::multiplySimpler(const Product& product, const void* a, const void* b, float* c)
{
    Product simpler = product;
    if (product.epilogue != Epilogue::None) {
        simpler.epilogue = Epilogue::None;
        return !multiply(simpler, a, b, c); // which is true, or throws
    }
    if (product.batches == 1)
        throw DeviceError("cuBLASLt has no algorithm for a product of (" + std::to_string(product.m) + ", " +
                          std::to_string(product.k) + ") and (" + std::to_string(product.k) + ", " +
                          std::to_string(product.n) + ") in " + nameOf(product.precision));
    const std::size_t bytes = elementBytes(product);
    simpler.batches = 1;
    simpler.batchA = simpler.batchB = simpler.batchC = 0;
    for (std::size_t i = 0; i < product.batches; ++i)
        static_cast<void>(multiply(simpler, static_cast<const char*>(a) + i * product.batchA * bytes,
                                   static_cast<const char*>(b) + i * product.batchB * bytes,
                                   c + i * product.batchC));
    return true;
}

std::string Blas::version() const
{
    const std::size_t number = m_library.GetVersion();
    return std::to_string(number / 10000) + "." + std::to_string(number / 100 % 100);
}

} // namespace voorwerp::nn::cuda
