// Plays the launches that it is told on its standard input, in emulation: the kernels compiled as C++. It knows no network and no
// order of kernels; those are the program's (plan.rs). Numbers are as this machine has them; answers go to standard output.
//
//     runner SEED      threads and blocks are shuffled by the seed
#include "kernel_table.h"
#include <memory>
#include <stdexcept>

enum { ALLOCATE = 1, FREE, UPLOAD, DOWNLOAD, LAUNCH };

static void read(void *to, size_t bytes) {
    if (bytes && fread(to, 1, bytes, stdin) != bytes) throw std::runtime_error("the orders end too soon");
}

template <class T> static T number() {
    T value;
    read(&value, sizeof value);
    return value;
}

static void answer(const void *from, size_t bytes) {
    if ((bytes && fwrite(from, 1, bytes, stdout) != bytes) || fflush(stdout)) throw std::runtime_error("nobody reads the answers");
}

static void launch() {
    std::string name(number<uint32_t>(), ' ');
    read(&name[0], name.size());
    const Kernel &kernel = kernels.at(name);
    const uint32_t x = number<uint32_t>(), y = number<uint32_t>(), z = number<uint32_t>(), has_barriers = number<uint32_t>();
    if (number<uint32_t>() != kernel.sizes.size()) throw std::runtime_error(name + " takes another number of arguments");
    std::vector<std::vector<uint64_t>> arguments;
    std::vector<void *> addresses;
    for (size_t size : kernel.sizes) {
        if (number<uint32_t>() != size) throw std::runtime_error(name + " takes arguments of another size");
        arguments.emplace_back((size + 7) / 8);
        read(arguments.back().data(), size);
    }
    for (auto &argument : arguments) addresses.push_back(argument.data());
    emulation::launch(kernel.call, x, y, z, BLOCK, addresses.data(), has_barriers);
}

int main(int count, char **words) {
    std::map<uint64_t, std::unique_ptr<uint64_t[]>> memory;
    try {
        if (count != 2) throw std::runtime_error("runner SEED");
        emulation::seed = strtoull(words[1], nullptr, 10) * 0x9e3779b97f4a7c15ull + 1;
        uint32_t what;
        while (fread(&what, sizeof what, 1, stdin) == 1) {
            if (what == ALLOCATE) {
                std::unique_ptr<uint64_t[]> place(new uint64_t[(number<uint64_t>() + 7) / 8]());
                const uint64_t address = (uint64_t)place.get();
                memory[address] = std::move(place);
                answer(&address, sizeof address);
            } else if (what == FREE) {
                if (!memory.erase(number<uint64_t>())) throw std::runtime_error("memory is given back that is not there");
            } else if (what == UPLOAD) {
                void *to = (void *)number<uint64_t>();
                read(to, number<uint64_t>());
            } else if (what == DOWNLOAD) {
                const void *from = (const void *)number<uint64_t>();
                answer(from, number<uint64_t>());
            } else if (what == LAUNCH) {
                launch();
            } else {
                throw std::runtime_error("something unknown is asked for");
            }
        }
        return 0;
    } catch (const std::exception &error) {
        fprintf(stderr, "runner: %s\n", error.what());
        return 1;
    }
}
