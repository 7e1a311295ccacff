// What the kernels are given: sizes, strides and addresses, the same bytes on a card and in the emulation. README.md has the
// drawing. A group's runs share sizes and data; what is a run's own lies one run after another.
#pragma once
#include <stdint.h>

// Threads of a block, in every kernel that shares memory.
#define BLOCK 128
// A convolution's tile: samples and feature maps that a block makes.
#define TILE_SAMPLES 32
#define TILE_FEATURES 16
// Floats of shared memory for windows of the signal and for weights.
#define WINDOW_FLOATS 3072
#define WEIGHT_FLOATS 8192
// Samples that a block of the weights' gradient takes at once, and weights of one output that it makes.
#define SLICE_SAMPLES 64
#define SLICE_WEIGHTS 32
#define SLICE_FLOATS 6144

// Values (run, trial, feature, electrode, sample) of a layer; the strides are in floats. Where `rows` is there, trial n of run r is
// trial rows[r * trials + n] of the data, which all runs share.
struct View {
    float *values;
    const int32_t *rows;
    int64_t run, trial, feature, electrode, sample;
};

// A convolution over `taps_e` electrodes and `taps` samples: temporal (taps_e = 1) and spatial (taps = 1) alike.
struct Convolution {
    int32_t trials, groups;
    int32_t in_features, in_electrodes, in_samples;
    int32_t features, electrodes, samples;
    int32_t taps_e, taps, stride, left;
    // Input features that fit into shared memory at once.
    int32_t at_once;
    // Places in a run's parameters; bias < 0 where there is none.
    int32_t weight, bias;
    // Trials of one partial sum of the weights' gradient.
    int32_t chunk, chunks;
    int32_t parameters;
    View in, out;
    const float *theta;
    float *gradient;
    float *partial;
};

// Normalise, activate, pool, another function, drop: each of them present or not.
struct Tail {
    int32_t trials, features, electrodes, in_samples, samples;
    int32_t pool, kernel, stride;
    int32_t activation, function;
    // Place of gamma in a run's parameters, beta behind it; -1 without normalisation.
    int32_t gamma;
    int32_t parameters;
    View in, out;
    // (run, trial, feature, electrode, sample) of the pooled values, where a function follows; else null.
    float *pooled;
    // (run, feature): y = scale * z + shift.
    const float *scale, *shift;
    // (run): the functions' parameters.
    const float *alpha, *function_alpha;
    // (run): null in evaluation.
    const struct Mask *masks;
    const float *theta;
};

// One dropout layer of one batch of one run.
struct Mask {
    uint32_t key_low, key_high, threshold;
    float scale;
};

// Sums of u and of u * v, by feature, over a chunk of trials.
struct PairSums {
    int32_t trials, features, electrodes, samples, chunk, chunks;
    View u, v;
    // (run, chunk, feature, 2)
    double *partial;
};

// Batch normalisation's few numbers a feature.
struct Norm {
    int32_t features, chunks, parameters, statistics;
    int32_t gamma, mean_at, variance_at;
    float eps, momentum;
    double count;
    const double *partial;
    const float *theta;
    float *gradient;
    float *running;
    // (run, feature)
    float *mean, *inverse, *scale, *shift, *by_sum, *by_product;
};

// dz = scale * (dy - by_sum - unit(z) * by_product), in the place of dy.
struct NormBack {
    int32_t trials, features, electrodes, samples;
    View dy, z;
    const float *mean, *inverse, *scale, *by_sum, *by_product;
};

struct Head {
    int32_t trials, inputs, classes, weight, bias, parameters;
    // (run, trial, input), and its gradient.
    const float *in;
    float *in_gradient;
    const float *theta;
    float *gradient;
    // (run, trial, class)
    float *logits, *logits_gradient;
    // (run, trial): loss, and whether the class was found; null in evaluation.
    float *loss, *right;
    // Labels by trial of the data, and which trials these are.
    const int32_t *labels, *rows;
    // (run, step, 2): mean loss and how many were right; step is where to write.
    float *progress;
    int32_t step, steps;
};

struct BiasGradient {
    int32_t features, chunks, parameters, bias;
    const double *partial;
    float *gradient;
};

struct Adam {
    int32_t parameters;
    float *theta, *m, *v;
    const float *gradient;
    // (run): the rate over 1 - beta1^step, 1 / sqrt(1 - beta2^step), and the decay.
    const float *rate, *root, *decay;
};

// Rows of weights, one an output, are held to a norm.
struct Limit {
    int32_t parameters, at, rows, length;
    float norm;
    float *theta;
};
