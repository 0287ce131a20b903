// SPDX-License-Identifier: GPL-3.0-or-later
// What the GPU at hand can do at best, as the marks of a roofline: large matrix products in each precision,
// copies in its memory and over the bus, launches. Prints one JSON object. No kernel of ours: cuBLAS and the
// runtime only.
#include "nn/cuda/device.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <cublas_v2.h>
#include <dlfcn.h>
#include <functional>
#include <limits>
#include <vector>

using namespace voorwerp::nn;
using namespace voorwerp::nn::cuda;

namespace {

constexpr std::size_t kSize = 8192;                   ///< of the square products
constexpr std::size_t kBytes = std::size_t{1} << 28U; ///< of the copies: far more than any cache
constexpr int kRuns = 5;

/// Seconds of one call: the fastest of kRuns runs of count calls in a row.
double fastest(const Stream& stream, int count, const std::function<void()>& call)
{
    double best = std::numeric_limits<double>::infinity();
    for (int run = -1; run < kRuns; ++run) { // the first warms up
        const auto start = std::chrono::steady_clock::now();
        for (int i = 0; i < count; ++i)
            call();
        stream.wait();
        const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
        if (run >= 0)
            best = std::min(best, taken.count() / count);
    }
    return best;
}

/// The library's cublasGemmEx; the header has overloads of that name.
using GemmEx = cublasStatus_t(cublasHandle_t, cublasOperation_t, cublasOperation_t, int m, int n, int k,
                              const void* alpha, const void* a, cudaDataType, int strideA, const void* b,
                              cudaDataType, int strideB, const void* beta, void* c, cudaDataType, int strideC,
                              cublasComputeType_t, cublasGemmAlgo_t);

/// The functions of cuBLAS used here, opened as engine/nn opens them.
struct Cublas
{
    void* library = open();
    decltype(cublasCreate_v2)* create = find<decltype(cublasCreate_v2)>("cublasCreate_v2");
    decltype(cublasDestroy_v2)* destroy = find<decltype(cublasDestroy_v2)>("cublasDestroy_v2");
    decltype(cublasSetStream_v2)* setStream = find<decltype(cublasSetStream_v2)>("cublasSetStream_v2");
    GemmEx* gemm = find<GemmEx>("cublasGemmEx");

    static void* open()
    {
        const std::string name = "libcublas.so." + std::to_string(CUBLAS_VER_MAJOR);
        for (const std::string& path : {name, VOORWERP_CUDA_LIBRARY_FOLDER "/" + name})
            if (void* handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL))
                return handle;
        throw ConfigError("cuBLAS cannot be opened: " + std::string(::dlerror()));
    }
    template <class Function> Function* find(const char* name) const
    {
        if (void* symbol = ::dlsym(library, name))
            return reinterpret_cast<Function*>(symbol);
        throw ConfigError(std::string("cuBLAS has no function ") + name);
    }
};

/// Random numbers, not zeros: a GPU is faster, because cooler, on zeros.
std::vector<float> noise(std::size_t count)
{
    std::vector<float> values(count);
    std::uint32_t state = 1;
    for (float& value : values) {
        state = state * 1664525U + 1013904223U;
        value = static_cast<float>(state >> 8U) * 0x1p-23F - 1.0F;
    }
    return values;
}

/// The upper half of a float's bits is a bfloat16.
std::vector<std::uint16_t> toBfloat16(const std::vector<float>& values)
{
    std::vector<std::uint16_t> halves(values.size());
    std::transform(values.begin(), values.end(), halves.begin(), [](float value) {
        std::uint32_t bits = 0;
        std::memcpy(&bits, &value, sizeof bits);
        return static_cast<std::uint16_t>(bits >> 16U);
    });
    return halves;
}

class Products
{
public:
    explicit Products(const Stream& stream)
        : m_stream(stream)
    {
        if (m_cublas.create(&m_handle) != CUBLAS_STATUS_SUCCESS ||
            m_cublas.setStream(m_handle, stream) != CUBLAS_STATUS_SUCCESS)
            throw DeviceError("cuBLAS cannot be started");
    }
    ~Products() { m_cublas.destroy(m_handle); }
    Products(const Products&) = delete;
    Products& operator=(const Products&) = delete;

