"""Cases of `RNN`, `LSTM`, `GRU` and their cells.

    Debian: python3-torch (1.13), and expecttest
"""

import torch
from reference import module_cases, normal, sample, sample_of_module, write
from torch.testing._internal.common_modules import module_db

# A recurrent layer keeps a list of its weights, which isn't told when a call replaces them.
torch.nn.RNNBase._flat_weights = property(
    lambda self: [getattr(self, name, None) for name in self._flat_weights_names], lambda self, value: None
)

ORDER = ["input_size", "hidden_size", "num_layers", "bias", "batch_first", "dropout", "bidirectional", "proj_size"]


def states(name, *shapes):
    """What stands for the states: h alone, or h and c as a pair; they differ in width where h is projected."""
    if name.startswith("LSTM"):
        return tuple(normal(*shape) for shape in (shapes * 2)[:2])
    return normal(*shapes[0])


def samples(name):
    """PyTorch's own, but with inputs for which tanh isn't all but 1, where single precision would lose all digits."""
    info = next(info for info in module_db if info.name == f"nn.{name}")
    for one in info.module_inputs_func(info, device="cpu", dtype=torch.float64, requires_grad=True, training=True):
        one = sample_of_module(one)
        one.inputs = [redrawn(value) for value in one.inputs]
        yield one


def redrawn(value):
    if isinstance(value, torch.Tensor):
        return normal(*value.shape)
    return tuple(redrawn(item) for item in value) if isinstance(value, tuple) else value


for name in ["RNN", "LSTM", "GRU"]:

    def add(x, *shapes, name=name, **options):
        inputs = [normal(*x)] + ([states(name, *shapes)] if shapes else [])
        order = [*ORDER[:3], "nonlinearity", *ORDER[3:7]] if name == "RNN" else ORDER
        module_cases(name, [sample(inputs=inputs, **options)], order=order)

    module_cases(name, samples(name), order=ORDER)
    add([4, 2, 3], input_size=3, hidden_size=2)
    add([4, 2, 3], [1, 2, 5], input_size=3, hidden_size=5)
    add([2, 4, 3], [2, 2, 3], input_size=3, hidden_size=3, num_layers=2, batch_first=True, dropout=0.5)
    add([4, 2, 3], [2, 2, 2], input_size=3, hidden_size=2, bidirectional=True)
    add([3, 2, 2], [6, 2, 2], input_size=2, hidden_size=2, num_layers=3, bidirectional=True, bias=False)
    add([2, 3, 2], input_size=2, hidden_size=2, num_layers=2, bidirectional=True, batch_first=True)
    add([4, 3], [4, 2], input_size=3, hidden_size=2, num_layers=2, bidirectional=True)
    add([1, 1, 1], [1, 1, 1], input_size=1, hidden_size=1)
    add([20, 1, 1], [1, 1, 2], input_size=1, hidden_size=2)
    if name == "RNN":
        add([4, 2, 3], [2, 2, 3], input_size=3, hidden_size=3, num_layers=2, nonlinearity="relu")
    if name == "LSTM":
        add([3, 2, 3], [1, 2, 2], [1, 2, 4], input_size=3, hidden_size=4, proj_size=2)
        sizes = {"input_size": 3, "hidden_size": 2, "num_layers": 2, "proj_size": 1}
        add([2, 3, 3], [4, 2, 1], [4, 2, 2], bidirectional=True, batch_first=True, **sizes)
    cell = f"{name}Cell"
    module_cases(cell, samples(cell))
    for options in [{}, {"bias": False}] + ([{"nonlinearity": "relu"}] if name == "RNN" else []):
        module_cases(cell, [sample(4, 2, inputs=[normal(3, 4), states(name, [3, 2])], **options)])
        module_cases(cell, [sample(4, 2, inputs=[normal(4)], **options)])
write()
