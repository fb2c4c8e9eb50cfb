"""Cases of `MultiheadAttention` and `scaled_dot_product_attention`. What PyTorch 1.13 lacks of them is written as its
formula: causal heads, heads that share keys, zeros for queries that see no key.

    Debian: python3-torch (1.13), and expecttest
"""

import torch
from reference import bools, case, given, module_cases, normal, sample, write

FORWARD = torch.nn.MultiheadAttention.forward


def floats(mask):
    return torch.zeros(mask.shape).double().masked_fill(mask, float("-inf")) if mask.dtype == torch.bool else mask


def forward(self, query, key, value, is_causal=False, attn_mask=None, key_padding_mask=None, **options):
    """A result that isn't wanted is left out; `is_causal` is a mask, and of two masks one becomes part of the other."""
    axis = 1 if self.batch_first and query.dim() == 3 else 0
    length, keys = query.shape[axis], key.shape[axis]
    if is_causal:
        causal = floats(torch.ones(length, keys, dtype=torch.bool).triu(1))
        attn_mask = causal if attn_mask is None else causal + floats(attn_mask)
    if attn_mask is not None and key_padding_mask is not None:
        padding = floats(key_padding_mask).reshape(-1, 1, 1, keys)
        shape = (padding.shape[0], self.num_heads, length, keys)
        masks = floats(attn_mask) if attn_mask.dim() == 2 else floats(attn_mask).reshape(shape)
        attn_mask, key_padding_mask = (padding + masks).expand(shape).reshape(-1, length, keys), None
    found = FORWARD(self, query, key, value, attn_mask=attn_mask, key_padding_mask=key_padding_mask, **options)
    return tuple(result for result in found if result is not None)


torch.nn.MultiheadAttention.forward = forward


def attention(*args, inputs, **options):
    module_cases("MultiheadAttention", [sample(*args, inputs=inputs, **options)])


# The first key is left, so that no query sees nothing.
PADDING = given([[False, True, False, True, False], [False, False, False, False, True]])
LATER = given([[False, True, True, True, False], [False, False, True, False, True], [False] * 5])

x = normal(3, 2, 4)
attention(4, 1, inputs=[x, x, x])
attention(4, 2, inputs=[x, x, x])
attention(4, 4, inputs=[normal(3, 2, 4), normal(5, 2, 4), normal(5, 2, 4)])
attention(4, 2, bias=False, inputs=[normal(3, 2, 4), normal(5, 2, 4), normal(5, 2, 4)])
attention(4, 2, batch_first=True, inputs=[normal(2, 3, 4), normal(2, 5, 4), normal(2, 5, 4)])
attention(4, 2, kdim=3, vdim=2, inputs=[normal(3, 2, 4), normal(5, 2, 3), normal(5, 2, 2)])
attention(4, 2, vdim=2, bias=False, inputs=[normal(3, 2, 4), normal(5, 2, 4), normal(5, 2, 2)])
attention(4, 2, kdim=4, vdim=4, dropout=0.3, inputs=[normal(3, 4), normal(5, 4), normal(5, 4)])
attention(6, 3, inputs=[normal(3, 6), normal(5, 6), normal(5, 6), ("average_attn_weights", False)])
attention(1, 1, inputs=[normal(1, 1, 1), normal(1, 1, 1), normal(1, 1, 1)])
for batch_first in [False, True]:
    q, k, v = [normal(*((2, n) if batch_first else (n, 2)), 4) for n in (3, 5, 5)]
    for options in [
        [("need_weights", False)],
        [("average_attn_weights", False)],
        [("key_padding_mask", PADDING)],
        [("key_padding_mask", normal(2, 5)), ("need_weights", False)],
        [("attn_mask", LATER)],
        [("attn_mask", normal(3, 5)), ("average_attn_weights", False)],
        [("attn_mask", normal(4, 3, 5))],
        [("key_padding_mask", PADDING), ("attn_mask", LATER)],
        [("key_padding_mask", normal(2, 5)), ("attn_mask", normal(4, 3, 5))],
        [("is_causal", True)],
        [("attn_mask", normal(3, 5)), ("is_causal", True), ("need_weights", False)],
    ]:
        attention(4, 2, batch_first=batch_first, inputs=[q, k, v, *options])