    /// TFLOP/s of C = A·B; not a number where the device does not know the type.
    template <class T>
    double rate(const std::vector<T>& values, cudaDataType type, cublasComputeType_t compute)
    {
        Buffer<T> a(values.size()), b(values.size()), c(values.size());
        for (T* to : {a.data(), b.data()})
            check(cudaMemcpy(to, values.data(), values.size() * sizeof(T), cudaMemcpyHostToDevice),
                  "cudaMemcpy");
        constexpr int kSide = static_cast<int>(kSize);
        const float one = 1.0F, zero = 0.0F;
        bool works = true;
        const double seconds = fastest(m_stream, 4, [&] {
            works =
                works && m_cublas.gemm(m_handle, CUBLAS_OP_T, CUBLAS_OP_N, kSide, kSide, kSide, &one,
                                       a.data(), type, kSide, b.data(), type, kSide, &zero, c.data(), type,
                                       kSide, compute, CUBLAS_GEMM_DEFAULT) == CUBLAS_STATUS_SUCCESS;
        });
        return works ? 2e-12 * std::pow(static_cast<double>(kSize), 3.0) / seconds : std::nan("");
    }

private:
    const Stream& m_stream;
    Cublas m_cublas;
    cublasHandle_t m_handle = nullptr;
};

struct Ceilings
{
    double fp32 = 0.0, tf32 = 0.0, bf16 = 0.0;       ///< TFLOP/s
    double copy = 0.0, upload = 0.0, download = 0.0; ///< GB/s; a copy counts its reading and its writing
    double launch = 0.0;                             ///< µs from one launch to the next
};

Ceilings measure()
{
    const Stream stream;
    Ceilings found;
    {
        Products products(stream);
        const std::vector<float> values = noise(kSize * kSize);
        found.fp32 = products.rate(values, CUDA_R_32F, CUBLAS_COMPUTE_32F);
        found.tf32 = products.rate(values, CUDA_R_32F, CUBLAS_COMPUTE_32F_FAST_TF32);
        found.bf16 = products.rate(toBfloat16(values), CUDA_R_16BF, CUBLAS_COMPUTE_32F);
    }
    Buffer<char> from(kBytes), to(kBytes);
    PinnedBuffer<char> host(kBytes);
    std::memset(host.data(), 1, kBytes);
    const auto copied = [&](void* target, const void* source, cudaMemcpyKind kind) {
        return 1e-9 * static_cast<double>(kBytes) / fastest(stream, 8, [&] {
                   check(cudaMemcpyAsync(target, source, kBytes, kind, stream), "cudaMemcpyAsync");
               });
    };
    found.copy = 2.0 * copied(to.data(), from.data(), cudaMemcpyDeviceToDevice);
    found.upload = copied(to.data(), host.data(), cudaMemcpyHostToDevice);
    found.download = copied(host.data(), from.data(), cudaMemcpyDeviceToHost);
    found.launch = 1e6 * fastest(stream, 2000, [&] { // the smallest kernel there is
                       check(cudaMemsetAsync(to.data(), 0, sizeof(float), stream), "cudaMemsetAsync");
                   });
    return found;
}

/// JSON knows no NaN.
std::string number(double value)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.3f", value);
    return std::isfinite(value) ? text : "null";
}

} // namespace

int main()
{
    try {
        cudaDeviceProp device{};
        check(cudaGetDeviceProperties(&device, 0), "cudaGetDeviceProperties");
        const Ceilings found = measure();
        std::printf(
            "{\"device\": \"%s\", \"capability\": \"%d.%d\", \"fp32_tflops\": %s, \"tf32_tflops\": %s, "
            "\"bf16_tflops\": %s, \"memory_gbs\": %s, \"upload_gbs\": %s, \"download_gbs\": %s, "
            "\"launch_us\": %s}\n",
            device.name, device.major, device.minor, number(found.fp32).c_str(), number(found.tf32).c_str(),
            number(found.bf16).c_str(), number(found.copy).c_str(), number(found.upload).c_str(),
            number(found.download).c_str(), number(found.launch).c_str());
    } catch (const std::exception& error) {
        std::fprintf(stderr, "ceilings: %s\n", error.what());
        return 1;
    }
}
