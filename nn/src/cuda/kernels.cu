// One training step and evaluation of a group of runs, on an NVIDIA card: forwards, backwards, Adam. README.md explains. Plain
// CUDA C++ that a C++ compiler takes as well (emulation.h). The run is the last dimension of every grid. Every sum has one order,
// whatever the card: no atomics, chunks of trials that depend on the batch alone, trees in shared memory.
#ifdef __CUDACC__
#define SYNCHRONISE __syncthreads()
#else
#include "emulation.h"
#endif
#include "arguments.h"

enum { NONE, RELU, LEAKY_RELU, ELU, GELU, SILU, SQUARE, LOG };
enum { NO_POOL, AVERAGE, MAXIMUM };

// The functions of model/activation.rs; at a kink the slope of the negative side.
__device__ static float value(int f, float alpha, float x) {
    switch (f) {
    case RELU: return x > 0.0f ? x : 0.0f;
    case LEAKY_RELU: return x > 0.0f ? x : alpha * x;
    case ELU: return x > 0.0f ? x : alpha * expm1f(x);
    case GELU: return 0.5f * x * (1.0f + erff(x * 0.70710678118654752f));
    case SILU: return x / (1.0f + expf(-x));
    case SQUARE: return x * x;
    case LOG: return logf(x > alpha ? x : alpha);
    default: return x;
    }
}

__device__ static float slope(int f, float alpha, float x) {
    switch (f) {
    case RELU: return x > 0.0f ? 1.0f : 0.0f;
    case LEAKY_RELU: return x > 0.0f ? 1.0f : alpha;
    case ELU: return x > 0.0f ? 1.0f : alpha * expf(x);
    case GELU: return 0.5f * (1.0f + erff(x * 0.70710678118654752f)) + x * 0.39894228040143268f * expf(-0.5f * x * x);
    case SILU: {
        float s = 1.0f / (1.0f + expf(-x));
        return s * (1.0f + x * (1.0f - s));
    }
    case SQUARE: return 2.0f * x;
    case LOG: return x > alpha ? 1.0f / x : 0.0f;
    default: return 1.0f;
    }
}

// The masks of random.rs: SplitMix64's output function for a trial's key, MurmurHash3's finaliser for an element.
__device__ static uint32_t trial_key(const Mask &mask, int trial) {
    uint64_t x = (((uint64_t)mask.key_high << 32) | mask.key_low) + (uint64_t)trial;
    x += 0x9e3779b97f4a7c15ull;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
    return (uint32_t)(x ^ (x >> 31));
}

__device__ static bool keeps(uint32_t key, uint32_t threshold, uint32_t element) {
    uint32_t x = element ^ key;
    x ^= x >> 16;
    x *= 0x85ebca6bu;
    x ^= x >> 13;
    x *= 0xc2b2ae35u;
    return (x ^ (x >> 16)) >= threshold;
}

// Where a trial of a run begins.
__device__ static float *trial_of(const View &view, int run, int trial, int trials) {
    int64_t row = view.rows ? view.rows[(int64_t)run * trials + trial] : trial;
    return view.values + run * view.run + row * view.trial;
}

// The sum of a block's numbers, in every thread. The tree's order is the threads' numbers.
__device__ static double block_sum(double *shared, double mine) {
    int t = threadIdx.x;
    SYNCHRONISE;
    shared[t] = mine;
    SYNCHRONISE;
    for (int half = BLOCK / 2; half > 0; half /= 2) {
        if (t < half) shared[t] += shared[t + half];
        SYNCHRONISE;
    }
    return shared[0];
}

