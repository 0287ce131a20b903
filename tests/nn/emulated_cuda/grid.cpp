// SPDX-License-Identifier: GPL-3.0-or-later
// Runs the threads of a block as fibers of one thread of the CPU: each has a stack of its own and gives up
// the CPU at barriers only.
#include "nn/emulated_cuda/emulator.h"
#include "nn/emulated_cuda/shim.h"

#include <sys/mman.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <vector>

dim3 threadIdx, blockIdx, blockDim, gridDim;

namespace voorwerp::emulated {

std::uint64_t orderSeed = 0; // set by setOrder()

namespace {

constexpr unsigned kLargestBlock = 1024;
constexpr unsigned kWarp = 32;
constexpr std::size_t kStackBytes = std::size_t{64} << 10U;

/// Saves what a call must preserve on the stack, leaves the stack's address in *from and goes on where `to`
/// was left (System V ABI of x86-64).
extern "C" void voorwerpSwitchStack(void** from, void* to);
asm(R"(
.text
.type voorwerpSwitchStack, @function
voorwerpSwitchStack:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
)");

enum class State { Ready, AtBarrier, AtShuffle, Done };

struct Fiber
{
    void* stack = nullptr; ///< where it was left
    State state = State::Done;
};

struct Machine
{
    char* stacks = nullptr;
    void* scheduler = nullptr;
    Fiber fibers[kLargestBlock];
    std::uint64_t lanes[2][kLargestBlock]; ///< what each thread shows to its warp, by shuffles in turn
    unsigned shuffles[kLargestBlock];      ///< that each thread has done
    unsigned current = 0;
    const std::function<void()>* body = nullptr;
};

Machine machine;

void leave(State state)
{
    Fiber& fiber = machine.fibers[machine.current];
    fiber.state = state;
    voorwerpSwitchStack(&fiber.stack, machine.scheduler);
}

void fiberMain()
{
    (*machine.body)();
    leave(State::Done);
    mistake("a thread that ended went on", "emulator");
}

void start(unsigned thread)
{
    void** top = reinterpret_cast<void**>(machine.stacks + (thread + 1) * kStackBytes);
    *--top = nullptr; // keeps the stack as the ABI wants it at a function's entry
    *--top = reinterpret_cast<void*>(fiberMain);
    for (int saved = 0; saved < 6; ++saved)
        *--top = nullptr;
    machine.fibers[thread] = {top, State::Ready};
    machine.shuffles[thread] = 0;
}

void resume(unsigned thread)
{
    machine.current = thread;
    threadIdx.x = thread;
    voorwerpSwitchStack(&machine.scheduler, machine.fibers[thread].stack);
}

unsigned countIn(State state, unsigned begin, unsigned end)
{
    return static_cast<unsigned>(std::count_if(machine.fibers + begin, machine.fibers + end,
                                               [&](const Fiber& fiber) { return fiber.state == state; }));
}

/// Lets go on those of [begin, end) who wait, when all do.
bool release(State waiting, unsigned begin, unsigned end)
{
    if (countIn(waiting, begin, end) != end - begin)
        return false;
    for (unsigned thread = begin; thread < end; ++thread)
        machine.fibers[thread].state = State::Ready;
    return true;
}

void runBlock(const char* kernel, unsigned block, std::vector<unsigned>& order, std::mt19937_64& random)
{
    for (unsigned thread = 0; thread < block; ++thread)
        start(thread);
    while (countIn(State::Done, 0, block) < block) {
        if (orderSeed != 0)
            std::shuffle(order.begin(), order.end(), random);
        for (const unsigned thread : order)
            if (machine.fibers[thread].state == State::Ready)
                resume(thread);
        if (countIn(State::Done, 0, block) == block)
            return;
        bool goesOn = release(State::AtBarrier, 0, block);
        for (unsigned warp = 0; warp < block; warp += kWarp)
            goesOn = release(State::AtShuffle, warp, std::min(warp + kWarp, block)) || goesOn;
        if (!goesOn)
            mistake("threads of a block wait at different barriers", kernel);
    }
}

void allocateStacks()
{
    if (machine.stacks != nullptr)
        return;
    void* stacks = ::mmap(nullptr, kLargestBlock * kStackBytes, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (stacks == MAP_FAILED)
        mistake("no memory for stacks", "emulator");
    machine.stacks = static_cast<char*>(stacks);
}

} // namespace

void runGrid(const char* kernel, unsigned grid, unsigned block, const std::function<void()>& body)
{
    allocateStacks();
    machine.body = &body;
    gridDim = dim3(grid);
    blockDim = dim3(block);
    std::mt19937_64 random(orderSeed);
    std::vector<unsigned> threads(block), blocks(grid);
    std::iota(threads.begin(), threads.end(), 0U);
    std::iota(blocks.begin(), blocks.end(), 0U);
    if (orderSeed != 0)
        std::shuffle(blocks.begin(), blocks.end(), random);
    for (const unsigned index : blocks) {
        blockIdx.x = index;
        runBlock(kernel, block, threads, random);
    }
}

void syncThreads()
{
    leave(State::AtBarrier);
}

unsigned laneOfThread()
{
    return machine.current % kWarp;
}

std::uint64_t shuffle(std::uint64_t bits, unsigned lane)
{
    const unsigned thread = machine.current, from = thread / kWarp * kWarp + lane;
    // Nobody writes the same one again before all have read it and come to the shuffle in between.
    std::uint64_t* lanes = machine.lanes[machine.shuffles[thread]++ % 2];
    lanes[thread] = bits;
    leave(State::AtShuffle);
    if (from >= blockDim.x)
        mistake("a shuffle from a lane that is not there", "emulator");
    return lanes[from];
}

} // namespace voorwerp::emulated
