// Which kernels are launched, in which order, with which sizes: one training step or evaluation of a group of runs.
#pragma once
#include "arguments.h"
#include "backend.h"
#include <algorithm>
#include <math.h>
#include <stdexcept>
#include <string>
#include <vector>

// Trials of one partial sum: fixed, so that sums don't depend on the machine.
const int CHUNK = 8;

// A convolution, and what follows it up to the next; either may be missing.
struct Block {
    bool has_convolution = false, has_tail = false;
    Convolution convolution = {};
    int features = 0, electrodes = 0, in_samples = 0, samples = 0;
    int pool = 0, kernel = 1, stride = 1, activation = 0, function = 0, gamma = -1, mean_at = 0, variance_at = 0, dropout = -1;
    float eps = 0, momentum = 0;
    std::vector<float> alpha, function_alpha;
};

struct Network {
    int runs = 1, batch = 0, samples = 0, electrodes = 0, classes = 0, parameters = 0, statistics = 0, dropouts = 0;
    int head_inputs = 0, head_weight = 0, head_bias = 0;
    std::vector<Block> blocks;
    struct Limit {
        int at, rows, length;
        float norm;
    };
    std::vector<Limit> limits;
};

// A group of runs on a device: weights, Adam's memory and the activations of a step.
class Group {
public:
    Group(Backend &backend, Network network, int trials, const float *x, const int32_t *labels, int steps)
        : device(backend), net(std::move(network)), steps(steps) {
        const size_t runs = net.runs, batch = net.batch, parameters = net.parameters;
        theta = floats(runs * parameters);
        m = floats(runs * parameters);
        v = floats(runs * parameters);
        gradient = floats(runs * parameters);
        running = floats(runs * net.statistics);
        rate = floats(runs);
        decay = floats(runs);
        data = filled(x, (size_t)trials * net.samples * net.electrodes);
        this->labels = filled(labels, trials);
        rows = (int32_t *)device.allocate(runs * batch * 4);
        masks = (Mask *)device.allocate(runs * (net.dropouts + 1) * sizeof(Mask));
        logits = floats(runs * batch * net.classes);
        logits_gradient = floats(runs * batch * net.classes);
        loss = floats(runs * batch);
        right = floats(runs * batch);
        progress = floats(runs * steps * 2);
        size_t partial_floats = 0, partial_pairs = 0;
        const size_t chunks = (batch + CHUNK - 1) / CHUNK;
        for (Block &block : net.blocks) {
            Places at;
            Convolution &c = block.convolution;
            if (block.has_convolution) {
                fit(c);
                const size_t weights = (size_t)c.features * c.in_features / c.groups * c.taps_e * c.taps;
                partial_floats = std::max(partial_floats, runs * chunks * weights);
                partial_pairs = std::max(partial_pairs, runs * chunks * c.features * 2);
                at.z = floats(runs * batch * c.features * c.electrodes * c.samples);
                at.dz = floats(runs * batch * c.features * c.electrodes * c.samples);
            }
            if (block.has_tail) {
                const size_t behind = runs * batch * block.features * block.electrodes * block.samples;
                at.out = floats(behind);
                at.dout = floats(behind);
                if (block.function) at.pooled = floats(behind);
                partial_pairs = std::max(partial_pairs, runs * chunks * block.features * 2);
                for (float **one : {&at.mean, &at.inverse, &at.scale, &at.shift, &at.by_sum, &at.by_product}) *one = floats(runs * block.features);
                at.alpha = filled(block.alpha.data(), runs);
                at.function_alpha = filled(block.function_alpha.data(), runs);
            }
            places.push_back(at);
        }
        partial = floats(partial_floats);
        pairs = (double *)device.allocate(partial_pairs * sizeof(double));
    }

    void set(const float *theta_values, const float *running_values, const float *lr, const float *weight_decay) {
        device.upload(theta, theta_values, (size_t)net.runs * net.parameters * 4);
        device.upload(running, running_values, (size_t)net.runs * net.statistics * 4);
        device.upload(decay, weight_decay, net.runs * 4);
        rates.assign(lr, lr + net.runs);
    }

