"""Cases of `ctc_loss`, behind `log_softmax`: PyTorch's gradient of its operand is another without it.

    Debian: python3-torch (1.13), and expecttest
"""

import torch
from reference import case, given, normal, write


def add(shape, targets, input_lengths, target_lengths, x=None, **options):
    drawers = {
        "x": x or normal(*shape),
        "t": given(targets),
        "steps": given(input_lengths),
        "labels": given(target_lengths),
    }
    declared = "".join(
        f"input {key}: {'' if key == 'x' else 'int'}{list(drawer(None).shape) if key != 'x' else list(shape)}\n"
        for key, drawer in drawers.items()
    )
    written = "".join(
        f", {key}={str(value).lower() if isinstance(value, bool) else repr(value)}" for key, value in options.items()
    ).replace("'", '"')
    program = f"{declared}output y = ctc_loss(log_softmax(x, dim=-1), t, steps, labels{written})"

    def run(x, w):
        operands = torch.log_softmax(x["x"], -1), x["t"], x["steps"], x["labels"]
        if 0 not in x["steps"]:
            return {"y": torch.nn.functional.ctc_loss(*operands, **options)}
        # For no steps 1.13 reads what lies before its memory. Later versions give 0, as there are no labels either.
        rest = {key: value for key, value in options.items() if key != "reduction"}
        each = torch.nn.functional.ctc_loss(*operands, **rest, reduction="none")
        each = each.where(x["steps"] > 0, torch.zeros_like(each))
        means = (each / x["labels"].clamp(min=1)).mean()
        return {"y": {"mean": means, "sum": each.sum(), "none": each}[options["reduction"]]}

    case("ctc_loss", program, drawers, {}, run)


PADDED = [[1, 2, 3], [2, 2, 0], [3, 1, 1]]
for reduction in ["mean", "sum", "none"]:
    add([8, 3, 4], PADDED, [8, 6, 7], [3, 2, 3], reduction=reduction)
    add([8, 3, 4], [1, 2, 3, 2, 2, 3, 1, 1], [8, 6, 7], [3, 2, 3], reduction=reduction)
    add([8, 4], [1, 2, 2], 8, 3, reduction=reduction)
    add([8, 3, 4], PADDED, [8, 6, 0], [3, 0, 0], reduction=reduction)
    add([4, 3, 4], PADDED, [4, 2, 2], [3, 2, 2], reduction=reduction, zero_infinity=True)
add([8, 3, 4], [[1, 2, 0], [2, 2, 0], [0, 1, 1]], [8, 6, 7], [3, 2, 3], blank=3)
add([8, 3, 4], [[0, 2, 0], [2, 2, 0], [3, 0, 0]], [8, 6, 7], [3, 2, 3], blank=1)
add([30, 2, 5], [[1, 2, 3, 4, 4, 3, 3, 1], [2, 1, 4, 3, 0, 0, 0, 0]], [30, 21], [8, 4])
add([8, 2, 3], [[1, 2], [2, 2]], [8, 8], [2, 2], x=normal(8, 2, 3, scale=10.0))
add([1, 1, 2], [[1]], [1], [1])
write()
