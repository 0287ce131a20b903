// SPDX-License-Identifier: GPL-3.0-or-later
// The matrix product of single-precision values on AMX, whose tiles multiply bfloat16 and add in fp32. Each
// value is the sum of up to three bfloat16 parts (8 bits each), x = x1 + x2 + x3, and the product the sum of
// those of the parts (Henry, Tang & Heinecke 2019, arXiv:1904.06376):
//
//     fp32  a1b1 + a1b2 + a2b1 + a2b2 + a1b3 + a3b1    what is left out is below 2^-24 of |a||b|
//     tf32  a1b1 + a1b2 + a2b1                         16 bits of each factor
//     bf16  a1b1
//
// Parts that are zero in a whole block are not multiplied: of values such as 0 and 1 there is only a1.
// AMX takes denormal parts as zero, so fp32 is exact to about 2^-24·|a||b| + 2^-126·(|a| + |b|). Infinities
// and NaN give NaN or infinity; so do values beyond 3.39e38, which bfloat16 rounds to infinity.
//
// Both factors are packed, slab by slab, into tiles of 16 rows of 16 pairs of neighbours in k. Which two
// values make a pair is free as long as both factors agree: i and i + 16 of a block of 32, so that a pair is
// made of two vectors without moving values between lanes.
#include "nn/cpu/kernel_sets.h"

#include <immintrin.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <new>

