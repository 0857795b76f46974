"""Types of arrays shared by several rooms."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Booleans = NDArray[np.bool_]
