// Where kernels are launched: a card, or the emulation.
#pragma once
#include <stddef.h>

struct Grid {
    unsigned x, y, z;
};

struct Backend {
    virtual ~Backend() = default;
    virtual const char *name() = 0;
    // Memory of the device, zeros.
    virtual void *allocate(size_t bytes) = 0;
    virtual void upload(void *to, const void *from, size_t bytes) = 0;
    virtual void download(void *to, const void *from, size_t bytes) = 0;
    // Blocks of BLOCK threads. `arguments` are the addresses of the kernel's arguments.
    virtual void launch(const char *kernel, Grid grid, void **arguments, bool has_barriers) = 0;
    // Waits until all that was launched is done.
    virtual void wait() = 0;
};
