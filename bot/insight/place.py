"""Documents as points: near each other where they mean alike; the only importer of scikit-learn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from knowledge.embed import Vectors

Points = NDArray[np.float64]

# Fewer are told apart well enough by two principal components; for more, t-SNE takes too long.
_MANY, _TOO_MANY = 12, 3000
_NEIGHBOURS = 3
_SPREAD_ROUNDS = 120


def means(vectors: Mapping[str, Sequence[Vectors]]) -> Vectors:
    """One unit vector for each document: the direction of the mean of its passages."""
    rows = [np.mean(np.stack(list(each)), axis=0) for each in vectors.values()]
    stacked = np.stack(rows).astype(np.float32)
    lengths = np.linalg.norm(stacked, axis=1, keepdims=True)
    unit: Vectors = stacked / np.maximum(lengths, np.float32(1e-9))
    return unit


def placed(vectors: Vectors, *, apart: float = 0.0) -> Points:
    """Points in the unit square, a row for each vector; the same for the same vectors.

    t-SNE (van der Maaten & Hinton 2008) keeps neighbours together, from a start by principal
    components, which keeps the whole in shape. `apart` is the least distance between points.
    """
    count = len(vectors)
    if count < 2:
        return np.full((count, 2), 0.5)
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    many = TSNE(perplexity=min(15.0, count / 4), init="pca", random_state=0, max_iter=750)
    few = PCA(n_components=2, random_state=0)
    # One thread: on two busy cores several took minutes for what one does in a quarter second.
    with threadpool_limits(1):
        found = (few if count < _MANY or count > _TOO_MANY else many).fit_transform(vectors)
    return spread(_into_square(np.asarray(found, dtype=np.float64)), apart=apart)


def between(vectors: Vectors, *, documents: Vectors, points: Points) -> Points:
    """Where other vectors belong on a map: among the documents nearest in meaning."""
    if not len(vectors) or not len(documents):
        return np.zeros((0, 2))
    likeness = np.asarray(vectors @ documents.T, dtype=np.float64)
    nearest = np.argsort(-likeness, axis=1)[:, :_NEIGHBOURS]
    close = np.take_along_axis(likeness, nearest, axis=1)
    weights = np.exp(8.0 * (close - close.max(axis=1, keepdims=True)))
    weights /= weights.sum(axis=1, keepdims=True)
    return np.asarray((points[nearest] * weights[:, :, None]).sum(axis=1))


def spread(points: Points, *, apart: float, fixed: int = 0) -> Points:
    """Push points that stand closer than `apart` away from each other; the first `fixed` stay."""
    moved = points.copy()
    if apart <= 0 or len(moved) < 2:
        return moved
    for _ in range(_SPREAD_ROUNDS):
        ways = moved[:, None, :] - moved[None, :, :]
        distances = np.linalg.norm(ways, axis=2)
        # Points on the very same spot leave it in directions of their own.
        same = (distances < 1e-9) & ~np.eye(len(moved), dtype=bool)
        angles = np.arange(len(moved)) * 2.399963
        ways[same] = np.stack([np.cos(angles), np.sin(angles)], axis=1)[np.nonzero(same)[0]] * 1e-3
        distances = np.maximum(np.linalg.norm(ways, axis=2), 1e-6)
        push = np.where(distances < apart, (apart - distances) / 2, 0.0)
        np.fill_diagonal(push, 0.0)
        if not push.any():
            break
        steps = (ways / distances[:, :, None] * push[:, :, None]).sum(axis=1)
        steps[:fixed] = 0.0
        moved = np.clip(moved + steps, 0, 1)
    return moved


def _into_square(points: Points) -> Points:
    low, high = points.min(axis=0), points.max(axis=0)
    size = high - low
    return np.where(size > 1e-12, (points - low) / np.where(size > 1e-12, size, 1.0), 0.5)