attention(4, 2, inputs=[normal(3, 4), normal(5, 4), normal(5, 4), ("key_padding_mask", normal(5)), ("attn_mask", LATER)])
attention(4, 2, inputs=[normal(70, 1, 4), normal(70, 1, 4), normal(70, 1, 4), ("need_weights", False), ("is_causal", True)])


def formula(q, k, v, mask=None, is_causal=False, scale=None, enable_gqa=False):
    if enable_gqa:
        k, v = [one.repeat_interleave(q.shape[-3] // one.shape[-3], -3) for one in (k, v)]
    scores = q @ k.transpose(-2, -1) * (q.shape[-1] ** -0.5 if scale is None else scale)
    if is_causal:
        mask = torch.ones(scores.shape[-2:], dtype=torch.bool).tril()
    if mask is not None and mask.dtype == torch.bool:
        scores = scores.masked_fill(~mask, float("-inf"))
    elif mask is not None:
        scores = scores + mask
    empty = (scores == float("-inf")).all(-1, keepdim=True)
    return torch.softmax(scores.masked_fill(empty, 0.0), -1).masked_fill(empty, 0.0) @ v


def shapes(q, k, v, mask=None, of=normal, **options):
    """A case with operands of these shapes; `of` makes a mask of its shape."""
    drawers = {"q": normal(*q), "k": normal(*k), "v": normal(*v)}
    declared = [f"input {key}: {list(shape)}\n" for key, shape in zip("qkv", [q, k, v])]
    if mask is not None:
        drawers["m"] = of(*mask)
        declared.append(f"input m: {'' if of is normal else 'bool'}{list(mask)}\n")
    written = [f"{key}={str(value).lower()}" for key, value in options.items()]
    call = f"scaled_dot_product_attention({', '.join([*drawers, *written])})"
    program = f"{''.join(declared)}output y = {call}"

    def run(x, w):
        return {"y": formula(x["q"], x["k"], x["v"], x.get("m"), **options)}

    case("scaled_dot_product_attention", program, drawers, {}, run)


def none(*shape):
    return given(torch.zeros(shape, dtype=torch.bool))


shapes([3, 4], [5, 4], [5, 2])
shapes([2, 3, 4], [2, 5, 4], [2, 5, 4])
shapes([2, 3, 3, 4], [2, 3, 5, 4], [2, 3, 5, 2])
shapes([2, 1, 3, 4], [3, 5, 4], [2, 1, 5, 2])
shapes([3, 4], [2, 5, 4], [5, 2])
shapes([2, 3, 4], [2, 5, 4], [2, 5, 4], scale=0.7)
shapes([2, 4, 3], [2, 4, 3], [2, 4, 3], is_causal=True)
shapes([2, 3, 3], [2, 5, 3], [2, 5, 2], is_causal=True)
shapes([5, 3], [3, 3], [3, 2], is_causal=True, scale=2.0)
shapes([1, 1], [1, 1], [1, 1])
shapes([70, 3], [70, 3], [70, 3], is_causal=True)
shapes([130, 2], [3, 2], [3, 2])
for mask in [[3, 5], [5], [1, 5], [3, 1], [2, 1, 5], [1, 3, 5], [2, 3, 5], [1, 1], []]:
    for of in [normal, bools]:
        shapes([2, 3, 4], [2, 5, 4], [2, 5, 2], mask, of)
shapes([2, 3, 4], [2, 5, 4], [2, 5, 2], [2, 3, 5], none)
shapes([4, 3, 2], [2, 5, 2], [2, 5, 3], enable_gqa=True)
shapes([2, 6, 3, 2], [2, 3, 3, 2], [2, 3, 3, 2], enable_gqa=True, is_causal=True)
shapes([2, 4, 3, 2], [1, 2, 5, 2], [2, 2, 5, 2], [4, 1, 5], enable_gqa=True)
shapes([4, 3, 2], [1, 5, 2], [1, 5, 3], [4, 3, 5], bools, enable_gqa=True)
shapes([4, 3, 2], [4, 5, 2], [4, 5, 3], enable_gqa=True)
write()
