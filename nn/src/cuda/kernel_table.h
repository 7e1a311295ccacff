// The kernels compiled as C++, by name, with the sizes of their arguments.
#pragma once
#include "emulation.h"
#include <map>
#include <string>
#include "kernels.cu"

struct Kernel {
    std::vector<size_t> sizes;
    void (*call)(void **);
};

#define ONE(kernel, type) {#kernel, {{sizeof(type)}, [](void **a) { kernel(*(type *)a[0]); }}}

static const std::map<std::string, Kernel> kernels = {
    ONE(convolve, Convolution), ONE(convolve_back, Convolution), ONE(convolve_weights, Convolution), ONE(add_chunks, Convolution),
    ONE(pair_sums, PairSums), ONE(norm_of_batch, Norm), ONE(norm_of_running, Norm), ONE(norm_gradient, Norm), ONE(norm_back, NormBack),
    ONE(bias_gradient, BiasGradient), ONE(tail, Tail), ONE(head, Head), ONE(keep_progress, Head), ONE(head_weights, Head),
    ONE(head_back, Head), ONE(adam, Adam), ONE(limit_norm, Limit),
    {"tail_back", {{sizeof(Tail), sizeof(View)}, [](void **a) { tail_back(*(Tail *)a[0], *(View *)a[1]); }}},
};
