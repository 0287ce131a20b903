// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The few HDF5 things that a model file is made of: texts, tensors and attributes, written so that the same
// content gives the same bytes (no times, fixed-length types, no chunks).

#include "nn/model_config.h"

#include <H5Cpp.h>

#include <string>
#include <vector>

namespace voorwerp::registry {

void writeText(H5::Group& group, const std::string& name, const std::string& text);
std::string readTextDataset(const H5::Group& group, const std::string& name);

void writeAttribute(H5::H5Object& object, const std::string& name, const std::string& text);
void writeAttribute(H5::H5Object& object, const std::string& name, int number);
void writeAttribute(H5::H5Object& object, const std::string& name, double number);
std::string readTextAttribute(const H5::H5Object& object, const std::string& name);
int readIntAttribute(const H5::H5Object& object, const std::string& name);
double readDoubleAttribute(const H5::H5Object& object, const std::string& name);

/// Float dataset of the tensor's shape; its place in the list is the attribute "index".
void writeTensor(H5::Group& group, const nn::NamedTensor& tensor, int index);
/// All tensors of a group, in the order they were written in.
std::vector<nn::NamedTensor> readTensors(const H5::Group& group);

/// An HDF5 file whose bytes are already in memory; nothing is read from a disk any more.
H5::H5File openImage(const std::vector<std::byte>& image);

} // namespace voorwerp::registry
