# SPDX-License-Identifier: GPL-3.0-or-later
# The CUDA backend's part of voorwerp_nn. The runtime is linked statically and cuBLASLt is opened when a GPU is
# used, so the program starts on a machine without CUDA.
file(GLOB cuda_sources CONFIGURE_DEPENDS cuda/*.cu cuda/*.cpp)
target_sources(voorwerp_nn PRIVATE ${cuda_sources})
target_compile_definitions(voorwerp_nn PRIVATE VOORWERP_NN_CUDA
    VOORWERP_CUDA_LIBRARY_FOLDER="${CUDAToolkit_LIBRARY_DIR}")
target_compile_options(voorwerp_nn PRIVATE $<$<COMPILE_LANGUAGE:CUDA>:--threads=2>)
target_include_directories(voorwerp_nn SYSTEM PRIVATE ${CUDAToolkit_INCLUDE_DIRS})
target_link_libraries(voorwerp_nn PRIVATE CUDA::cudart_static ${CMAKE_DL_LIBS})
set_target_properties(voorwerp_nn PROPERTIES CUDA_RUNTIME_LIBRARY None)
