"""Cases of affine and bilinear maps, of tables, and of dropout where nothing is random.

    Debian: python3-torch (1.13), and expecttest
"""

import torch
from reference import CASES, given, ints, module_cases, normal, op_cases, sample, write

torch.set_default_dtype(torch.float64)

op_cases("nn.functional.linear")
op_cases("nn.functional.linear", [sample(normal(2, 3, 4), normal(5, 4), normal(5)), sample(normal(0, 4), normal(2, 4))])
op_cases("nn.functional.bilinear")
op_cases("nn.functional.bilinear", [sample(normal(2, 3, 4), normal(2, 3, 2), normal(5, 4, 2), normal(5))])
module_cases("Bilinear")
module_cases("Bilinear", [
    sample(4, 2, 5, inputs=[normal(3, 4), normal(3, 2)]),
    sample(4, 2, 3, bias=False, inputs=[normal(2, 3, 4), normal(2, 3, 2)]),
])
module_cases("Identity", [sample(inputs=[normal(3, 4)]), sample(inputs=[ints(5, 3)])])


def behind(name):
    """PyTorch's samples give the table first."""
    return lambda texts: f"{name}({', '.join([texts[1], texts[0], *texts[2:]])})"


OUT = ("max_norm", "norm_type", "scale_grad_by_freq", "sparse")
op_cases("nn.functional.embedding", write=behind("embedding"), without=OUT)
op_cases("nn.functional.embedding", [
    sample(ints(6, 2, 3), normal(6, 4)),
    sample(ints(3, 12), normal(3, 4), padding_idx=1),
    sample(given(2), normal(3, 4), padding_idx=-1),
], without=OUT)
module_cases("Embedding")
module_cases("Embedding", [
    sample(6, 4, inputs=[ints(6, 2, 3)]),
    sample(3, 4, padding_idx=1, inputs=[ints(3, 12)]),
    sample(3, 2, padding_idx=-1, inputs=[ints(3, 2, 4)]),
    sample(3, 1, inputs=[given(2)]),
    sample(200, 3, inputs=[ints(200, 0)]),
])
op_cases("nn.functional.embedding_bag", write=behind("embedding_bag"), without=OUT, order=["input", "weight"])
for mode in ["sum", "mean", "max"]:
    op_cases("nn.functional.embedding_bag", [
        sample(ints(5, 2, 3), normal(5, 4), mode=mode),
        sample(ints(5, 6), normal(5, 4), given([0, 2, 2, 3]), mode=mode),
        sample(ints(5, 6), normal(5, 4), given([0, 2, 6]), mode=mode, include_last_offset=True),
        sample(given([1, 1, 4, 1, 0, 1]), normal(5, 4), given([0, 2, 3]), mode=mode, padding_idx=1),
        sample(given([[1, 1], [4, 1]]), normal(5, 4), mode=mode, padding_idx=-4),
    ], without=OUT)
    module_cases("EmbeddingBag", [
        sample(5, 4, mode=mode, inputs=[ints(5, 2, 3)]),
        sample(5, 4, mode=mode, inputs=[ints(5, 6), given([0, 1, 4])]),
        sample(5, 4, mode=mode, include_last_offset=True, padding_idx=2, inputs=[ints(5, 6), given([0, 1, 4, 6])]),
    ], without=OUT)
op_cases("nn.functional.embedding_bag", [
    sample(ints(5, 6), normal(5, 4), given([0, 2, 2]), mode="sum", per_sample_weights=normal(6)),
    sample(ints(5, 2, 3), normal(5, 4), mode="sum", per_sample_weights=normal(2, 3), padding_idx=0),
], without=OUT)
module_cases("EmbeddingBag", [
    sample(5, 4, mode="sum", inputs=[ints(5, 6), given([0, 1, 4]), normal(6)]),
    sample(5, 4, mode="sum", inputs=[ints(5, 2, 3), ("per_sample_weights", normal(2, 3))]),
], without=OUT)

# Outside training nothing is dropped; in training nothing is random where all is dropped or nothing.
for name, shape in [
    ("Dropout", (3, 4)),
    ("Dropout1d", (2, 3, 4)),
    ("Dropout2d", (2, 3, 2, 2)),
    ("Dropout3d", (2, 3, 2, 1, 2)),
    ("AlphaDropout", (3, 4)),
    ("FeatureAlphaDropout", (2, 3, 2, 2)),
]:
    module_cases(name, [sample(inputs=[normal(*shape)]), sample(0.2, inputs=[normal(*shape)])])
    for p in [0.0, 1.0]:
        module_cases(name, [sample(p, inputs=[normal(*shape)])], modes=("train",))
    function = {"AlphaDropout": "alpha_dropout", "FeatureAlphaDropout": "feature_alpha_dropout"}.get(name, name.lower())
    op_cases(f"nn.functional.{function}", [sample(normal(*shape), 0.2, training=False)])
    op_cases(f"nn.functional.{function}", [sample(normal(*shape), p=0.0)])

# A layer's cases stand in the file of its function: the names of two files never differ by capitals alone.
for name in ["Dropout", "Dropout1d", "Dropout2d", "Dropout3d"]:
    CASES[name.lower()] += CASES.pop(name)
write()
