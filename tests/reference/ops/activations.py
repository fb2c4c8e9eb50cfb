"""Cases of activations, each as a function and as a layer.

    Debian: python3-torch (1.13), and expecttest
"""

import math

import torch
from reference import CASES, case, given, module_cases, normal, op_cases, sample, write

torch.set_default_dtype(torch.float64)

EDGES = [0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 3.0, -3.0, 6.0, 40.0, -40.0, math.inf, -math.inf, math.nan]
PAIRS = {
    "relu": "ReLU", "relu6": "ReLU6", "leaky_relu": "LeakyReLU", "elu": "ELU", "selu": "SELU", "celu": "CELU",
    "gelu": "GELU", "silu": "SiLU", "mish": "Mish", "sigmoid": "Sigmoid", "logsigmoid": "LogSigmoid", "tanh": "Tanh",
    "tanhshrink": "Tanhshrink", "hardtanh": "Hardtanh", "hardsigmoid": "Hardsigmoid", "hardswish": "Hardswish",
    "hardshrink": "Hardshrink", "softshrink": "Softshrink", "softplus": "Softplus", "softsign": "Softsign",
}
SETTINGS = {
    "leaky_relu": [{"negative_slope": 0.2}, {"negative_slope": -0.5}, {"negative_slope": 0.0}],
    "elu": [{"alpha": 0.3}, {"alpha": 2.0}, {"alpha": -1.0}],
    "celu": [{"alpha": 0.25}, {"alpha": 2.0}, {"alpha": -0.5}],
    "gelu": [{"approximate": "tanh"}],
    "hardtanh": [{"min_val": -0.3, "max_val": 0.8}, {"min_val": 0.5, "max_val": 2.0}],
    "hardshrink": [{"lambd": 0.0}, {"lambd": 1.0}],
    "softshrink": [{"lambd": 0.0}, {"lambd": 1.0}],
    "softplus": [{"beta": 2.0, "threshold": 1.0}, {"beta": 0.5}, {"threshold": 0.5}],
}
# Where later versions than 1.13 give other values, or a product of 0 and an infinite number comes in.
PLAIN = {name: EDGES[:-3] for name in ["mish", "silu", "gelu", "softsign"]}
PLAIN |= {"softshrink": EDGES[:-1], "hardswish": [x for x in EDGES if abs(x) != 3.0 and math.isfinite(x)]}
# PyTorch's constants are single precision.
SINGLE = {"hardsigmoid": lambda x: torch.clamp(x + 3.0, 0.0, 6.0) / 6.0}

for name, layer in PAIRS.items():
    if name in SINGLE:
        rule = lambda x, w, rule=SINGLE[name]: {"y": rule(x["x0"])}
        for text in [f"y = {name}(x0)", f"layer f = {layer}()\ny = f(x0)"]:
            case(name, f"input x0: [3, 4]\n{text}\noutput y", {"x0": normal(3, 4, scale=3.0)}, {}, rule)
        continue
    op = name if name in ["sigmoid", "tanh"] else f"nn.functional.{name}"
    op_cases(op, [sample(normal(3, 4)), sample(normal(2, 3, 4, scale=4.0)), sample(normal()), sample(normal(0, 3))])
    op_cases(op, [sample(given(PLAIN.get(name, EDGES)))], f64_only=True)
    module_cases(layer, [sample(inputs=[normal(3, 4)])])
    for setting in SETTINGS.get(name, []):
        op_cases(op, [sample(normal(3, 4), **setting)])
        if setting.get("lambd") != 0.0:
            module_cases(layer, [sample(inputs=[normal(3, 4)], **setting)])
op_cases("nn.functional.relu", [sample(given([-2, 0, 3]))])
for name in ["sigmoid", "tanh"]:
    op_cases(name, [sample(given([-2, 0, 3])), sample(given([True, False]))])

op_cases("nn.functional.threshold", [sample(normal(3, 4), 0.1, 20), sample(given(EDGES), 0.5, -1.5)])
module_cases("Threshold", [sample(0.1, 20, inputs=[normal(3, 4)])])
module_cases("RReLU", [
    sample(inputs=[normal(3, 4)]),
    sample(0.1, 0.2, inputs=[normal(3, 4)]),
    # Without a range there is nothing random.
    sample(0.2, 0.2, inputs=[normal(3, 4)]),
], modes=("eval",))
module_cases("RReLU", [sample(0.2, 0.2, inputs=[normal(3, 4)])], modes=("train",))

op_cases("nn.functional.glu", [sample(normal(3, 4)), sample(normal(2, 6, 4), 1), sample(normal(4, 3), dim=0), sample(normal(0, 4))])
module_cases("GLU", [sample(inputs=[normal(3, 4)]), sample(dim=1, inputs=[normal(2, 6, 4)])])
op_cases("nn.functional.prelu", [
    sample(normal(2, 3, 4), normal(3)), sample(normal(2, 3), normal(1)), sample(normal(2, 3, 4), normal(1)),
    sample(normal(3, 5), normal(5)),
])
module_cases("PReLU", [
    sample(inputs=[normal(3, 4)]),
    sample(3, inputs=[normal(2, 3, 4)]),
    sample(num_parameters=1, init=0.1, inputs=[normal(5)]),
])
for name, layer in [("softmax", "Softmax"), ("log_softmax", "LogSoftmax"), ("softmin", "Softmin")]:
    module_cases(layer, [sample(1, inputs=[normal(3, 4)]), sample(dim=0, inputs=[normal(2, 3, 4)]), sample(-1, inputs=[normal(0, 3)])])
    if name == "softmin":
        op_cases("nn.functional.softmin", [sample(normal(3, 4, scale=10.0), 1), sample(normal(2, 3, 4), dim=-2)])
module_cases("Softmax2d", [sample(inputs=[normal(2, 3, 2, 4)]), sample(inputs=[normal(3, 2, 4)])])

# A layer's cases stand in the file of its function: the names of two files never differ by capitals alone.
JOINED = {**PAIRS, "threshold": "Threshold", "glu": "GLU", "prelu": "PReLU", "softmin": "Softmin"}
for name, layer in JOINED.items():
    CASES[name] += CASES.pop(layer, [])
CASES["softmax_layers"] = [one for layer in ["Softmax", "LogSoftmax", "Softmax2d"] for one in CASES.pop(layer)]
write()
