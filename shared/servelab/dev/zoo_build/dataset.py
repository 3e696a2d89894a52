"""The data sets of the zoo, from the copies that ship with scikit-learn: nothing is downloaded."""

from typing import Any

import numpy as np
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.model_selection import train_test_split

from servelab.dev.zoo_build.recipe import DataSource, HeldOut, Split

HELD_OUT_SHARE = 0.25

DIGITS = DataSource(
    data="Optical Recognition of Handwritten Digits (E. Alpaydin, C. Kaynak), 1,797 images of 8 x 8 pixels",
    licence="CC BY 4.0",
    source="https://doi.org/10.24432/C50P49, as shipped by scikit-learn (load_digits)",
)
TUMOUR = DataSource(
    data="Breast Cancer Wisconsin (Diagnostic) (W. Wolberg, O. Mangasarian, N. Street, W. Street), 569 rows",
    licence="CC BY 4.0",
    source="https://doi.org/10.24432/C5DW2B, as shipped by scikit-learn (load_breast_cancer)",
)


def digits(seed: int) -> Split:
    """Return 64 pixels of 0..16 a row, white ink on black, with the digit as label."""
    return _split(load_digits(), seed)


def tumour(seed: int) -> Split:
    """Return 30 measurements of cell nuclei a row, with 0 = malignant and 1 = benign."""
    return _split(load_breast_cancer(), seed)


def _split(bunch: Any, seed: int) -> Split:  # noqa: ANN401 - scikit-learn's Bunch has no typed fields
    instances = np.asarray(bunch.data, dtype=np.float32)
    labels = np.asarray(bunch.target, dtype=np.int64)
    rows, held, row_labels, held_labels = train_test_split(
        instances, labels, test_size=HELD_OUT_SHARE, random_state=seed, stratify=labels
    )
    return Split(rows, row_labels, HeldOut(held, held_labels))
