"""How people merge models, as functions of vectors. A model is one vector; `parts` cut it.

After the authors' descriptions: TIES (Yadav et al. 2023), DARE (Yu et al. 2024), SLERP (Shoemake
1985) as merge tools apply it, tensor by tensor.
"""

import numpy as np


def weighted(models, weights):
    return np.tensordot(weights, models, 1)


def slerp(one, other, share, parts):
    merged = np.empty_like(one)
    for part in parts:
        a, b = one[part], other[part]
        cosine = a @ b / np.linalg.norm(a) / np.linalg.norm(b)
        angle = np.arccos(np.clip(cosine, -1, 1))
        if angle < 1e-6:
            merged[part] = (1 - share) * a + share * b
        else:
            ways = np.sin([(1 - share) * angle, share * angle]) / np.sin(angle)
            merged[part] = ways[0] * a + ways[1] * b
    return merged


def ties(base, models, density, parts):
    """Keep the largest changes, elect a sign, average what has it."""
    merged = base.copy()
    for part in parts:
        steps = np.array([model[part] - base[part] for model in models])
        cut = np.quantile(np.abs(steps), 1 - density, axis=1, keepdims=True)
        steps = np.where(np.abs(steps) >= cut, steps, 0)
        agrees = (steps != 0) & (np.sign(steps) == np.sign(steps.sum(0)))
        merged[part] += (steps * agrees).sum(0) / np.maximum(agrees.sum(0), 1)
    return merged


def dare(random, base, models, weights, drop):
    """Drop changes at random, and enlarge the others as much."""
    steps = np.array(models) - base
    kept = random.random(steps.shape) >= drop
    return base + np.tensordot(weights, steps * kept / (1 - drop), 1)


def elementwise(random, one, other, share):
    return np.where(random.random(one.shape) < share, other, one)


def whole_parts(random, one, other, share, parts):
    """Each tensor from one of the two."""
    merged = one.copy()
    for part in parts:
        if random.random() < share:
            merged[part] = other[part]
    return merged


def magnitude_pruned(base, model, density):
    """The model with only its largest changes."""
    step = model - base
    cut = np.quantile(np.abs(step), 1 - density)
    return base + np.where(np.abs(step) >= cut, step, 0)
