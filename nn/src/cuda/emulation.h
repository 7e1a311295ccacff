// CUDA's words for a C++ compiler: blocks are loops, the threads of a block are fibres, and a barrier is a switch of fibres. Between
// two barriers the threads run one after another in an order that a seed shuffles anew each time: what depends on their order gives
// other bits with another seed. It shows wrong arithmetic, wrong indices and such races; not what memory ordering breaks on a card.
#pragma once
#include <math.h>
#include <deque>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <ucontext.h>
#include <utility>
#include <vector>

#define __global__
#define __device__
#define __shared__ static
#define SYNCHRONISE emulation::synchronise()

namespace emulation {

struct Index {
    unsigned x, y, z;
};

inline Index thread_index, block_index;
inline void (*body)(void **);
inline void **arguments;
inline ucontext_t start;
inline jmp_buf scheduler;

// Begun through ucontext; from then on switched by jumps, which ask nothing of the system.
struct Fibre {
    ucontext_t context;
    jmp_buf place;
    std::vector<char> stack;
    bool begun = false, ended = false;
};

inline std::deque<Fibre> fibres;
inline Fibre *running;
inline uint64_t seed = 1;

// xorshift64*
inline uint32_t chance(uint32_t below) {
    seed ^= seed >> 12;
    seed ^= seed << 25;
    seed ^= seed >> 27;
    return (uint32_t)((seed * 0x2545f4914f6cdd1dull) >> 33) % below;
}

inline void synchronise() {
    if (!running) {
        fputs("a kernel that was said to have no barrier has one\n", stderr);
        abort();
    }
    if (!_setjmp(running->place)) _longjmp(scheduler, 1);
}

// A fibre's life: one block after another.
inline void begin() {
    for (;;) {
        body(arguments);
        running->ended = true;
        if (!_setjmp(running->place)) _longjmp(scheduler, 1);
    }
}

// Runs a fibre up to its next barrier or its end.
inline void go_on(Fibre &fibre) {
    running = &fibre;
    if (_setjmp(scheduler)) return;
    if (fibre.begun) _longjmp(fibre.place, 1);
    fibre.begun = true;
    swapcontext(&start, &fibre.context);
}

inline void shuffle(std::vector<unsigned> &order) {
    for (size_t last = order.size() - 1; last > 0; last--) std::swap(order[last], order[chance((uint32_t)last + 1)]);
}

inline void run_fibres(std::vector<unsigned> &order) {
    while (fibres.size() < order.size()) {
        Fibre &fibre = fibres.emplace_back();
        fibre.stack.resize(1 << 16);
        getcontext(&fibre.context);
        fibre.context.uc_stack.ss_sp = fibre.stack.data();
        fibre.context.uc_stack.ss_size = fibre.stack.size();
        fibre.context.uc_link = nullptr;
        makecontext(&fibre.context, begin, 0);
    }
    for (unsigned thread : order) fibres[thread].ended = false;
    for (bool any = true; any;) {
        any = false;
        shuffle(order);
        for (unsigned thread : order) {
            if (fibres[thread].ended) continue;
            thread_index = {thread, 0, 0};
            go_on(fibres[thread]);
            any |= !fibres[thread].ended;
        }
    }
    running = nullptr;
}

// Runs every block of a grid, in shuffled order.
inline void launch(void (*kernel)(void **), unsigned x, unsigned y, unsigned z, unsigned threads, void **given, bool has_barriers) {
    body = kernel;
    arguments = given;
    std::vector<unsigned> order(threads), blocks((size_t)x * y * z);
    for (unsigned at = 0; at < threads; at++) order[at] = at;
    for (unsigned at = 0; at < blocks.size(); at++) blocks[at] = at;
    shuffle(blocks);
    for (unsigned block : blocks) {
        block_index = {block % x, block / x % y, block / x / y};
        if (has_barriers) {
            run_fibres(order);
            continue;
        }
        shuffle(order);
        for (unsigned thread : order) {
            thread_index = {thread, 0, 0};
            kernel(given);
        }
    }
}

}  // namespace emulation

#define threadIdx emulation::thread_index
#define blockIdx emulation::block_index
