// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/cuda/cublas.h"

#include <dlfcn.h>

namespace voorwerp::nn::cuda {

namespace {

constexpr std::size_t kWorkspaceBytes = std::size_t{32} << 20U; // what NVIDIA recommends for Hopper

void* openLibrary()
{
    const std::string name = "libcublas.so." + std::to_string(CUBLAS_VER_MAJOR);
    for (const std::string& path : {name, std::string(VOORWERP_CUDA_LIBRARY_FOLDER "/") + name})
        if (void* handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL))
            return handle;
    const char* why = ::dlerror();
    throw ConfigError("cuBLAS cannot be opened: " + std::string(why != nullptr ? why : name));
}

void checkBlas(cublasStatus_t status, const char* call,
               std::source_location where = std::source_location::current())
{
    if (status != CUBLAS_STATUS_SUCCESS)
        throw DeviceError(std::string(call) + " failed with status " + std::to_string(status) + " (" +
                          where.file_name() + ":" + std::to_string(where.line()) + ")");
}

} // namespace

/// The functions used, with the types of the header. Opened once, never closed.
struct Cublas::Library
{
    void* handle = openLibrary();
    template <class Function> Function* find(const char* name) const
    {
        void* symbol = ::dlsym(handle, name);
        if (symbol == nullptr)
            throw ConfigError(std::string("cuBLAS has no function ") + name);
        return reinterpret_cast<Function*>(symbol);
    }
    decltype(cublasCreate_v2)* create = find<decltype(cublasCreate_v2)>("cublasCreate_v2");
    decltype(cublasDestroy_v2)* destroy = find<decltype(cublasDestroy_v2)>("cublasDestroy_v2");
    decltype(cublasSetStream_v2)* setStream = find<decltype(cublasSetStream_v2)>("cublasSetStream_v2");
    decltype(cublasSetWorkspace_v2)* setWorkspace =
        find<decltype(cublasSetWorkspace_v2)>("cublasSetWorkspace_v2");
    decltype(cublasGetVersion_v2)* getVersion = find<decltype(cublasGetVersion_v2)>("cublasGetVersion_v2");
    decltype(cublasSgemm_v2)* sgemm = find<decltype(cublasSgemm_v2)>("cublasSgemm_v2");

    static const Library& instance()
    {
        static const Library library;
        return library;
    }
};

Cublas::Cublas(const Stream& stream)
    : m_library(Library::instance())
    , m_workspace(kWorkspaceBytes)
{
    checkBlas(m_library.create(&m_handle), "cublasCreate");
    checkBlas(m_library.setStream(m_handle, stream), "cublasSetStream");
    checkBlas(m_library.setWorkspace(m_handle, m_workspace.data(), kWorkspaceBytes), "cublasSetWorkspace");
}

Cublas::~Cublas()
{
    m_library.destroy(m_handle);
}

void Cublas::gemm(bool transposeA, bool transposeB, std::size_t m, std::size_t n, std::size_t k,
                  const float* a, std::size_t strideA, const float* b, std::size_t strideB, float* c,
                  std::size_t strideC)
{
    // cuBLAS is column-major: it sees our matrices transposed, so Cᵀ = op(B)ᵀ·op(A)ᵀ.
    const float one = 1.0F, zero = 0.0F;
    const auto operation = [](bool transposed) { return transposed ? CUBLAS_OP_T : CUBLAS_OP_N; };
    checkBlas(m_library.sgemm(m_handle, operation(transposeB), operation(transposeA), static_cast<int>(n),
                              static_cast<int>(m), static_cast<int>(k), &one, b, static_cast<int>(strideB), a,
                              static_cast<int>(strideA), &zero, c, static_cast<int>(strideC)),
              "cublasSgemm");
}

std::string Cublas::version() const
{
    int number = 0;
    checkBlas(m_library.getVersion(m_handle, &number), "cublasGetVersion");
    return std::to_string(number / 10000) + "." + std::to_string(number / 100 % 100);
}

} // namespace voorwerp::nn::cuda