    // Logits (run, trial, class) of trials of the data.
    void evaluate(int count, const int32_t *which) {
        forwards(count, which, nullptr, 0);
    }

    // Loss and gradient; `drop` is (dropout, run), or null for none.
    void differentiate(int count, const int32_t *which, const Mask *drop, int step) {
        training = true;
        forwards(count, which, drop, step);
        backwards(count, drop);
        training = false;
    }

    void train(int count, const int32_t *which, const Mask *drop, int step) {
        differentiate(count, which, drop, step);
        updates++;
        std::vector<float> now(net.runs);
        for (int run = 0; run < net.runs; run++) now[run] = (float)(rates[run] / (1.0 - pow(0.9, updates)));
        device.upload(rate, now.data(), net.runs * 4);
        Adam a = {net.parameters, theta, m, v, gradient, rate, decay, (float)(1.0 / sqrt(1.0 - pow(0.999, updates)))};
        launch("adam", over(net.parameters), false, &a);
        for (const Network::Limit &one : net.limits) {
            Limit l = {net.parameters, one.at, one.rows, one.length, one.norm, theta};
            launch("limit_norm", {(unsigned)one.rows, 1, (unsigned)net.runs}, true, &l);
        }
    }

    float *theta, *m, *v, *gradient, *running, *logits, *progress;
    int launches = 0;
    Backend &device;
    Network net;

private:
    struct Places {
        float *z = nullptr, *dz = nullptr, *out = nullptr, *dout = nullptr, *pooled = nullptr;
        float *mean = nullptr, *inverse = nullptr, *scale = nullptr, *shift = nullptr, *by_sum = nullptr, *by_product = nullptr;
        float *alpha = nullptr, *function_alpha = nullptr;
    };
    std::vector<Places> places;
    std::vector<double> rates;
    int steps, updates = 0;
    bool training = false;
    float *rate, *decay, *data, *logits_gradient, *loss, *right, *partial;
    int32_t *labels, *rows;
    Mask *masks;
    double *pairs;

    float *floats(size_t count) { return (float *)device.allocate(std::max<size_t>(count, 1) * 4); }

    template <class T> T *filled(const T *values, size_t count) {
        T *at = (T *)device.allocate(std::max<size_t>(count, 1) * sizeof(T));
        device.upload(at, values, count * sizeof(T));
        return at;
    }

    template <class A> void launch(const char *kernel, Grid grid, bool barriers, A *arguments) {
        void *list[] = {arguments};
        device.launch(kernel, grid, list, barriers);
        launches++;
    }

    Grid over(int64_t values, int trials = 1) const {
        return {(unsigned)((values + BLOCK - 1) / BLOCK), (unsigned)trials, (unsigned)net.runs};
    }

    // How much of a convolution fits into shared memory at once.
    static void fit(Convolution &c) {
        const int span = (TILE_SAMPLES - 1) * c.stride + c.taps, back = (TILE_SAMPLES + c.taps - 2) / c.stride + 2;
        const int rows = std::min(c.in_features / c.groups, (SLICE_WEIGHTS + c.taps - 2) / c.taps + 1);
        c.at_once = std::min({WINDOW_FLOATS / std::max(span, back), WEIGHT_FLOATS / (TILE_FEATURES * c.taps)});
        if (c.at_once < 1 || rows * ((SLICE_SAMPLES - 1) * c.stride + c.taps) > SLICE_FLOATS)
            throw std::runtime_error("a kernel of " + std::to_string(c.taps) + " samples with steps of " + std::to_string(c.stride) + " is too long for a block's shared memory");
    }

    static View planar(float *values, int count, int features, int electrodes, int samples) {
        const int64_t trial = (int64_t)features * electrodes * samples;
        return {values, nullptr, count * trial, trial, (int64_t)electrodes * samples, samples, 1};
    }

    View signal() const {
        return {data, rows, 0, (int64_t)net.samples * net.electrodes, 0, 1, net.electrodes};
    }

