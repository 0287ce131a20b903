// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A dataset (rows, pixels) of a training set: held in memory, or read from the file by runs of rows.
// Callers hold the HDF5 lock but for rowsInMemory().

#include <H5Cpp.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <numeric>
#include <span>
#include <vector>

namespace voorwerp::dataset {

template <class T> class StoredRows
{
public:
    StoredRows() = default;
    /// type: of T in memory; that of the file, or one that HDF5 converts to.
    StoredRows(H5::DataSet dataset, H5::DataType type, std::size_t rows, std::size_t pixels)
        : m_dataset(std::move(dataset))
        , m_type(std::move(type))
        , m_rows(rows)
        , m_pixels(pixels)
    {
    }

    void load()
    {
        m_memory.resize(m_rows * m_pixels);
        readBlock(0, m_rows, m_memory.data());
    }
    bool inMemory() const { return !m_memory.empty(); }
    void close() { m_dataset.close(); }

    /// Only where inMemory().
    void copy(std::span<const std::size_t> wanted, T* to) const
    {
        for (std::size_t i = 0; i < wanted.size(); ++i)
            std::copy_n(m_memory.data() + wanted[i] * m_pixels, m_pixels, to + i * m_pixels);
    }

    /// Rows sorted by number, read in runs of neighbours, each copied to its places.
    void read(std::span<const std::size_t> wanted, T* to) const
    {
        constexpr std::size_t kLongestRun = 256, kLargestGap = 4;
        std::vector<std::size_t> order(wanted.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::sort(order.begin(), order.end(),
                  [&](std::size_t a, std::size_t b) { return wanted[a] < wanted[b]; });
        std::vector<T> block;
        for (std::size_t i = 0; i < order.size();) {
            const std::size_t first = wanted[order[i]];
            std::size_t end = i + 1;
            while (end < order.size() && wanted[order[end]] <= wanted[order[end - 1]] + kLargestGap &&
                   wanted[order[end]] - first < kLongestRun)
                ++end;
            const std::size_t count = wanted[order[end - 1]] - first + 1;
            block.resize(count * m_pixels);
            readBlock(first, count, block.data());
            for (; i < end; ++i)
                std::copy_n(block.data() + (wanted[order[i]] - first) * m_pixels, m_pixels,
                            to + order[i] * m_pixels);
        }
    }

private:
    void readBlock(std::size_t first, std::size_t count, T* to) const
    {
        const std::array<hsize_t, 2> start{first, 0}, size{count, m_pixels};
        H5::DataSpace space = m_dataset.getSpace();
        space.selectHyperslab(H5S_SELECT_SET, size.data(), start.data());
        m_dataset.read(to, m_type, H5::DataSpace(2, size.data()), space);
    }

    H5::DataSet m_dataset;
    H5::DataType m_type;
    std::size_t m_rows = 0, m_pixels = 0;
    std::vector<T> m_memory; ///< empty: rows are read from the file
};

} // namespace voorwerp::dataset
