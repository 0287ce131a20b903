# SPDX-License-Identifier: GPL-3.0-or-later

# voorwerp_emulated_cuda_test(NAME PREFIX SOURCE...): tests on the emulated device (README.md), with the sources that
# they test: kernels (.cu) are compiled for the CPU. Where that cannot be, ctest lists them as not run. The executable's
# own objects come before those of libraries, whose part for a GPU, where they have one, is not used.
function(voorwerp_emulated_cuda_test name prefix)
    find_path(VOORWERP_CUDA_HEADERS cublasLt.h HINTS ${CUDAToolkit_INCLUDE_DIRS}
        PATHS /usr/local/cuda/include /usr/local/cuda/targets/x86_64-linux/include)
    if(NOT VOORWERP_CUDA_HEADERS OR VOORWERP_TSAN OR NOT CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
        set(needs "${prefix}needs the headers of the CUDA toolkit, an x86-64 CPU and no ThreadSanitizer")
        add_test(NAME ${needs} COMMAND ${CMAKE_COMMAND} -E false)
        set_tests_properties(${needs} PROPERTIES LABELS unit DISABLED ON) # ctest shows it as not run
        return()
    endif()
    set(emulator ${CMAKE_CURRENT_FUNCTION_LIST_DIR})
    set(kernels ${ARGN})
    list(FILTER kernels INCLUDE REGEX "\\.cu$")
    set_source_files_properties(${kernels} PROPERTIES LANGUAGE CXX
        COMPILE_OPTIONS "-x;c++;-include;${emulator}/shim.h")
    add_executable(${name} ${ARGN} ${emulator}/grid.cpp ${emulator}/memory.cpp ${emulator}/runtime.cpp)
    target_include_directories(${name} BEFORE PRIVATE ${emulator}/include)
    target_include_directories(${name} PRIVATE ${emulator}/../..)
    target_include_directories(${name} SYSTEM PRIVATE ${VOORWERP_CUDA_HEADERS})
    target_link_libraries(${name} PRIVATE voorwerp_catch_main voorwerp_flags)
    catch_discover_tests(${name} TEST_PREFIX ${prefix} PROPERTIES LABELS unit SKIP_RETURN_CODE 77 TIMEOUT 600)
endfunction()