// out[n, o, e, t] = bias[o] + sum of W[o, i, d, k] * in[n, i, e + d, t * stride + k - left].
// Grid: run times trial times electrode; groups times tiles of their features; tiles of samples.
extern "C" __global__ void convolve(const Convolution c) {
    __shared__ float window[WINDOW_FLOATS];
    __shared__ float weights[WEIGHT_FLOATS];
    const int in_group = c.in_features / c.groups, out_group = c.features / c.groups;
    const int tiles = (out_group + TILE_FEATURES - 1) / TILE_FEATURES;
    const int group = blockIdx.y / tiles, first = (blockIdx.y % tiles) * TILE_FEATURES;
    const int electrode = blockIdx.x % c.electrodes, trial = blockIdx.x / c.electrodes % c.trials;
    const int run = blockIdx.x / c.electrodes / c.trials;
    const int t0 = blockIdx.z * TILE_SAMPLES, span = (TILE_SAMPLES - 1) * c.stride + c.taps;
    const int lane = threadIdx.x % 32, row = threadIdx.x / 32;
    const float *theta = c.theta + (int64_t)run * c.parameters;
    const float *in = trial_of(c.in, run, trial, c.trials);
    const int length = in_group * c.taps_e * c.taps;
    float sum[4] = {0, 0, 0, 0};
    for (int d = 0; d < c.taps_e; d++) {
        for (int i0 = 0; i0 < in_group; i0 += c.at_once) {
            const int count = in_group - i0 < c.at_once ? in_group - i0 : c.at_once;
            for (int at = threadIdx.x; at < count * span; at += BLOCK) {
                const int i = at / span, s = t0 * c.stride - c.left + at % span;
                const bool inside = s >= 0 && s < c.in_samples;
                window[at] = inside ? in[(group * in_group + i0 + i) * c.in.feature + (electrode + d) * c.in.electrode + s * c.in.sample] : 0.0f;
            }
            for (int at = threadIdx.x; at < TILE_FEATURES * count * c.taps; at += BLOCK) {
                const int o = at / (count * c.taps), i = at / c.taps % count, k = at % c.taps;
                const bool inside = first + o < out_group;
                const int64_t place = (int64_t)(group * out_group + first + o) * length + ((i0 + i) * c.taps_e + d) * c.taps + k;
                weights[at] = inside ? theta[c.weight + place] : 0.0f;
            }
            SYNCHRONISE;
            for (int i = 0; i < count; i++) {
                for (int k = 0; k < c.taps; k++) {
                    const float x = window[i * span + lane * c.stride + k];
                    for (int j = 0; j < 4; j++) sum[j] += weights[((row * 4 + j) * count + i) * c.taps + k] * x;
                }
            }
            SYNCHRONISE;
        }
    }
    const int t = t0 + lane;
    if (t >= c.samples) return;
    for (int j = 0; j < 4; j++) {
        const int o = first + row * 4 + j;
        if (o >= out_group) continue;
        const int feature = group * out_group + o;
        const float bias = c.bias >= 0 ? theta[c.bias + feature] : 0.0f;
        c.out.values[run * c.out.run + trial * c.out.trial + feature * c.out.feature + electrode * c.out.electrode + t] = sum[j] + bias;
    }
}

// d in[n, i, e, t] = sum of W[o, i, d, k] * d out[n, o, e - d, (t + left - k) / stride], where that is whole.
// Grid as above, over what went in.
extern "C" __global__ void convolve_back(const Convolution c) {
    __shared__ float window[WINDOW_FLOATS];
    __shared__ float weights[WEIGHT_FLOATS];
    const int in_group = c.in_features / c.groups, out_group = c.features / c.groups;
    const int tiles = (in_group + TILE_FEATURES - 1) / TILE_FEATURES;
    const int group = blockIdx.y / tiles, first = (blockIdx.y % tiles) * TILE_FEATURES;
    const int electrode = blockIdx.x % c.in_electrodes, trial = blockIdx.x / c.in_electrodes % c.trials;
    const int run = blockIdx.x / c.in_electrodes / c.trials;
    const int t0 = blockIdx.z * TILE_SAMPLES;
    // The first output whose window may reach this tile, rounded down.
    const int reach = t0 + c.left - c.taps + 1;
    const int u0 = reach >= 0 ? reach / c.stride : -((-reach + c.stride - 1) / c.stride);
    const int span = (TILE_SAMPLES + c.taps - 2) / c.stride + 2;
    const int lane = threadIdx.x % 32, row = threadIdx.x / 32, t = t0 + lane;
    const float *theta = c.theta + (int64_t)run * c.parameters;
    const float *out = c.out.values + run * c.out.run + trial * c.out.trial;
    const int length = in_group * c.taps_e * c.taps;
    float sum[4] = {0, 0, 0, 0};
    for (int d = 0; d < c.taps_e; d++) {
        const int from = electrode - d;
        if (from < 0 || from >= c.electrodes) continue;
        for (int o0 = 0; o0 < out_group; o0 += c.at_once) {
            const int count = out_group - o0 < c.at_once ? out_group - o0 : c.at_once;
            for (int at = threadIdx.x; at < count * span; at += BLOCK) {
                const int o = at / span, u = u0 + at % span;
                const bool inside = u >= 0 && u < c.samples;
                window[at] = inside ? out[(group * out_group + o0 + o) * c.out.feature + from * c.out.electrode + u] : 0.0f;
            }
            for (int at = threadIdx.x; at < TILE_FEATURES * count * c.taps; at += BLOCK) {
                const int i = at / (count * c.taps), o = at / c.taps % count, k = at % c.taps;
                const bool inside = first + i < in_group;
                const int64_t place = (int64_t)(group * out_group + o0 + o) * length + ((first + i) * c.taps_e + d) * c.taps + k;
                weights[at] = inside ? theta[c.weight + place] : 0.0f;
            }
            SYNCHRONISE;
            for (int o = 0; o < count; o++) {
                for (int k = 0; k < c.taps; k++) {
                    const int u = t + c.left - k - u0 * c.stride;
                    if (u % c.stride != 0) continue;
                    const float g = window[o * span + u / c.stride];
                    for (int j = 0; j < 4; j++) sum[j] += weights[((row * 4 + j) * count + o) * c.taps + k] * g;
                }
            }
            SYNCHRONISE;
        }
    }
    if (t >= c.in_samples) return;
    for (int j = 0; j < 4; j++) {
        const int i = first + row * 4 + j;
        if (i >= in_group) continue;
        const int feature = group * in_group + i;
        c.in.values[run * c.in.run + trial * c.in.trial + feature * c.in.feature + electrode * c.in.electrode + t] = sum[j];
    }
}

