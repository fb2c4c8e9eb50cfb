"""Cases of products of tensors.

    Debian: python3-torch (1.13), and expecttest
"""

import torch
from reference import normal, op_cases, sample, write

torch.set_default_dtype(torch.float64)

SIZES = [(2, 3, 4), (1, 3, 1), (3, 1, 2), (0, 2, 3), (2, 0, 3), (5, 7, 6)]
op_cases("mm", [sample(normal(n, m), normal(m, p)) for n, m, p in SIZES])
op_cases("bmm", [sample(normal(3, n, m), normal(3, m, p)) for n, m, p in SIZES])
op_cases("mv", [sample(normal(n, m), normal(m)) for n, m, _ in SIZES])
op_cases("dot", [sample(normal(n), normal(n)) for n, _, _ in SIZES])
op_cases("outer", [sample(normal(n), normal(m)) for n, m, _ in SIZES])
op_cases("inner")
op_cases("inner", [sample(normal(2, 3, 4), normal(5, 4)), sample(normal(3), normal()), sample(normal(), normal(2, 2))])
op_cases("tensordot")
op_cases("tensordot", [
    sample(normal(2, 3), normal(3, 4), dims=1),
    sample(normal(2, 3, 4), normal(4, 5, 2), dims=[[0, -1], [2, 0]]),
    sample(normal(2), normal(3, 2), dims=0),
    sample(normal(2, 3), normal(3, 2), dims=[[1, 0], [0, 1]]),
])
for n, m, p in SIZES:
    op_cases("addmm", [
        sample(normal(n, p), normal(n, m), normal(m, p)),
        sample(normal(p), normal(n, m), normal(m, p), beta=0.5, alpha=-2),
        sample(normal(), normal(n, m), normal(m, p), beta=0),
    ])
    op_cases("baddbmm", [
        sample(normal(2, n, p), normal(2, n, m), normal(2, m, p)),
        sample(normal(2, 1, p), normal(2, n, m), normal(2, m, p), beta=0.5, alpha=-2),
    ])
op_cases("cross")
op_cases("cross", [
    sample(normal(3), normal(3), dim=0),
    sample(normal(2, 3), normal(2, 3), dim=-1),
    sample(normal(1, 3, 2), normal(4, 3, 1), dim=1),
    sample(normal(3, 4), normal(3, 1)),
])

EQUATIONS = [
    ("ij,jk->ik", (2, 3), (3, 4)),
    ("ij,kj", (2, 3), (4, 3)),
    ("ba,ac", (2, 3), (3, 4)),
    ("aB,bA", (2, 3), (4, 5)),
    ("bqhd,bkhd->bhqk", (2, 3, 2, 4), (2, 5, 2, 4)),
    ("bhqk,bkhd->bqhd", (2, 2, 3, 5), (2, 5, 2, 4)),
    ("i,j->ji", (2,), (3,)),
    ("i,i->", (3,), (3,)),
    ("ij,ij,ij->j", (2, 3), (2, 3), (2, 3)),
    ("ij->", (2, 3)),
    ("ij->j", (2, 3)),
    ("ji", (2, 3)),
    ("ii", (3, 3)),
    ("ii->i", (3, 3)),
    ("iji->j", (2, 3, 2)),
    (",i->i", (), (3,)),
    ("...ij->...ji", (2, 1, 3, 2)),
    ("i...->i", (2, 3, 2)),
    ("...i,...i", (2, 1, 3), (4, 3)),
    ("b...i,...i,b->...b", (2, 1, 3), (4, 3), (2,)),
    ("ii,ij->j", (3, 3), (3, 2)),
    ("ij,k->i", (2, 3), (4,)),
    ("ij,jk,kl,lm->im", (2, 3), (3, 4), (4, 2), (2, 3)),
    ("ij,kl,jl->", (2, 3), (2, 3), (3, 3)),
    ("ij,jk->ik", (2, 1), (3, 4)),
    ("ij,jk->ik", (2, 0), (0, 4)),
]


def einsum(texts):
    return f"einsum({texts[1]}, {texts[0]})"


op_cases("einsum", write=einsum)
op_cases("einsum", [sample(text, *[normal(*shape) for shape in shapes]) for text, *shapes in EQUATIONS])

write()
