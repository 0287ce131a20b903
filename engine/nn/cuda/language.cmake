# SPDX-License-Identifier: GPL-3.0-or-later
# CUDA as a language, by VOORWERP_CUDA. Included by the folder that holds all targets with kernels.
if(NOT VOORWERP_CUDA STREQUAL "OFF")
    include(CheckLanguage)
    check_language(CUDA)
    if(CMAKE_CUDA_COMPILER)
        if(NOT CMAKE_CUDA_ARCHITECTURES)
            set(CMAKE_CUDA_ARCHITECTURES 75-real 80-real 86-real 89-real 90) # the last with PTX for newer GPUs
        endif()
        enable_language(CUDA)
        if(NOT CMAKE_CUDA20_STANDARD_COMPILE_OPTION) # CMake 3.25 does not know it of nvcc
            set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION -std=c++20)
            set(CMAKE_CUDA20_EXTENSION_COMPILE_OPTION -std=c++20)
        endif()
        find_package(CUDAToolkit REQUIRED)
    elseif(VOORWERP_CUDA STREQUAL "ON")
        message(FATAL_ERROR "VOORWERP_CUDA is ON but no CUDA compiler (nvcc) was found")
    endif()
endif()