// partial[run, chunk, o, (i, d, k)] = sum over a chunk's trials of d out[n, o, e, t] * in[n, i, e + d, t * stride + k - left].
// Grid: tiles of (i, k) times taps_e; conv groups times tiles of features; run times chunk.
extern "C" __global__ void convolve_weights(const Convolution c) {
    __shared__ float signal[SLICE_FLOATS];
    __shared__ float gradient[TILE_FEATURES * SLICE_SAMPLES];
    const int in_group = c.in_features / c.groups, out_group = c.features / c.groups;
    const int tiles = (out_group + TILE_FEATURES - 1) / TILE_FEATURES;
    const int group = blockIdx.y / tiles, first = (blockIdx.y % tiles) * TILE_FEATURES;
    const int chunk = blockIdx.z % c.chunks, run = blockIdx.z / c.chunks;
    const int d = blockIdx.x % c.taps_e, q0 = blockIdx.x / c.taps_e * SLICE_WEIGHTS;
    const int lane = threadIdx.x % 32, row = threadIdx.x / 32, q = q0 + lane;
    const int i0 = q0 / c.taps, all = in_group * c.taps;
    const int last = q0 + SLICE_WEIGHTS < all ? q0 + SLICE_WEIGHTS - 1 : all - 1;
    const int count = last / c.taps - i0 + 1, span = (SLICE_SAMPLES - 1) * c.stride + c.taps;
    const int mine = q < all ? (q / c.taps - i0) * span + q % c.taps : 0;
    const int end = (chunk + 1) * c.chunk < c.trials ? (chunk + 1) * c.chunk : c.trials;
    float sum[4] = {0, 0, 0, 0};
    for (int trial = chunk * c.chunk; trial < end; trial++) {
        const float *in = trial_of(c.in, run, trial, c.trials);
        const float *out = c.out.values + run * c.out.run + trial * c.out.trial;
        for (int electrode = 0; electrode < c.electrodes; electrode++) {
            for (int t0 = 0; t0 < c.samples; t0 += SLICE_SAMPLES) {
                for (int at = threadIdx.x; at < count * span; at += BLOCK) {
                    const int i = at / span, s = t0 * c.stride - c.left + at % span;
                    const bool inside = s >= 0 && s < c.in_samples;
                    signal[at] = inside ? in[(group * in_group + i0 + i) * c.in.feature + (electrode + d) * c.in.electrode + s * c.in.sample] : 0.0f;
                }
                for (int at = threadIdx.x; at < TILE_FEATURES * SLICE_SAMPLES; at += BLOCK) {
                    const int o = first + at / SLICE_SAMPLES, t = t0 + at % SLICE_SAMPLES;
                    const bool inside = o < out_group && t < c.samples;
                    gradient[at] = inside ? out[(group * out_group + o) * c.out.feature + electrode * c.out.electrode + t] : 0.0f;
                }
                SYNCHRONISE;
                for (int t = 0; t < SLICE_SAMPLES; t++) {
                    const float x = signal[mine + t * c.stride];
                    for (int j = 0; j < 4; j++) sum[j] += gradient[(row * 4 + j) * SLICE_SAMPLES + t] * x;
                }
                SYNCHRONISE;
            }
        }
    }
    if (q >= all) return;
    const int64_t length = (int64_t)all * c.taps_e;
    float *partial = c.partial + ((int64_t)run * c.chunks + chunk) * c.features * length;
    for (int j = 0; j < 4; j++) {
        const int o = first + row * 4 + j;
        if (o < out_group) partial[(group * out_group + o) * length + (q / c.taps * c.taps_e + d) * c.taps + q % c.taps] = sum[j];
    }
}

