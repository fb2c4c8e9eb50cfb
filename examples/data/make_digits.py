"""Writes digits.npz: scikit-learn's handwritten digits, as the example digits.wnet reads them.

    pip install scikit-learn
    python make_digits.py

image [1797, 64] float32, the grey values 0..16 divided by 16, row by row of the 8x8 picture
label [1797] int64, 0..9
"""

import pathlib

import numpy as np
from sklearn.datasets import load_digits

digits = load_digits()
np.savez_compressed(
    pathlib.Path(__file__).with_name("digits.npz"),
    image=(digits.data / 16).astype(np.float32),
    label=digits.target.astype(np.int64),
)
