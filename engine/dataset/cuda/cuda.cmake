# SPDX-License-Identifier: GPL-3.0-or-later
# Preprocessing on a GPU, part of voorwerp_dataset. Of nn it uses the wrappers of CUDA.
file(GLOB cuda_sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/*.cu ${CMAKE_CURRENT_LIST_DIR}/*.cpp)
target_sources(voorwerp_dataset PRIVATE ${cuda_sources})
target_compile_definitions(voorwerp_dataset PRIVATE VOORWERP_DATASET_CUDA)
# The CPU's bits: no multiplication is fused with an addition. Formulas that both share are constexpr.
target_compile_options(voorwerp_dataset PRIVATE
    $<$<COMPILE_LANGUAGE:CUDA>:-fmad=false;--expt-relaxed-constexpr>)
target_include_directories(voorwerp_dataset SYSTEM PRIVATE ${CUDAToolkit_INCLUDE_DIRS})
target_link_libraries(voorwerp_dataset PRIVATE voorwerp_nn CUDA::cudart_static)
set_target_properties(voorwerp_dataset PROPERTIES CUDA_RUNTIME_LIBRARY None)