// The chunks' sums, added up in order. Grid: weights; 1; run.
extern "C" __global__ void add_chunks(const Convolution c) {
    const int64_t length = (int64_t)c.in_features / c.groups * c.taps_e * c.taps * c.features;
    const int64_t at = (int64_t)blockIdx.x * BLOCK + threadIdx.x;
    if (at >= length) return;
    const float *partial = c.partial + (int64_t)blockIdx.z * c.chunks * length;
    double sum = 0;
    for (int chunk = 0; chunk < c.chunks; chunk++) sum += partial[chunk * length + at];
    c.gradient[(int64_t)blockIdx.z * c.parameters + c.weight + at] = (float)sum;
}

// Grid: features; chunks; run.
extern "C" __global__ void pair_sums(const PairSums p) {
    __shared__ double shared[BLOCK];
    const int feature = blockIdx.x, chunk = blockIdx.y, run = blockIdx.z;
    const int end = (chunk + 1) * p.chunk < p.trials ? (chunk + 1) * p.chunk : p.trials;
    double sum = 0, product = 0;
    for (int trial = chunk * p.chunk; trial < end; trial++) {
        const float *u = p.u.values + run * p.u.run + trial * p.u.trial + feature * p.u.feature;
        const float *v = p.v.values + run * p.v.run + trial * p.v.trial + feature * p.v.feature;
        for (int at = threadIdx.x; at < p.electrodes * p.samples; at += BLOCK) {
            const int e = at / p.samples, t = at % p.samples;
            const double a = u[e * p.u.electrode + t], b = v[e * p.v.electrode + t];
            sum += a;
            product += a * b;
        }
    }
    sum = block_sum(shared, sum);
    product = block_sum(shared, product);
    double *partial = p.partial + (((int64_t)run * p.chunks + chunk) * p.features + feature) * 2;
    if (threadIdx.x == 0) {
        partial[0] = sum;
        partial[1] = product;
    }
}

__device__ static void add_pairs(const double *partial, int run, int chunks, int features, int feature, double &sum, double &product) {
    sum = product = 0;
    for (int chunk = 0; chunk < chunks; chunk++) {
        const double *pair = partial + (((int64_t)run * chunks + chunk) * features + feature) * 2;
        sum += pair[0];
        product += pair[1];
    }
}

// The batch's mean and biased variance; the running ones move towards mean and unbiased variance. Grid: features; 1; run.
extern "C" __global__ void norm_of_batch(const Norm n) {
    const int feature = blockIdx.x * BLOCK + threadIdx.x, run = blockIdx.z;
    if (feature >= n.features) return;
    double sum, square;
    add_pairs(n.partial, run, n.chunks, n.features, feature, sum, square);
    const double mean = sum / n.count;
    double variance = square / n.count - mean * mean;
    if (variance < 0) variance = 0;
    const double inverse = 1.0 / sqrt(variance + n.eps);
    const int64_t at = (int64_t)run * n.features + feature;
    const float *theta = n.theta + (int64_t)run * n.parameters;
    const double scale = theta[n.gamma + feature] * inverse;
    n.mean[at] = (float)mean;
    n.inverse[at] = (float)inverse;
    n.scale[at] = (float)scale;
    n.shift[at] = (float)(theta[n.gamma + n.features + feature] - scale * mean);
    float *running = n.running + (int64_t)run * n.statistics;
    const double unbiased = variance * (n.count > 1 ? n.count / (n.count - 1) : 1);
    float &m = running[n.mean_at + feature], &v = running[n.variance_at + feature];
    m = (float)((1.0 - n.momentum) * m + n.momentum * mean);
    v = (float)((1.0 - n.momentum) * v + n.momentum * unbiased);
}