    // What block `at` takes, or its gradient.
    View input(size_t at, int count, bool of_gradient) const {
        if (at == 0) return signal();
        const Block &block = net.blocks[at - 1];
        const Places &p = places[at - 1];
        if (block.has_tail) return planar(of_gradient ? p.dout : p.out, count, block.features, block.electrodes, block.samples);
        const Convolution &c = block.convolution;
        return planar(of_gradient ? p.dz : p.z, count, c.features, c.electrodes, c.samples);
    }

    Convolution convolution(size_t at, int count, bool back) const {
        Convolution c = net.blocks[at].convolution;
        c.trials = count;
        c.parameters = net.parameters;
        c.chunk = CHUNK;
        c.chunks = (count + CHUNK - 1) / CHUNK;
        c.in = input(at, count, back);
        c.out = planar(back ? places[at].dz : places[at].z, count, c.features, c.electrodes, c.samples);
        c.theta = theta;
        c.gradient = gradient;
        c.partial = partial;
        return c;
    }

    // What a block's tail works on: the convolution's output, or what came in.
    View worked_on(size_t at, int count, bool of_gradient) const {
        const Block &block = net.blocks[at];
        if (!block.has_convolution) return input(at, count, of_gradient);
        return planar(of_gradient ? places[at].dz : places[at].z, count, block.features, block.electrodes, block.in_samples);
    }

    Tail tail_of(size_t at, int count, const Mask *drop, bool back) const {
        const Block &b = net.blocks[at];
        const Places &p = places[at];
        Tail t = {count, b.features, b.electrodes, b.in_samples, b.samples, b.pool, b.kernel, b.stride, b.activation, b.function, b.gamma, net.parameters};
        t.in = worked_on(at, count, false);
        t.out = planar(back ? p.dout : p.out, count, b.features, b.electrodes, b.samples);
        t.pooled = p.pooled;
        t.scale = p.scale;
        t.shift = p.shift;
        t.alpha = p.alpha;
        t.function_alpha = p.function_alpha;
        t.masks = drop && b.dropout >= 0 ? masks + (size_t)b.dropout * net.runs : nullptr;
        t.theta = theta;
        return t;
    }

    Norm norm_of(size_t at, int count) const {
        const Block &b = net.blocks[at];
        const Places &p = places[at];
        Norm n = {b.features, (count + CHUNK - 1) / CHUNK, net.parameters, net.statistics, b.gamma, b.mean_at, b.variance_at, b.eps, b.momentum};
        n.count = (double)count * b.electrodes * b.in_samples;
        n.partial = pairs;
        n.theta = theta;
        n.gradient = gradient;
        n.running = running;
        n.mean = p.mean;
        n.inverse = p.inverse;
        n.scale = p.scale;
        n.shift = p.shift;
        n.by_sum = p.by_sum;
        n.by_product = p.by_product;
        return n;
    }

    void sum_pairs(View u, View v, int count, int features, int electrodes, int samples) {
        const int chunks = (count + CHUNK - 1) / CHUNK;
        PairSums s = {count, features, electrodes, samples, CHUNK, chunks, u, v, pairs};
        launch("pair_sums", {(unsigned)features, (unsigned)chunks, (unsigned)net.runs}, true, &s);
    }

    Head head_of(int count, int step) const {
        const size_t last = net.blocks.size();
        Head h = {count, net.head_inputs, net.classes, net.head_weight, net.head_bias, net.parameters};
        h.in = input(last, count, false).values;
        h.in_gradient = input(last, count, true).values;
        h.theta = theta;
        h.gradient = gradient;
        h.logits = logits;
        h.logits_gradient = logits_gradient;
        h.loss = training ? loss : nullptr;
        h.right = right;
        h.labels = labels;
        h.rows = rows;
        h.progress = progress;
        h.step = step;
        h.steps = steps;
        return h;
    }

