// Plays a tape: a network, data, weights, and what to compute of them. Writes what comes of it, single precision numbers one after
// another. The tapes are written by tests/cuda_kernels.rs, which knows what must come of them.
//
//     runner emulated SEED TAPE OUT      the kernels compiled as C++, threads shuffled by the seed
//     runner card KERNELS.ptx TAPE OUT   the same kernels on the first NVIDIA card
#include "emulation.h"
#undef threadIdx
#undef blockIdx
#include "card.h"
#include "group.h"
#include <chrono>
#include <cstring>
#include <memory>

#define threadIdx emulation::thread_index
#define blockIdx emulation::block_index
#include "kernels.cu"

#define ONE(kernel, type) {#kernel, [](void **a) { kernel(*(type *)a[0]); }}

class Emulated : public Backend {
public:
    explicit Emulated(uint64_t seed) { emulation::seed = seed * 0x9e3779b97f4a7c15ull + 1; }

    const char *name() override { return "emulated"; }

    void *allocate(size_t bytes) override { return (memory.emplace_back((bytes + 7) / 8), memory.back().data()); }

    void upload(void *to, const void *from, size_t bytes) override { memcpy(to, from, bytes); }

    void download(void *to, const void *from, size_t bytes) override { memcpy(to, from, bytes); }

    void launch(const char *kernel, Grid grid, void **arguments, bool has_barriers) override {
        if (grid.y > 65535 || grid.z > 65535) throw std::runtime_error(std::string(kernel) + ": the grid is larger than a card's");
        emulation::launch(kernels.at(kernel), grid.x, grid.y, grid.z, BLOCK, arguments, has_barriers);
    }

    void wait() override {}

private:
    std::vector<std::vector<uint64_t>> memory;
    const std::map<std::string, void (*)(void **)> kernels = {
        ONE(convolve, Convolution), ONE(convolve_back, Convolution), ONE(convolve_weights, Convolution), ONE(add_chunks, Convolution),
        ONE(pair_sums, PairSums), ONE(norm_of_batch, Norm), ONE(norm_of_running, Norm), ONE(norm_gradient, Norm), ONE(norm_back, NormBack),
        ONE(bias_gradient, BiasGradient), ONE(tail, Tail), ONE(head, Head), ONE(keep_progress, Head), ONE(head_weights, Head),
        ONE(head_back, Head), ONE(adam, Adam), ONE(limit_norm, Limit),
        {"tail_back", [](void **a) { tail_back(*(Tail *)a[0], *(View *)a[1]); }},
    };
};

class Tape {
public:
    explicit Tape(const char *path) {
        std::ifstream file(path, std::ios::binary);
        if (!file) throw std::runtime_error(std::string(path) + " can't be read");
        const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
        if (bytes.size() < 8 || bytes.compare(0, 8, "EEGTAPE1") != 0) throw std::runtime_error(std::string(path) + " is no tape");
        words.resize(bytes.size() / 4 - 2);
        memcpy(words.data(), bytes.data() + 8, words.size() * 4);
    }

    int32_t integer() { return take(1)[0]; }

    float number() {
        float value;
        memcpy(&value, take(1), 4);
        return value;
    }

    template <class T> std::vector<T> many(size_t count) {
        std::vector<T> values(count);
        if (count) memcpy((void *)values.data(), take(count * sizeof(T) / 4), count * sizeof(T));
        return values;
    }

private:
    std::vector<int32_t> words;
    size_t at = 0;

    const int32_t *take(size_t count) {
        if (count > words.size() - at) throw std::runtime_error("the tape ends too soon");
        at += count;
        return words.data() + at - count;
    }
};

static Block read_block(Tape &tape, int runs) {
    Block b;
    b.has_convolution = tape.integer();
    b.has_tail = tape.integer();
    if (b.has_convolution) {
        Convolution &c = b.convolution;
        for (int32_t *one : {&c.groups, &c.in_features, &c.in_electrodes, &c.in_samples, &c.features, &c.electrodes, &c.samples, &c.taps_e, &c.taps, &c.stride, &c.left, &c.weight, &c.bias})
            *one = tape.integer();
    }
    if (b.has_tail) {
        for (int *one : {&b.features, &b.electrodes, &b.in_samples, &b.samples, &b.pool, &b.kernel, &b.stride, &b.activation, &b.function, &b.gamma, &b.mean_at, &b.variance_at, &b.dropout})
            *one = tape.integer();
        b.eps = tape.number();
        b.momentum = tape.number();
        b.alpha = tape.many<float>(runs);
        b.function_alpha = tape.many<float>(runs);
    }
    return b;
}