// The same from the running statistics, in evaluation.
extern "C" __global__ void norm_of_running(const Norm n) {
    const int feature = blockIdx.x * BLOCK + threadIdx.x, run = blockIdx.z;
    if (feature >= n.features) return;
    const float *running = n.running + (int64_t)run * n.statistics;
    const float *theta = n.theta + (int64_t)run * n.parameters;
    const double scale = theta[n.gamma + feature] / sqrt((double)running[n.variance_at + feature] + n.eps);
    const int64_t at = (int64_t)run * n.features + feature;
    n.scale[at] = (float)scale;
    n.shift[at] = (float)(theta[n.gamma + n.features + feature] - scale * running[n.mean_at + feature]);
}

// d gamma = sum of dy * unit(z), d beta = sum of dy; and what the input's gradient takes of them.
extern "C" __global__ void norm_gradient(const Norm n) {
    const int feature = blockIdx.x * BLOCK + threadIdx.x, run = blockIdx.z;
    if (feature >= n.features) return;
    double sum, product;
    add_pairs(n.partial, run, n.chunks, n.features, feature, sum, product);
    const int64_t at = (int64_t)run * n.features + feature;
    const double gamma = n.inverse[at] * (product - n.mean[at] * sum);
    float *gradient = n.gradient + (int64_t)run * n.parameters;
    gradient[n.gamma + feature] = (float)gamma;
    gradient[n.gamma + n.features + feature] = (float)sum;
    n.by_sum[at] = (float)(sum / n.count);
    n.by_product[at] = (float)(gamma / n.count);
}

// Grid: values of a trial; trials; run.
extern "C" __global__ void norm_back(const NormBack n) {
    const int at = blockIdx.x * BLOCK + threadIdx.x, trial = blockIdx.y, run = blockIdx.z;
    if (at >= n.features * n.electrodes * n.samples) return;
    const int t = at % n.samples, e = at / n.samples % n.electrodes, feature = at / n.samples / n.electrodes;
    const int64_t f = (int64_t)run * n.features + feature;
    float *dy = n.dy.values + run * n.dy.run + trial * n.dy.trial + feature * n.dy.feature + e * n.dy.electrode + t;
    const float z = n.z.values[run * n.z.run + trial * n.z.trial + feature * n.z.feature + e * n.z.electrode + t];
    *dy = n.scale[f] * (*dy - n.by_sum[f] - (z - n.mean[f]) * n.inverse[f] * n.by_product[f]);
}

// A bias's gradient from its feature's sums. Grid: features; 1; run.
extern "C" __global__ void bias_gradient(const BiasGradient b) {
    const int feature = blockIdx.x * BLOCK + threadIdx.x, run = blockIdx.z;
    if (feature >= b.features) return;
    double sum = 0, product = 0;
    if (b.partial) add_pairs(b.partial, run, b.chunks, b.features, feature, sum, product);
    b.gradient[(int64_t)run * b.parameters + b.bias + feature] = (float)sum;
}

// The value of one sample behind normalisation, and behind the activation.
__device__ static float normal(const Tail &a, int run, int feature, float z) {
    const int64_t f = (int64_t)run * a.features + feature;
    return a.gamma >= 0 ? a.scale[f] * z + a.shift[f] : z;
}

__device__ static float active(const Tail &a, int run, int feature, float z) {
    return value(a.activation, a.alpha[run], normal(a, run, feature, z));
}

