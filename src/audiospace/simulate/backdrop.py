"""What is behind the sources: sky and ground in the open, textured walls in a room."""

import cv2
import numpy as np
from numpy.typing import NDArray

from audiospace.panorama import directions
from audiospace.simulate.room import Room
from audiospace.simulate.scene import Scene

Picture = NDArray[np.float32]


def backdrop(scene: Scene, height: int) -> NDArray[np.uint8]:
    """Paint the surroundings of a scene.

    Args:
        scene: The scene; its seed chooses colours and textures.
        height: Rows; the width is twice that.

    Returns:
        Equirectangular picture, shape (height, 2 * height, 3), uint8, RGB.
    """
    rng = np.random.default_rng([scene.seed, 17])
    around = directions(height, 2 * height)
    painted = _outdoors(around, rng) if scene.room is None else _indoors(around, scene.room, rng)
    picture: NDArray[np.uint8] = np.rint(np.clip(painted, 0, 255)).astype(np.uint8)
    return picture


def _texture(rng: np.random.Generator, x: NDArray[np.float64], y: NDArray[np.float64]) -> Picture:
    """Smooth noise of unit variance looked up at plane coordinates (in metres), shape that of x."""
    tile = np.zeros((128, 128), np.float32)
    for cells in (8, 16, 64):
        coarse = rng.standard_normal((cells, cells)).astype(np.float32)
        wrapped = np.pad(coarse, 2, mode="wrap")
        side = (cells + 4) * 128 // cells
        fine = np.asarray(cv2.resize(wrapped, (side, side), interpolation=cv2.INTER_CUBIC), dtype=np.float32)
        margin = 2 * 128 // cells
        tile += fine[margin : margin + 128, margin : margin + 128] / cells**0.3
    tile /= tile.std()
    where = [np.mod(axis * 24.0, 128.0).astype(np.float32) for axis in (x, y)]
    seamless = np.pad(tile, ((0, 1), (0, 1)), mode="wrap")
    return np.asarray(cv2.remap(seamless, where[0], where[1], cv2.INTER_LINEAR), dtype=np.float32)


def _muted_colour(rng: np.random.Generator, low: float, high: float) -> NDArray[np.float64]:
    """A greyish colour with brightness between low and high (0..255), shape (3,)."""
    grey = rng.uniform(low, high)
    return np.asarray(grey + rng.uniform(-18, 18, 3))


def _outdoors(around: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    height = np.clip(around[..., 2], -1, 1)
    zenith, horizon, ground = (_muted_colour(rng, *limits) for limits in ((90, 200), (150, 230), (50, 130)))
    climb = np.clip(height, 0, 1)[..., None] ** 0.6
    sky = horizon + (zenith - horizon) * climb
    reach = 1.6 / np.maximum(-height, 0.05)
    relief = _texture(rng, around[..., 0] * reach * 0.5, around[..., 1] * reach * 0.5)
    fog = np.clip(-height * 4, 0, 1)[..., None]
    floor = ground + (relief * rng.uniform(4, 16))[..., None]
    land = horizon + (floor - horizon) * (0.4 + 0.6 * fog)
    edge = np.clip(height * 60 + 0.5, 0, 1)[..., None]
    return np.asarray(sky * edge + land * (1 - edge))


def _indoors(around: NDArray[np.float64], room: Room, rng: np.random.Generator) -> NDArray[np.float64]:
    reach = room.wall_distance(around)
    place = around * reach[..., None] + np.asarray(room.listener)
    share = place / np.asarray(room.size)
    axis = np.argmax(np.abs(share - 0.5), axis=-1)
    painted = np.zeros(around.shape)
    for normal in range(3):
        for side in (0, 1):
            here = (axis == normal) & ((share[..., normal] > 0.5) == bool(side))
            colour = _muted_colour(rng, 70, 210)
            first, second = (place[..., other] for other in range(3) if other != normal)
            relief = _texture(rng, first, second) * rng.uniform(2, 9)
            painted[here] = (colour + relief[..., None])[here]
    edges = np.sort(0.5 - np.abs(share - 0.5), axis=-1)[..., 1]
    return np.asarray(painted * (0.8 + 0.2 * np.clip(edges * 8, 0, 1))[..., None])
