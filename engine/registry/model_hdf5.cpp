// SPDX-License-Identifier: GPL-3.0-or-later
#include "registry/model_hdf5.h"

#include <algorithm>

namespace voorwerp::registry {

namespace {

H5::DSetCreatPropList withoutTimes()
{
    H5::DSetCreatPropList properties;
    H5Pset_obj_track_times(properties.getId(), false);
    return properties;
}

H5::StrType fixedText(std::size_t size)
{
    H5::StrType type(H5::PredType::C_S1, std::max<std::size_t>(size, 1));
    type.setStrpad(H5T_STR_NULLPAD);
    return type;
}

template <typename Number>
void writeNumber(H5::H5Object& object, const std::string& name, const H5::PredType& stored,
                 const H5::PredType& native, Number number)
{
    object.createAttribute(name, stored, H5::DataSpace(H5S_SCALAR)).write(native, &number);
}

} // namespace

void writeText(H5::Group& group, const std::string& name, const std::string& text)
{
    const H5::StrType type = fixedText(text.size());
    group.createDataSet(name, type, H5::DataSpace(H5S_SCALAR), withoutTimes())
        .write(text.empty() ? std::string(1, '\0') : text, type);
}

std::string readTextDataset(const H5::Group& group, const std::string& name)
{
    const H5::DataSet dataset = group.openDataSet(name);
    const H5::StrType type = dataset.getStrType();
    std::string text(type.getSize(), '\0');
    dataset.read(text.data(), type);
    return text.substr(0, text.find('\0'));
}

void writeAttribute(H5::H5Object& object, const std::string& name, const std::string& text)
{
    const H5::StrType type = fixedText(text.size());
    object.createAttribute(name, type, H5::DataSpace(H5S_SCALAR)).write(type, text);
}

void writeAttribute(H5::H5Object& object, const std::string& name, int number)
{
    writeNumber(object, name, H5::PredType::STD_I32LE, H5::PredType::NATIVE_INT, number);
}

void writeAttribute(H5::H5Object& object, const std::string& name, double number)
{
    writeNumber(object, name, H5::PredType::IEEE_F64LE, H5::PredType::NATIVE_DOUBLE, number);
}

std::string readTextAttribute(const H5::H5Object& object, const std::string& name)
{
    const H5::Attribute attribute = object.openAttribute(name);
    std::string text;
    attribute.read(attribute.getStrType(), text);
    return text.substr(0, text.find('\0'));
}

int readIntAttribute(const H5::H5Object& object, const std::string& name)
{
    int number = 0;
    object.openAttribute(name).read(H5::PredType::NATIVE_INT, &number);
    return number;
}

double readDoubleAttribute(const H5::H5Object& object, const std::string& name)
{
    double number = 0.0;
    object.openAttribute(name).read(H5::PredType::NATIVE_DOUBLE, &number);
    return number;
}

void writeTensor(H5::Group& group, const nn::NamedTensor& tensor, int index)
{
    const std::vector<hsize_t> shape(tensor.shape.begin(), tensor.shape.end());
    const H5::DataSpace space = shape.empty() ? H5::DataSpace(H5S_SCALAR)
                                              : H5::DataSpace(static_cast<int>(shape.size()), shape.data());
    H5::DataSet dataset = group.createDataSet(tensor.name, H5::PredType::IEEE_F32LE, space, withoutTimes());
    if (!tensor.values.empty())
        dataset.write(tensor.values.data(), H5::PredType::NATIVE_FLOAT);
    writeAttribute(dataset, "index", index);
}

std::vector<nn::NamedTensor> readTensors(const H5::Group& group)
{
    std::vector<nn::NamedTensor> tensors(group.getNumObjs());
    for (hsize_t i = 0; i < group.getNumObjs(); ++i) {
        nn::NamedTensor tensor;
        tensor.name = group.getObjnameByIdx(i);
        const H5::DataSet dataset = group.openDataSet(tensor.name);
        const H5::DataSpace space = dataset.getSpace();
        std::vector<hsize_t> shape(static_cast<std::size_t>(space.getSimpleExtentNdims()));
        if (!shape.empty())
            space.getSimpleExtentDims(shape.data());
        tensor.shape.assign(shape.begin(), shape.end());
        tensor.values.resize(static_cast<std::size_t>(space.getSimpleExtentNpoints()));
        if (!tensor.values.empty())
            dataset.read(tensor.values.data(), H5::PredType::NATIVE_FLOAT);
        tensors.at(static_cast<std::size_t>(readIntAttribute(dataset, "index"))) = std::move(tensor);
    }
    return tensors;
}

H5::H5File openImage(const std::vector<std::byte>& image)
{
    constexpr std::size_t kGrowth = 1 << 20;
    H5::FileAccPropList access;
    access.setCore(kGrowth, false);
    // HDF5 copies the image, so the caller's bytes stay what was hashed.
    H5Pset_file_image(access.getId(), const_cast<std::byte*>(image.data()), image.size());
    return H5::H5File("model", H5F_ACC_RDONLY, H5::FileCreatPropList::DEFAULT, access);
}

} // namespace voorwerp::registry