// Grid: values of a trial behind the pool; trials; run.
extern "C" __global__ void tail(const Tail a) {
    const int at = blockIdx.x * BLOCK + threadIdx.x, trial = blockIdx.y, run = blockIdx.z;
    if (at >= a.features * a.electrodes * a.samples) return;
    const int p = at % a.samples, e = at / a.samples % a.electrodes, feature = at / a.samples / a.electrodes;
    const float *z = a.in.values + run * a.in.run + trial * a.in.trial + feature * a.in.feature + e * a.in.electrode + p * a.stride;
    float h = active(a, run, feature, z[0]);
    for (int k = 1; k < a.kernel; k++) {
        const float next = active(a, run, feature, z[k]);
        if (a.pool == AVERAGE) h += next;
        // The first of equals stays; what is no number goes through.
        else if (next > h || next != next) h = next;
    }
    if (a.pool == AVERAGE) h /= a.kernel;
    const int64_t place = ((int64_t)run * a.trials + trial) * a.features * a.electrodes * a.samples + at;
    if (a.pooled) a.pooled[place] = h;
    h = value(a.function, a.function_alpha[run], h);
    if (a.masks) {
        const Mask mask = a.masks[run];
        const uint32_t element = (uint32_t)((e * a.samples + p) * a.features + feature);
        h = keeps(trial_key(mask, trial), mask.threshold, element) ? h * mask.scale : 0.0f;
    }
    a.out.values[run * a.out.run + trial * a.out.trial + feature * a.out.feature + e * a.out.electrode + p] = h;
}

// dy of one sample: from every window that it lies in. `in` is z, `dy` takes the gradient, `out` holds that of the output.
// Grid: values of a trial ahead of the pool; trials; run.
extern "C" __global__ void tail_back(const Tail a, const View dy) {
    const int at = blockIdx.x * BLOCK + threadIdx.x, trial = blockIdx.y, run = blockIdx.z;
    if (at >= a.features * a.electrodes * a.in_samples) return;
    const int t = at % a.in_samples, e = at / a.in_samples % a.electrodes, feature = at / a.in_samples / a.electrodes;
    const float *z = a.in.values + run * a.in.run + trial * a.in.trial + feature * a.in.feature + e * a.in.electrode;
    const float *out = a.out.values + run * a.out.run + trial * a.out.trial + feature * a.out.feature + e * a.out.electrode;
    const int from = t >= a.kernel ? (t - a.kernel) / a.stride + 1 : 0;
    const int to = t / a.stride < a.samples - 1 ? t / a.stride : a.samples - 1;
    float sum = 0;
    for (int p = from; p <= to; p++) {
        float g = out[p];
        if (a.masks) {
            const Mask mask = a.masks[run];
            const uint32_t element = (uint32_t)((e * a.samples + p) * a.features + feature);
            g = keeps(trial_key(mask, trial), mask.threshold, element) ? g * mask.scale : 0.0f;
        }
        if (a.pooled) {
            const int64_t place = (((int64_t)run * a.trials + trial) * a.features + feature) * a.electrodes + e;
            g *= slope(a.function, a.function_alpha[run], a.pooled[place * a.samples + p]);
        }
        if (a.pool == AVERAGE) {
            g /= a.kernel;
        } else if (a.pool == MAXIMUM) {
            int best = 0;
            float most = active(a, run, feature, z[p * a.stride]);
            for (int k = 1; k < a.kernel; k++) {
                const float next = active(a, run, feature, z[p * a.stride + k]);
                if (next > most) {
                    most = next;
                    best = k;
                }
            }
            if (p * a.stride + best != t) g = 0.0f;
        }
        sum += g;
    }
    const float y = normal(a, run, feature, z[t]);
    dy.values[run * dy.run + trial * dy.trial + feature * dy.feature + e * dy.electrode + t] = sum * slope(a.activation, a.alpha[run], y);
}

// Logits, loss and the logits' gradient of one trial. Grid: trials; 1; run.
extern "C" __global__ void head(const Head h) {
    __shared__ double shared[BLOCK];
    const int trial = blockIdx.x, run = blockIdx.z;
    const float *theta = h.theta + (int64_t)run * h.parameters;
    const float *in = h.in + ((int64_t)run * h.trials + trial) * h.inputs;
    float *logits = h.logits + ((int64_t)run * h.trials + trial) * h.classes;
    for (int k = 0; k < h.classes; k++) {
        double sum = 0;
        for (int j = threadIdx.x; j < h.inputs; j += BLOCK) sum += (double)theta[h.weight + (int64_t)k * h.inputs + j] * in[j];
        sum = block_sum(shared, sum);
        if (threadIdx.x == 0) logits[k] = (float)(sum + theta[h.bias + k]);
    }
    if (threadIdx.x != 0 || !h.loss) return;
    const int label = h.labels[h.rows[(int64_t)run * h.trials + trial]];
    float *gradient = h.logits_gradient + ((int64_t)run * h.trials + trial) * h.classes;
    int best = 0;
    for (int k = 1; k < h.classes; k++) {
        if (logits[k] > logits[best]) best = k;
    }
    double total = 0;
    for (int k = 0; k < h.classes; k++) total += exp((double)logits[k] - logits[best]);
    for (int k = 0; k < h.classes; k++) {
        const double probability = exp((double)logits[k] - logits[best]) / total;
        gradient[k] = (float)((probability - (k == label)) / h.trials);
    }
    h.loss[(int64_t)run * h.trials + trial] = (float)(log(total) + logits[best] - logits[label]);
    h.right[(int64_t)run * h.trials + trial] = best == label;
}

