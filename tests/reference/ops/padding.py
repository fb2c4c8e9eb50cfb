"""Cases of padding, as layers and as a function. What PyTorch 1.13 lacks is written as the function `pad`.

    Debian: python3-torch (1.13), and expecttest
"""

import torch.nn.functional as F
from reference import case, literal, module_cases, normal, op_cases, sample, write

SIZES = {1: [4], 2: [3, 4], 3: [3, 2, 4]}
# One number for all ends; all of them different; some taken away.
PADDINGS = {1: [1, (2, 0), (-1, 3)], 2: [1, (3, 1, 0, 2), (1, -2, -1, 2)], 3: [1, (0, 2, 1, 0, 2, 1), (1, -1, 0, 1, -1, 2)]}


def by_function(name, n, padding, batch, mode):
    shape = [*batch, 2, *SIZES[n]]
    ends = [padding] * (2 * n) if isinstance(padding, int) else list(padding)
    # Circular padding of PyTorch 1.13 wants a batch.
    apart = mode == "circular" and not batch

    def function(x, w):
        y = F.pad(x["x0"].unsqueeze(0) if apart else x["x0"], ends, mode=mode)
        return {"y": y.squeeze(0) if apart else y}

    program = f"input x0: {shape}\nlayer f = {name}{n}d({literal(padding)})\noutput y = f(x0)"
    case(f"{name}{n}d", program, {"x0": normal(*shape)}, {}, function)


for n in [1, 2, 3]:
    for padding in PADDINGS[n]:
        for batch in [[2], []]:
            inputs = [normal(*batch, 2, *SIZES[n])]
            module_cases(f"ConstantPad{n}d", [sample(padding, -1.5, inputs=inputs)])
            module_cases(f"ReplicationPad{n}d", [sample(padding, inputs=inputs)])
            if n == 2:
                module_cases("ZeroPad2d", [sample(padding, inputs=inputs)])
            else:
                by_function("ZeroPad", n, padding, batch, "constant")
            by_function("CircularPad", n, padding, batch, "circular")
    for padding in [1, PADDINGS[n][2]] + ([(3, 2)] if n == 1 else [(0, 3, 2, 1)] if n == 2 else [(3, 0, 1, 1, 0, 2)]):
        for batch in [[2], []]:
            module_cases(f"ReflectionPad{n}d", [sample(padding, inputs=[normal(*batch, 2, *SIZES[n])])])
op_cases("nn.functional.pad")
write()
