"""The two networks in PyTorch, timed as `eeg-tui bench --json` times them: train on 1080 trials, test on 1080."""
import argparse
import json
import statistics
import time

import torch
from torch import nn

SAMPLES, ELECTRODES, TRIALS, CLASSES = 750, 2, 1080, 2


def end_of_block(channels, pool, dropout):
    return [nn.BatchNorm2d(channels), nn.ELU(), pool, nn.Dropout(dropout)]


def eegnet():
    layers = [nn.Conv2d(1, 16, (1, 51), padding=(0, 25), bias=False), nn.BatchNorm2d(16)]
    layers += [nn.Conv2d(16, 32, (ELECTRODES, 1), groups=16, bias=False)]
    layers += end_of_block(32, nn.AvgPool2d((1, 4)), 0.25)
    layers += [nn.Conv2d(32, 32, (1, 15), padding=(0, 7), bias=False)]
    layers += end_of_block(32, nn.AvgPool2d((1, 8)), 0.25)
    return layers


def deepconvnet():
    layers = [nn.Conv2d(1, 25, (1, 5)), nn.Conv2d(25, 25, (ELECTRODES, 1))]
    layers += end_of_block(25, nn.MaxPool2d((1, 2)), 0.5)
    for inputs in (25, 50, 100):
        layers.append(nn.Conv2d(inputs, 2 * inputs, (1, 5)))
        layers += end_of_block(2 * inputs, nn.MaxPool2d((1, 2)), 0.5)
    return layers


def network(name):
    features = nn.Sequential(*{"eegnet": eegnet, "deepconvnet": deepconvnet}[name](), nn.Flatten())
    with torch.no_grad():
        width = features.eval()(torch.zeros(1, 1, ELECTRODES, SAMPLES)).shape[1]
    return nn.Sequential(features, nn.Linear(width, CLASSES))


def epoch(model, optimiser, x, y, batch):
    loss = nn.CrossEntropyLoss()
    began = time.perf_counter()
    model.train()
    for indices in torch.randperm(TRIALS).split(batch):
        optimiser.zero_grad()
        loss(model(x[indices]), y[indices]).backward()
        optimiser.step()
    trained = time.perf_counter()
    model.eval()
    with torch.no_grad():
        for part in x.split(batch):
            model(part)
    return trained - began, time.perf_counter() - trained


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--batch", type=int, default=256)
    options = parser.parse_args()
    torch.manual_seed(0)
    x = torch.randn(TRIALS, 1, ELECTRODES, SAMPLES)
    y = torch.randint(0, CLASSES, (TRIALS,))
    model = network(options.model)
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-2)
    times = [epoch(model, optimiser, x, y, options.batch) for _ in range(options.epochs + 1)][1:]
    train, evaluation = (statistics.median(column) for column in zip(*times))
    figures = {"model": options.model, "train_s": train, "eval_s": evaluation, "epoch_s": train + evaluation}
    print(json.dumps(dict(figures, threads=torch.get_num_threads(), batch=options.batch, torch=torch.__version__)))


if __name__ == "__main__":
    main()