    void forwards(int count, const int32_t *which, const Mask *drop, int step) {
        if (count > net.batch || count < 1 || step >= steps) throw std::runtime_error("a batch or an epoch is larger than was said");
        device.upload(rows, which, (size_t)net.runs * count * 4);
        if (drop) device.upload(masks, drop, (size_t)net.runs * net.dropouts * sizeof(Mask));
        for (size_t at = 0; at < net.blocks.size(); at++) {
            const Block &b = net.blocks[at];
            if (b.has_convolution) {
                Convolution c = convolution(at, count, false);
                const unsigned tiles = (c.features / c.groups + TILE_FEATURES - 1) / TILE_FEATURES;
                launch("convolve", {(unsigned)(net.runs * count * c.electrodes), c.groups * tiles, (unsigned)(c.samples + TILE_SAMPLES - 1) / TILE_SAMPLES}, true, &c);
            }
            if (!b.has_tail) continue;
            if (b.gamma >= 0) {
                Norm n = norm_of(at, count);
                if (training) {
                    View z = worked_on(at, count, false);
                    sum_pairs(z, z, count, b.features, b.electrodes, b.in_samples);
                    launch("norm_of_batch", over(b.features), false, &n);
                } else {
                    launch("norm_of_running", over(b.features), false, &n);
                }
            }
            Tail t = tail_of(at, count, drop, false);
            launch("tail", over((int64_t)b.features * b.electrodes * b.samples, count), false, &t);
        }
        Head h = head_of(count, step);
        launch("head", {(unsigned)count, 1, (unsigned)net.runs}, true, &h);
        if (training) launch("keep_progress", over(1), false, &h);
    }

    void backwards(int count, const Mask *drop) {
        Head h = head_of(count, 0);
        launch("head_weights", over((int64_t)net.classes * (net.head_inputs + 1)), false, &h);
        launch("head_back", over(net.head_inputs, count), false, &h);
        for (size_t at = net.blocks.size(); at-- > 0;) {
            const Block &b = net.blocks[at];
            if (b.has_tail) {
                Tail t = tail_of(at, count, drop, true);
                View dy = worked_on(at, count, true), z = t.in;
                void *list[] = {&t, &dy};
                device.launch("tail_back", over((int64_t)b.features * b.electrodes * b.in_samples, count), list, false);
                launches++;
                if (b.gamma >= 0) {
                    sum_pairs(dy, z, count, b.features, b.electrodes, b.in_samples);
                    Norm n = norm_of(at, count);
                    launch("norm_gradient", over(b.features), false, &n);
                    NormBack back = {count, b.features, b.electrodes, b.in_samples, dy, z, n.mean, n.inverse, n.scale, n.by_sum, n.by_product};
                    launch("norm_back", over((int64_t)b.features * b.electrodes * b.in_samples, count), false, &back);
                }
            }
            if (b.has_convolution) convolution_backwards(at, count);
        }
    }

    void convolution_backwards(size_t at, int count) {
        const Block &b = net.blocks[at];
        Convolution c = convolution(at, count, true);
        if (c.bias >= 0) {
            // Normalisation takes a bias ahead of it away again: its gradient is zero.
            const bool counts = !(b.has_tail && b.gamma >= 0);
            if (counts) sum_pairs(c.out, c.out, count, c.features, c.electrodes, c.samples);
            BiasGradient g = {c.features, c.chunks, net.parameters, c.bias, counts ? pairs : nullptr, gradient};
            launch("bias_gradient", over(c.features), false, &g);
        }
        const unsigned in_group = c.in_features / c.groups, out_group = c.features / c.groups;
        Convolution w = c;
        w.in = input(at, count, false);
        const unsigned slices = (in_group * c.taps + SLICE_WEIGHTS - 1) / SLICE_WEIGHTS;
        launch("convolve_weights", {slices * c.taps_e, c.groups * ((out_group + TILE_FEATURES - 1) / TILE_FEATURES), (unsigned)(net.runs * c.chunks)}, true, &w);
        launch("add_chunks", over((int64_t)in_group * c.taps_e * c.taps * c.features), false, &w);
        if (at == 0) return;
        launch("convolve_back", {(unsigned)(net.runs * count * c.in_electrodes), c.groups * ((in_group + TILE_FEATURES - 1) / TILE_FEATURES), (unsigned)(c.in_samples + TILE_SAMPLES - 1) / TILE_SAMPLES}, true, &c);
    }
};
