"""Array types that the whole package shares."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]  # measured or computed; NaN where missing
Bools = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.intp]  # row numbers, positions, cluster codes
Counts = npt.NDArray[np.int64]
AnyInts = npt.NDArray[np.signedinteger]  # integers of any width
Hashes = npt.NDArray[np.uint64]  # 64-bit hashes of rows
BitWords = npt.NDArray[np.uint64]  # sets as bits, 64 members in each word