namespace voorwerp::nn {

namespace {

constexpr std::size_t kPanel = 32;                 ///< rows of A, columns of B: two tiles side by side
constexpr std::size_t kDepth = 32;                 ///< of a tile: 16 pairs
constexpr std::size_t kTileBytes = 1024;           ///< 16 rows of 64
constexpr std::size_t kPartBytes = 2 * kTileBytes; ///< one part of a block, panel by depth
constexpr std::size_t kParts =
    3 * kPartBytes; ///< where a block says how many parts are not all zero (1 to 3)
constexpr std::size_t kBlockBytes = kParts + 64;
constexpr std::size_t kSlab = 256; ///< panels of 256 rows, columns and depth: packed slabs of both stay in L2
constexpr std::size_t kSmallest = 48 * 48 * 48; ///< products of fewer multiplications: not by AMX

struct alignas(64) TileConfig ///< as LDTILECFG reads it: eight tiles of 16 rows of 64 bytes
{
    std::uint8_t palette = 1, startRow = 0, reserved[14] = {};
    std::uint16_t columnBytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
    std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};
constexpr TileConfig kTileConfig;

/// A factor; across is along m or n.
struct Factor
{
    const float* data;
    std::size_t stride;
    std::size_t across, depth;
    bool depthContiguous; ///< neighbours in k are neighbours in memory
    bool pairsDown;       ///< a row of a tile holds one pair of 16 columns (B), not 16 pairs of one row (A)
};

/// Slabs of both factors. One per thread, made at its first product.
class Scratch
{
public:
    Scratch()
        : m_bytes(static_cast<std::byte*>(::operator new(2 * kBytes, std::align_val_t(64))))
    {
    }
    ~Scratch() { ::operator delete(m_bytes, std::align_val_t(64)); }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    std::byte* a() { return m_bytes; }
    std::byte* b() { return m_bytes + kBytes; }

private:
    static constexpr std::size_t kBytes = kSlab / kPanel * (kSlab / kDepth) * kBlockBytes;
    std::byte* m_bytes;
};

/// The intrinsics of tiles do not tell the compiler that they read memory.
inline void finishStores()
{
    asm volatile("" ::: "memory");
}

inline void transpose16(const float* in, std::size_t stride, float* out)
{
    for (std::size_t group = 0; group < 4; ++group) {
        __m512 v[4]; // lane l of v[r]: row r + 4·l, four columns
        for (std::size_t r = 0; r < 4; ++r) {
            const float* from = in + r * stride + 4 * group;
            v[r] = _mm512_castps128_ps512(_mm_loadu_ps(from));
            v[r] = _mm512_insertf32x4(v[r], _mm_loadu_ps(from + 4 * stride), 1);
            v[r] = _mm512_insertf32x4(v[r], _mm_loadu_ps(from + 8 * stride), 2);
            v[r] = _mm512_insertf32x4(v[r], _mm_loadu_ps(from + 12 * stride), 3);
        }
        const __m512d low01 = _mm512_castps_pd(_mm512_unpacklo_ps(v[0], v[1]));
        const __m512d high01 = _mm512_castps_pd(_mm512_unpackhi_ps(v[0], v[1]));
        const __m512d low23 = _mm512_castps_pd(_mm512_unpacklo_ps(v[2], v[3]));
        const __m512d high23 = _mm512_castps_pd(_mm512_unpackhi_ps(v[2], v[3]));
        float* to = out + 64 * group;
        _mm512_store_ps(to, _mm512_castpd_ps(_mm512_unpacklo_pd(low01, low23)));
        _mm512_store_ps(to + 16, _mm512_castpd_ps(_mm512_unpackhi_pd(low01, low23)));
        _mm512_store_ps(to + 32, _mm512_castpd_ps(_mm512_unpacklo_pd(high01, high23)));
        _mm512_store_ps(to + 48, _mm512_castpd_ps(_mm512_unpackhi_pd(high01, high23)));
    }
}

/// A block of 16 × 16 values: its rows, stride apart.
struct Block
{
    const float* data;
    std::size_t stride;
};

/// rows × columns (16 at most) with zeros beyond, transposed if asked; where it lies, or in the buffer.
inline Block fetch(Block from, std::size_t rows, std::size_t columns, bool transposed, float* buffer)
{
    alignas(64) float padded[256];
    if (rows < 16 || columns < 16) {
        float* to = transposed ? padded : buffer;
        const auto mask = static_cast<__mmask16>((1U << columns) - 1U);
        for (std::size_t row = 0; row < 16; ++row)
            _mm512_store_ps(to + 16 * row, row < rows
                                               ? _mm512_maskz_loadu_ps(mask, from.data + row * from.stride)
                                               : _mm512_setzero_ps());
        from = {to, 16};
    }
    if (!transposed)
        return from;
    transpose16(from.data, from.stride, buffer);
    return {buffer, 16};
}

inline __m512i bits(__m512 values)
{
    return _mm512_castps_si512(values);
}

/// To 8 bits, ties away from zero. A NaN may become a zero here: what it leaves is still NaN.
inline __m512 rounded(__m512 values)
{
    const __m512i up = _mm512_add_epi32(bits(values), _mm512_set1_epi32(0x8000));
    return _mm512_castsi512_ps(_mm512_and_si512(up, _mm512_set1_epi32(static_cast<int>(0xFFFF0000U))));
}

/// To 8 bits, ties to even; NaN stays NaN.
inline __m512 roundedToEven(__m512 values)
{
    const __m512i odd = _mm512_and_si512(_mm512_srli_epi32(bits(values), 16), _mm512_set1_epi32(1));
    const __m512i up = _mm512_add_epi32(_mm512_add_epi32(bits(values), _mm512_set1_epi32(0x7FFF)), odd);
    return _mm512_mask_mov_ps(_mm512_castsi512_ps(up), _mm512_cmp_ps_mask(values, values, _CMP_UNORD_Q),
                              _mm512_set1_ps(__builtin_nanf("")));
}

/// The upper halves of both, lane by lane.
inline __m512i pairs(__m512 first, __m512 second)
{
    return _mm512_mask_blend_epi16(0xAAAAAAAAU, _mm512_srli_epi32(bits(first), 16), bits(second));
}

/// Two blocks of values into a tile of pairs for each part. Returns a bit for each part that is not all zero.
template <int Parts> unsigned split(Block first, Block second, std::byte* tile)
{
    __m512i seen[Parts] = {};
    for (std::size_t row = 0; row < 16; ++row, tile += 64) {
        __m512 x = _mm512_loadu_ps(first.data + row * first.stride);
        __m512 y = _mm512_loadu_ps(second.data + row * second.stride);
#pragma GCC unroll 2
        for (int part = 0; part + 1 < Parts; ++part) {
            const __m512 roundX = rounded(x), roundY = rounded(y);
            const __m512i packed = pairs(roundX, roundY);
            _mm512_store_si512(tile + static_cast<std::size_t>(part) * kPartBytes, packed);
            seen[part] = _mm512_or_si512(seen[part], packed);
            x = _mm512_sub_ps(x, roundX);
            y = _mm512_sub_ps(y, roundY);
        }
        const __m512i last = Parts == 3 ? pairs(x, y) // 8 bits are left of 24
                                        : pairs(roundedToEven(x), roundedToEven(y));
        _mm512_store_si512(tile + (Parts - 1) * kPartBytes, last);
        seen[Parts - 1] = _mm512_or_si512(seen[Parts - 1], last);
    }
    unsigned used = 0;
#pragma GCC unroll 3
    for (int part = 0; part < Parts; ++part)
        used |= (_mm512_test_epi32_mask(seen[part], seen[part]) != 0 ? 1U : 0U) << part;
    return used;
}

/// A block (panel by depth) of a factor that starts at (across, depth).
template <int Parts> void packBlock(const Factor& f, std::size_t across, std::size_t depth, std::byte* block)
{
    alignas(64) float buffers[2][256];
    Block values[2];
    unsigned used = 0;
    for (std::size_t half = 0; half < 2; ++half) {
        const std::size_t from = std::min(across + 16 * half, f.across);
        const std::size_t wide = std::min<std::size_t>(16, f.across - from);
        for (std::size_t i = 0; i < 2; ++i) {
            const std::size_t top = std::min(depth + 16 * i, f.depth);
            const std::size_t deep = std::min<std::size_t>(16, f.depth - top);
            values[i] =
                f.depthContiguous
                    ? fetch({f.data + from * f.stride + top, f.stride}, wide, deep, f.pairsDown, buffers[i])
                    : fetch({f.data + top * f.stride + from, f.stride}, deep, wide, !f.pairsDown, buffers[i]);
        }
        used |= split<Parts>(values[0], values[1], block + half * kTileBytes);
    }
    block[kParts] = std::byte(used > 3 ? 3 : used > 1 ? 2 : 1);
}

/// Of the values of a block. Beyond the end of a factor it does no harm.
inline void prefetch(const Factor& f, std::size_t across, std::size_t depth)
{
    const std::size_t at = f.depthContiguous ? across * f.stride + depth : depth * f.stride + across;
    for (std::size_t row = 0; row < kPanel; ++row) {
        _mm_prefetch(reinterpret_cast<const char*>(f.data + at + row * f.stride), _MM_HINT_T0);
        _mm_prefetch(reinterpret_cast<const char*>(f.data + at + row * f.stride + 16), _MM_HINT_T0);
    }
}

/// Panel after panel with all its blocks; read along the rows in memory, so that what comes next lies next.
template <int Parts>
void packSlab(const Factor& f, std::size_t across, std::size_t wide, std::size_t depth, std::size_t deep,
              std::byte* slab)
{
    const std::size_t panels = (wide + kPanel - 1) / kPanel, blocks = (deep + kDepth - 1) / kDepth;
    const auto panelOf = [&](std::size_t i) { return f.depthContiguous ? i / blocks : i % panels; };
    const auto blockOf = [&](std::size_t i) { return f.depthContiguous ? i % blocks : i / panels; };
    for (std::size_t i = 0; i < panels * blocks; ++i) {
        prefetch(f, across + panelOf(i + 1) * kPanel, depth + blockOf(i + 1) * kDepth);
        const std::size_t panel = panelOf(i), block = blockOf(i);
        packBlock<Parts>(f, across + panel * kPanel, depth + block * kDepth,
                         slab + (panel * blocks + block) * kBlockBytes);
    }
}

// Tiles 0 to 3: the sums, two by two. 4 and 5: of A. 6 and 7: of B.
inline void loadA(const std::byte* block, std::size_t part)
{
    _tile_loadd(4, block + part * kPartBytes, 64);
    _tile_loadd(5, block + part * kPartBytes + kTileBytes, 64);
}

inline void loadB(const std::byte* block, std::size_t part)
{
    _tile_loadd(6, block + part * kPartBytes, 64);
    _tile_loadd(7, block + part * kPartBytes + kTileBytes, 64);
}

inline void multiplyTiles()
{
    _tile_dpbf16ps(0, 4, 6);
    _tile_dpbf16ps(1, 4, 7);
    _tile_dpbf16ps(2, 5, 6);
    _tile_dpbf16ps(3, 5, 7);
}

/// sums (panel by panel) = a panel of A times one of B over some blocks, in an order that loads few tiles.
template <int Parts>
void multiplyPanels(const std::byte* a, const std::byte* b, std::size_t blocks, float* sums)
{
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
    for (std::size_t i = 0; i < blocks; ++i, a += kBlockBytes, b += kBlockBytes) {
        const int partsA = Parts > 1 ? std::to_integer<int>(a[kParts]) : 1;
        const int partsB = Parts > 1 ? std::to_integer<int>(b[kParts]) : 1;
        loadA(a, 0);
        if (partsB > 2) {
            loadB(b, 2);
            multiplyTiles();
        }
        if (partsB > 1) {
            loadB(b, 1);
            multiplyTiles();
        }
        if (partsA > 1) {
            loadA(a, 1);
            if (Parts > 2 && partsB > 1)
                multiplyTiles();
            loadB(b, 0);
            multiplyTiles();
            if (partsA > 2) {
                loadA(a, 2);
                multiplyTiles();
            }
            loadA(a, 0);
        } else {
            loadB(b, 0);
        }
        multiplyTiles();
    }
    constexpr std::size_t kStride = kPanel * sizeof(float);
    _tile_stored(0, sums, kStride);
    _tile_stored(1, sums + 16, kStride);
    _tile_stored(2, sums + 16 * kPanel, kStride);
    _tile_stored(3, sums + 16 * kPanel + 16, kStride);
}

inline void store(const float* sums, std::size_t rows, std::size_t columns, bool add, float* c,
                  std::size_t stride)
{
    const auto mask = static_cast<__mmask32>((std::uint64_t(1) << columns) - 1U);
    const __mmask16 left = static_cast<__mmask16>(mask), right = static_cast<__mmask16>(mask >> 16U);
    for (std::size_t row = 0; row < rows; ++row, c += stride, sums += kPanel) {
        __m512 x = _mm512_load_ps(sums), y = _mm512_load_ps(sums + 16);
        if (add) {
            x = _mm512_add_ps(x, _mm512_maskz_loadu_ps(left, c));
            y = _mm512_add_ps(y, _mm512_maskz_loadu_ps(right, c + 16));
        }
        _mm512_mask_storeu_ps(c, left, x);
        _mm512_mask_storeu_ps(c + 16, right, y);
    }
}

template <int Parts>
void multiplySlabs(const Gemm<float>& tile, const std::byte* packedA, const std::byte* packedB)
{
    alignas(64) float sums[kPanel * kPanel];
    const std::size_t blocks = (tile.k + kDepth - 1) / kDepth;
    for (std::size_t i = 0; i < tile.m; i += kPanel, packedA += blocks * kBlockBytes) {
        const std::byte* b = packedB;
        for (std::size_t j = 0; j < tile.n; j += kPanel, b += blocks * kBlockBytes) {
            multiplyPanels<Parts>(packedA, b, blocks, sums);
            store(sums, std::min(kPanel, tile.m - i), std::min(kPanel, tile.n - j), tile.accumulate,
                  tile.c + i * tile.strideC + j, tile.strideC);
        }
    }
}

template <int Parts> void multiply(const Gemm<float>& g, std::byte* slabA, std::byte* slabB)
{
    const Factor a{g.a, g.strideA, g.m, g.k, !g.transposeA, false};
    const Factor b{g.b, g.strideB, g.n, g.k, g.transposeB, true};
    Gemm<float> tile = g;
    for (std::size_t column = 0; column < g.n; column += kSlab)
        for (std::size_t depth = 0; depth < g.k; depth += kSlab) {
            tile.n = std::min(kSlab, g.n - column);
            tile.k = std::min(kSlab, g.k - depth);
            tile.accumulate = g.accumulate || depth > 0;
            packSlab<Parts>(b, column, tile.n, depth, tile.k, slabB);
            for (std::size_t row = 0; row < g.m; row += kSlab) {
                tile.m = std::min(kSlab, g.m - row);
                tile.c = g.c + row * g.strideC + column;
                packSlab<Parts>(a, row, tile.m, depth, tile.k, slabA);
                finishStores();
                multiplySlabs<Parts>(tile, slabA, slabB);
            }
        }
}

} // namespace

void amxGemm(const Gemm<float>& g)
{
    if (g.k == 0 || (g.precision != Precision::Bf16 && g.m * g.n * g.k < kSmallest)) {
        kAvx512Kernels.fp32.gemm(g);
        return;
    }
    thread_local Scratch scratch;
    _tile_loadconfig(&kTileConfig);
    if (g.precision == Precision::Fp32)
        multiply<3>(g, scratch.a(), scratch.b());
    else if (g.precision == Precision::Tf32)
        multiply<2>(g, scratch.a(), scratch.b());
    else
        multiply<1>(g, scratch.a(), scratch.b());
    _tile_release();
}

} // namespace voorwerp::nn
