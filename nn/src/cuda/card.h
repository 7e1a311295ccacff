// A card, through the driver alone: libcuda is opened when it is asked for, so that no toolkit is needed, and where there is no
// driver that is a sentence. The kernels come as PTX, which the driver compiles for its card.
#pragma once
#include "arguments.h"
#include "backend.h"
#include <dlfcn.h>
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>
#include <stdint.h>
#include <string>
#include <vector>

class Card : public Backend {
public:
    explicit Card(const char *ptx) {
        library = dlopen("libcuda.so.1", RTLD_NOW);
        if (!library) throw std::runtime_error("there is no NVIDIA driver on this machine (libcuda.so.1 can't be opened)");
        check(call<int(unsigned)>("cuInit")(0), "cuInit");
        int device = 0;
        check(call<int(int *, int)>("cuDeviceGet")(&device, 0), "cuDeviceGet");
        check(call<int(char *, int, int)>("cuDeviceGetName")(title, sizeof title, device), "cuDeviceGetName");
        void *context = nullptr;
        check(call<int(void **, int)>("cuDevicePrimaryCtxRetain")(&context, device), "cuDevicePrimaryCtxRetain");
        check(call<int(void *)>("cuCtxSetCurrent")(context), "cuCtxSetCurrent");
        std::ifstream file(ptx, std::ios::binary);
        if (!file) throw std::runtime_error(std::string(ptx) + " can't be read");
        const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
        check(call<int(void **, const void *)>("cuModuleLoadData")(&module, text.c_str()), "cuModuleLoadData");
        launch_kernel = call<Launch>("cuLaunchKernel");
    }

    const char *name() override { return title; }

    void *allocate(size_t bytes) override {
        uint64_t address = 0;
        check(call<int(uint64_t *, size_t)>("cuMemAlloc_v2")(&address, bytes), "cuMemAlloc");
        check(call<int(uint64_t, unsigned char, size_t)>("cuMemsetD8_v2")(address, 0, bytes), "cuMemsetD8");
        return (void *)address;
    }

    void upload(void *to, const void *from, size_t bytes) override {
        if (bytes) check(call<int(uint64_t, const void *, size_t)>("cuMemcpyHtoD_v2")((uint64_t)to, from, bytes), "cuMemcpyHtoD");
    }

    void download(void *to, const void *from, size_t bytes) override {
        if (bytes) check(call<int(void *, uint64_t, size_t)>("cuMemcpyDtoH_v2")(to, (uint64_t)from, bytes), "cuMemcpyDtoH");
    }

    void launch(const char *kernel, Grid grid, void **arguments, bool) override {
        void *&function = functions[kernel];
        if (!function) check(call<int(void **, void *, const char *)>("cuModuleGetFunction")(&function, module, kernel), kernel);
        check(launch_kernel(function, grid.x, grid.y, grid.z, BLOCK, 1, 1, 0, nullptr, arguments, nullptr), kernel);
    }

    void wait() override { check(call<int()>("cuCtxSynchronize")(), "cuCtxSynchronize"); }

private:
    using Launch = int(void *, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, void *, void **, void **);
    void *library = nullptr, *module = nullptr;
    char title[128] = {};
    Launch *launch_kernel = nullptr;
    std::map<std::string, void *> functions;

    template <class F> F *call(const char *name) {
        F *found = (F *)dlsym(library, name);
        if (!found) throw std::runtime_error(std::string("the NVIDIA driver is too old: it has no ") + name);
        return found;
    }

    void check(int result, const char *what) {
        if (result == 0) return;
        const char *said = "an unknown error";
        call<int(int, const char **)>("cuGetErrorString")(result, &said);
        throw std::runtime_error(std::string(what) + ": " + said);
    }
};
