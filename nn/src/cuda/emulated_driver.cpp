// A libcuda.so.1 without a card: as much of NVIDIA's driver as driver.rs asks for, with one card whose kernels are those compiled as C++.
// It shows that the program's code for the driver gives each kernel what it takes, in the right order; it does not read the PTX.
// scripts/check-cuda.sh builds it and runs the tests with it.
#include "kernel_table.h"
#include <cstring>
#include <mutex>
#include <set>

static const int SUCCESS = 0, INVALID_VALUE = 1, OUT_OF_MEMORY = 2, NOT_FOUND = 500, LAUNCH_FAILED = 719;
static std::mutex one_at_a_time;
static std::set<uint64_t> allocated;
static thread_local void *current = nullptr;
static int context, stream, module_;

extern "C" {

int cuInit(unsigned) { return SUCCESS; }
int cuDriverGetVersion(int *version) { return *version = 12000, SUCCESS; }
int cuDeviceGetCount(int *count) { return *count = 1, SUCCESS; }
int cuDeviceGet(int *device, int number) { return *device = number, number == 0 ? SUCCESS : 101; }
int cuDeviceGetName(char *name, int length, int) { return snprintf(name, length, "emulated card"), SUCCESS; }

int cuDeviceGetAttribute(int *value, int attribute, int) {
    const char *major = getenv("EEG_TUI_EMULATED_CAPABILITY");
    *value = attribute == 75 ? (major ? atoi(major) : 8) : 0;
    return SUCCESS;
}

int cuDevicePrimaryCtxRetain(void **to, int) { return *to = &context, SUCCESS; }
int cuDevicePrimaryCtxRelease_v2(int) { return SUCCESS; }
int cuCtxSetCurrent(void *to) { return current = to, SUCCESS; }
int cuCtxGetCurrent(void **to) { return *to = current, SUCCESS; }
int cuCtxSynchronize() { return SUCCESS; }
int cuStreamCreate(void **to, unsigned) { return *to = &stream, SUCCESS; }
int cuStreamDestroy_v2(void *) { return SUCCESS; }
int cuStreamSynchronize(void *) { return SUCCESS; }
int cuMemGetInfo_v2(size_t *free, size_t *total) { return *free = *total = (size_t)1 << 32, SUCCESS; }

int cuMemAlloc_v2(uint64_t *to, size_t bytes) {
    // What was there before is anything.
    void *memory = malloc(bytes);
    if (!memory) return OUT_OF_MEMORY;
    memset(memory, 0x5a, bytes);
    std::lock_guard<std::mutex> alone(one_at_a_time);
    allocated.insert(*to = (uint64_t)memory);
    return SUCCESS;
}

int cuMemFree_v2(uint64_t memory) {
    std::lock_guard<std::mutex> alone(one_at_a_time);
    if (!allocated.erase(memory)) return INVALID_VALUE;
    free((void *)memory);
    return SUCCESS;
}

int cuMemsetD8Async(uint64_t to, unsigned char value, size_t bytes, void *) { return memset((void *)to, value, bytes), SUCCESS; }
int cuMemcpyHtoDAsync_v2(uint64_t to, const void *from, size_t bytes, void *) { return memcpy((void *)to, from, bytes), SUCCESS; }
int cuMemcpyDtoHAsync_v2(void *to, uint64_t from, size_t bytes, void *) { return memcpy(to, (void *)from, bytes), SUCCESS; }

int cuModuleLoadData(void **to, const void *ptx) {
    *to = &module_;
    return strstr((const char *)ptx, ".target sm_80") ? SUCCESS : 218;
}

int cuModuleUnload(void *) { return SUCCESS; }

int cuModuleGetFunction(void **to, void *, const char *name) {
    const auto found = kernels.find(name);
    if (found == kernels.end()) return NOT_FOUND;
    *to = (void *)&found->second;
    return SUCCESS;
}

int cuLaunchKernel(void *function, unsigned x, unsigned y, unsigned z, unsigned threads, unsigned, unsigned, unsigned, void *, void **given, void **) {
    if (!current || threads != BLOCK || !x || !y || !z || y > 65535 || z > 65535) return LAUNCH_FAILED;
    const Kernel *kernel = (const Kernel *)function;
    std::vector<std::vector<uint64_t>> arguments;
    std::vector<void *> addresses;
    for (size_t at = 0; at < kernel->sizes.size(); at++) {
        arguments.emplace_back((kernel->sizes[at] + 7) / 8);
        memcpy(arguments.back().data(), given[at], kernel->sizes[at]);
    }
    for (auto &argument : arguments) addresses.push_back(argument.data());
    std::lock_guard<std::mutex> alone(one_at_a_time);
    emulation::launch(kernel->call, x, y, z, BLOCK, addresses.data(), true);
    return SUCCESS;
}

int cuGetErrorString(int, const char **said) { return *said = "an error of the emulated driver", SUCCESS; }
int cuGetErrorName(int, const char **said) { return *said = "CUDA_ERROR_EMULATED", SUCCESS; }

}
