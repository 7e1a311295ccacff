"""Seconds of a training step of the two networks in PyTorch on an NVIDIA card: eager, and as a CUDA graph. Batch 256, 2 × 750."""
import json
import time

import torch
from torch import nn
from torch_peer import CLASSES, ELECTRODES, SAMPLES, network

BATCH, STEPS, WARM_UP = 256, 50, 5


def stepper(name):
    """A model on the card and one step of its training."""
    torch.manual_seed(0)
    model = network(name).cuda().train()
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-2, capturable=True)
    x = torch.randn(BATCH, 1, ELECTRODES, SAMPLES, device="cuda")
    y = torch.randint(0, CLASSES, (BATCH,), device="cuda")
    loss = nn.CrossEntropyLoss()

    def step():
        optimiser.zero_grad(set_to_none=True)
        loss(model(x), y).backward()
        optimiser.step()

    return step


def seconds(step):
    for _ in range(WARM_UP):
        step()
    torch.cuda.synchronize()
    began = time.perf_counter()
    for _ in range(STEPS):
        step()
    torch.cuda.synchronize()
    return (time.perf_counter() - began) / STEPS


def captured(step):
    """The same step as a graph, after some steps on a stream of its own, as PyTorch asks for."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(WARM_UP):
            step()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()
    return graph.replay


def main():
    # What the kernels here are compared with: single precision, no TF32.
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    for name in ("eegnet", "deepconvnet"):
        eager = seconds(stepper(name))
        graph = seconds(captured(stepper(name)))
        figures = {"model": name, "eager_step_s": eager, "graph_step_s": graph, "batch": BATCH}
        print(json.dumps(dict(figures, card=torch.cuda.get_device_name(), torch=torch.__version__)))


if __name__ == "__main__":
    main()