enum { END, EVALUATE, DIFFERENTIATE, TRAIN, READ, PROGRESS };

static void play(Backend &device, Tape &tape, std::ofstream &out) {
    Network net;
    int trials = 0, steps = 0;
    for (int *one : {&net.runs, &net.batch, &net.samples, &net.electrodes, &net.classes, &net.parameters, &net.statistics, &net.dropouts, &net.head_inputs, &net.head_weight, &net.head_bias, &trials, &steps})
        *one = tape.integer();
    for (int left = tape.integer(); left > 0; left--) {
        const int at = tape.integer(), rows = tape.integer(), length = tape.integer();
        net.limits.push_back({at, rows, length, tape.number()});
    }
    for (int left = tape.integer(); left > 0; left--) net.blocks.push_back(read_block(tape, net.runs));
    const size_t runs = net.runs, parameters = net.parameters, statistics = net.statistics;
    const auto x = tape.many<float>((size_t)trials * net.samples * net.electrodes);
    const auto labels = tape.many<int32_t>(trials);
    const auto theta = tape.many<float>(runs * parameters), running = tape.many<float>(runs * statistics);
    const auto lr = tape.many<float>(runs), decay = tape.many<float>(runs);
    Group group(device, net, trials, x.data(), labels.data(), steps);
    group.set(theta.data(), running.data(), lr.data(), decay.data());

    auto write = [&](const float *from, size_t count) {
        std::vector<float> values(count);
        device.download(values.data(), from, count * 4);
        out.write((const char *)values.data(), count * 4);
    };
    std::chrono::duration<double> training(0);
    int trained = 0, launched = 0;
    for (int what = tape.integer(); what != END; what = tape.integer()) {
        if (what == READ) {
            for (const float *one : {group.theta, group.m, group.v}) write(one, runs * parameters);
            write(group.running, runs * statistics);
            continue;
        }
        if (what == PROGRESS) {
            write(group.progress, runs * steps * 2);
            continue;
        }
        const int count = tape.integer(), step = tape.integer(), drops = tape.integer();
        const auto rows = tape.many<int32_t>(runs * count);
        const auto masks = tape.many<Mask>(drops ? net.dropouts * runs : 0);
        const Mask *drop = drops ? masks.data() : nullptr;
        if (what == EVALUATE) {
            group.evaluate(count, rows.data());
            write(group.logits, runs * count * net.classes);
        } else if (what == DIFFERENTIATE) {
            std::vector<float> before(runs * statistics);
            device.download(before.data(), group.running, before.size() * 4);
            group.differentiate(count, rows.data(), drop, step);
            write(group.logits, runs * count * net.classes);
            write(group.progress, runs * steps * 2);
            write(group.gradient, runs * parameters);
            device.upload(group.running, before.data(), before.size() * 4);
        } else if (what == TRAIN) {
            const int before = group.launches;
            const auto began = std::chrono::steady_clock::now();
            group.train(count, rows.data(), drop, step);
            device.wait();
            training += std::chrono::steady_clock::now() - began;
            trained++;
            launched = group.launches - before;
        } else {
            throw std::runtime_error("the tape asks for something unknown");
        }
    }
    printf("%s: %d runs, %d steps, %d launches a step, %.6f s a step\n", device.name(), net.runs, trained, launched, trained ? training.count() / trained : 0.0);
}

int main(int count, char **words) {
    try {
        if (count != 5) throw std::runtime_error("runner emulated SEED TAPE OUT, or runner card KERNELS.ptx TAPE OUT");
        std::unique_ptr<Backend> device;
        if (!strcmp(words[1], "card")) device.reset(new Card(words[2]));
        else device.reset(new Emulated(strtoull(words[2], nullptr, 10)));
        Tape tape(words[3]);
        std::ofstream out(words[4], std::ios::binary);
        play(*device, tape, out);
        out.flush();
        if (!out) throw std::runtime_error(std::string(words[4]) + " can't be written");
        return 0;
    } catch (const std::exception &error) {
        fprintf(stderr, "runner: %s\n", error.what());
        return 1;
    }
}
