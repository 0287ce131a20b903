// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/cuda/blas_library.h"

#include "nn/error.h"

#include <cublasLt.h>
#include <dlfcn.h>

#include <string>

namespace voorwerp::nn::cuda {

namespace {

void* openLibrary()
{
    const std::string name = "libcublasLt.so." + std::to_string(CUBLAS_VER_MAJOR);
    for (const std::string& path : {name, std::string(VOORWERP_CUDA_LIBRARY_FOLDER "/") + name})
        if (void* handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL))
            return handle;
    const char* why = ::dlerror();
    throw ConfigError("cuBLASLt cannot be opened: " + std::string(why != nullptr ? why : name));
}

} // namespace

void* blasFunction(const char* name)
{
    static void* const library = openLibrary();
    void* symbol = ::dlsym(library, name);
    if (symbol == nullptr)
        throw ConfigError(std::string("cuBLASLt has no function ") + name);
    return symbol;
}

} // namespace voorwerp::nn::cuda
