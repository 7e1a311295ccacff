"""Runs of an eeg-tui notebook in Python: their specs, epochs and predictions as pandas frames, and their networks as torch
modules with the trained weights in them. One file, to be copied beside a script; needs Python 3.11, and pandas, torch and
safetensors for what they are needed for.

    import eeg_tui_runs as notebook

    run = "runs/20260101-120000-eegnet-elu0.3-s0-7f3a"
    notebook.predictions(run)                  # a row a test trial
    net = notebook.module(run, electrodes=2, samples=750, classes=2)
    net(x)                                     # x: (trial, 1, electrode, sample) in the data set's unit, as float32

For skorch and braindecode: `NeuralNetClassifier(net, ...)`, `EEGClassifier(net, ...)` take such a module as any other.
What the run's spec does to the signal before (filling of missing samples, standardisation) is left to you: see `spec(run)`.
"""

import json
import pathlib
import tomllib

RULES = ("validation", "last", "best_test")


def spec(run):
    """What was asked: the fields of spec.toml."""
    return tomllib.loads((pathlib.Path(run) / "spec.toml").read_text(encoding="utf-8"))


def events(run):
    """What happened, a dictionary a line; a torn last line is left out."""
    lines = (pathlib.Path(run) / "events.jsonl").read_text(encoding="utf-8").splitlines()
    found = []
    for line in lines:
        try:
            found.append(json.loads(line))
        except json.JSONDecodeError:
            break
    return found


def epochs(run):
    """A row an epoch: losses (mean per trial), accuracies (fractions), seconds."""
    import pandas

    rows = {event["epoch"]: event for event in events(run) if event["event"] == "epoch"}
    frame = pandas.DataFrame([rows[epoch] for epoch in sorted(rows)])
    return frame.drop(columns=["v", "t", "event"], errors="ignore")


def rule_of(run, rule=None):
    """The rule asked for, or the first of validation, last and best_test that the run has weights of."""
    known = [one for one in RULES if (pathlib.Path(run) / f"weights-{one}.safetensors").exists()]
    if rule is None and known:
        return known[0]
    if rule in known:
        return rule
    raise FileNotFoundError(f"{run} has no weights by the rule {rule}; it has {', '.join(known) or 'none'}")


def predictions(run, rule=None):
    """A row a test trial: subject, label, predicted, p_<class>."""
    import pandas

    path = pathlib.Path(run) / f"predictions-{rule_of(run, rule)}.csv"
    return pandas.read_csv(path, dtype={"subject": str, "label": str, "predicted": str})


def weights(run, rule=None):
    """The tensors by their PyTorch names."""
    from safetensors.torch import load_file

    return load_file(pathlib.Path(run) / f"weights-{rule_of(run, rule)}.safetensors")


def network_text(run, folder=None):
    """The network as text: from the spec where it came from a file, else from the folder of networks that come along."""
    asked = spec(run)
    text = asked.get("network")
    if isinstance(text, str):
        return text
    folder = folder or pathlib.Path(__file__).resolve().parents[2] / "nn/networks"
    path = pathlib.Path(folder) / f"{asked['model']}.toml"
    if not path.exists():
        raise FileNotFoundError(
            f"{path} is missing; write it with: eeg-tui model new copy --like {asked['model']}, and pass its folder"
        )
    return path.read_text(encoding="utf-8")


def module(run, electrodes, samples, classes, rule=None, sfreq=None, folder=None):
    """The run's network with the weights of the epoch that a rule picks, ready to evaluate."""
    asked = spec(run)
    net = build(
        tomllib.loads(network_text(run, folder)),
        electrodes,
        samples,
        classes,
        activation=asked.get("activation"),
        alpha=asked.get("alpha"),
        dropout=asked.get("dropout"),
        sfreq=sfreq,
    )
    net.load_state_dict(weights(run, rule), strict=False)
    missing = set(net.state_dict()) - set(weights(run, rule))
    missing = {name for name in missing if not name.endswith("num_batches_tracked")}
    if missing:
        raise KeyError(f"the weights lack {', '.join(sorted(missing))}")
    return net.eval()