// The batch's mean loss and how many were right, kept until the epoch's end. Grid: 1; 1; run.
extern "C" __global__ void keep_progress(const Head h) {
    if (threadIdx.x != 0) return;
    const int run = blockIdx.z;
    double loss = 0, right = 0;
    for (int trial = 0; trial < h.trials; trial++) {
        loss += h.loss[(int64_t)run * h.trials + trial];
        right += h.right[(int64_t)run * h.trials + trial];
    }
    float *progress = h.progress + ((int64_t)run * h.steps + h.step) * 2;
    progress[0] = (float)(loss / h.trials);
    progress[1] = (float)right;
}

// Gradients of the head's weights and bias. Grid: weights and bias; 1; run.
extern "C" __global__ void head_weights(const Head h) {
    const int64_t at = (int64_t)blockIdx.x * BLOCK + threadIdx.x, weights = (int64_t)h.classes * h.inputs;
    const int run = blockIdx.z;
    if (at >= weights + h.classes) return;
    const int k = (int)(at < weights ? at / h.inputs : at - weights);
    const float *gradient = h.logits_gradient + (int64_t)run * h.trials * h.classes + k;
    const float *in = h.in + (int64_t)run * h.trials * h.inputs + at % h.inputs;
    double sum = 0;
    for (int trial = 0; trial < h.trials; trial++) {
        sum += at < weights ? (double)gradient[trial * h.classes] * in[(int64_t)trial * h.inputs] : gradient[trial * h.classes];
    }
    h.gradient[(int64_t)run * h.parameters + (at < weights ? h.weight + at : h.bias + k)] = (float)sum;
}

// The gradient of what the head takes. Grid: inputs; trials; run.
extern "C" __global__ void head_back(const Head h) {
    const int j = blockIdx.x * BLOCK + threadIdx.x, trial = blockIdx.y, run = blockIdx.z;
    if (j >= h.inputs) return;
    const float *theta = h.theta + (int64_t)run * h.parameters + h.weight;
    const float *gradient = h.logits_gradient + ((int64_t)run * h.trials + trial) * h.classes;
    float sum = 0;
    for (int k = 0; k < h.classes; k++) sum += gradient[k] * theta[(int64_t)k * h.inputs + j];
    h.in_gradient[((int64_t)run * h.trials + trial) * h.inputs + j] = sum;
}

// Adam with coupled decay, as in adam.rs. Grid: parameters; 1; run.
extern "C" __global__ void adam(const Adam a) {
    const int at = blockIdx.x * BLOCK + threadIdx.x, run = blockIdx.z;
    if (at >= a.parameters) return;
    const int64_t place = (int64_t)run * a.parameters + at;
    const float g = a.gradient[place] + a.decay[run] * a.theta[place];
    const float m = 0.9f * a.m[place] + (1.0f - 0.9f) * g;
    const float v = 0.999f * a.v[place] + (1.0f - 0.999f) * g * g;
    a.m[place] = m;
    a.v[place] = v;
    a.theta[place] -= a.rate[run] * m / (sqrtf(v) * a.root[run] + 1e-8f);
}

// A row that is longer than its norm allows is shortened. Grid: rows; 1; run.
extern "C" __global__ void limit_norm(const Limit l) {
    __shared__ double shared[BLOCK];
    float *row = l.theta + (int64_t)blockIdx.z * l.parameters + l.at + (int64_t)blockIdx.x * l.length;
    double sum = 0;
    for (int at = threadIdx.x; at < l.length; at += BLOCK) sum += (double)row[at] * row[at];
    const double norm = sqrt(block_sum(shared, sum));
    if (norm <= l.norm) return;
    for (int at = threadIdx.x; at < l.length; at += BLOCK) row[at] = (float)(row[at] * (l.norm / (norm + 1e-7)));
}