def build(text, electrodes, samples, classes, activation=None, alpha=None, dropout=None, sfreq=None):
    """A network's text as a torch module for (trial, 1, electrode, sample), its tensors named as the text has it."""
    import torch

    activation = activation if activation not in (None, "none") else text.get("activation")
    dropout = text.get("dropout", 0.0) if dropout is None else dropout

    class Flow(torch.nn.Module):
        """Layers one after the other, found by their dotted names."""

        def __init__(self):
            super().__init__()
            self.order = []

        def add(self, name, layer):
            *path, last = name.split(".")
            place = self
            for part in path:
                if not hasattr(place, part):
                    place.add_module(part, torch.nn.Module())
                place = getattr(place, part)
            place.add_module(last, layer)
            self.order.append(layer)

        def forward(self, x):
            for layer in self.order:
                x = layer(x)
            return x

    flow, maps = Flow(), 1
    # The shapes are found by sending one trial through.
    probe = torch.zeros(1, 1, electrodes, samples)
    for place, layer in enumerate(text["layers"]):
        made, maps = _layer(layer, maps, probe, classes, activation, alpha, dropout, sfreq)
        name = layer.get("name", f"layer{place}")
        if isinstance(made, tuple):
            flow.add(f"flatten{place}", made[0])
            probe, made = made[0](probe), made[1]
        flow.add(name, made)
        with torch.no_grad():
            probe = made.eval()(probe)
    return flow


def _layer(layer, maps, probe, classes, activation, alpha, dropout, sfreq):
    """One layer and how many feature maps come out of it."""
    from torch import nn

    kind = layer["type"]
    if kind == "temporal_conv":
        kernel, stride = _kernel(layer["kernel"], sfreq), layer.get("stride", 1)
        padding = layer.get("padding", 0)
        made = nn.Conv2d(
            maps,
            layer["filters"],
            (1, kernel),
            stride=(1, stride),
            padding=padding if padding == "same" else (0, padding),
            groups=layer.get("groups", 1),
            bias=layer.get("bias", True),
        )
        return made, layer["filters"]
    if kind == "spatial_conv":
        made = nn.Conv2d(
            maps, layer["filters"], (probe.shape[2], 1), groups=layer.get("groups", 1), bias=layer.get("bias", True)
        )
        return made, layer["filters"]
    if kind == "batch_norm":
        return nn.BatchNorm2d(maps, eps=layer.get("eps", 1e-5), momentum=layer.get("momentum", 0.1)), maps
    if kind in ("avg_pool", "max_pool"):
        pool = nn.AvgPool2d if kind == "avg_pool" else nn.MaxPool2d
        kernel = layer["kernel"]
        return pool((1, kernel), (1, layer.get("stride", kernel))), maps
    if kind == "dropout":
        return nn.Dropout(layer.get("p", dropout)), maps
    if kind == "linear":
        return (nn.Flatten(), nn.Linear(probe.flatten(1).shape[1], classes)), maps
    if kind == "activation":
        return _function(activation, alpha), maps
    return _function(kind, layer.get("alpha", layer.get("eps"))), maps


def _function(name, parameter):
    import torch
    from torch import nn

    class Square(nn.Module):
        def forward(self, x):
            return x * x

    class SafeLog(nn.Module):
        def __init__(self, eps):
            super().__init__()
            self.eps = eps

        def forward(self, x):
            return torch.log(torch.clamp(x, min=self.eps))

    makers = {
        "relu": lambda: nn.ReLU(),
        "leaky_relu": lambda: nn.LeakyReLU(0.01 if parameter is None else parameter),
        "elu": lambda: nn.ELU(1.0 if parameter is None else parameter),
        "gelu": lambda: nn.GELU(),
        "silu": lambda: nn.SiLU(),
        "square": Square,
        "log": lambda: SafeLog(1e-6 if parameter is None else parameter),
    }
    if name not in makers:
        raise ValueError(f"no layer or function is called {name!r}")
    return makers[name]()


def _kernel(kernel, sfreq):
    """Samples of a kernel that may be given as a time."""
    if isinstance(kernel, int):
        return kernel
    if sfreq is None:
        raise ValueError(f"a kernel is {kernel!r} long, which takes a sampling rate: pass sfreq")
    seconds = float(kernel[:-2]) / 1000 if kernel.endswith("ms") else float(kernel[:-1])
    return int(sfreq * seconds)
