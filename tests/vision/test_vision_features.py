import os
from pathlib import Path

import numpy as np
import pytest

from audiospace.errors import UserError
from audiospace.vision import FeatureCache, Features, feature_key


def some_features(start: int = 0, count: int = 8) -> Features:
    times = (np.arange(start, start + count) + 0.5) / 4.0
    values = np.arange(start, start + count, dtype=np.float32)
    return Features(
        "toy", times, {"fov": values[:, None] * [1, 2], "sphere": np.ones((count, 4, 3), np.float32)}
    )


def test_a_window_counts_from_its_start():
    window = some_features().window(0.5, 1.0)
    assert np.allclose(window.times, [0.125, 0.375, 0.625, 0.875])
    assert np.allclose(window.branches["fov"][:, 0], [2, 3, 4, 5])
    assert len(some_features().window(100.0, 1.0).times) == 0


def test_windows_join_to_the_whole():
    whole = some_features()
    joined = Features.concatenate([some_features(0, 3), some_features(3, 5)])
    assert np.array_equal(joined.times, whole.times)
    assert np.array_equal(joined.branches["fov"], whole.branches["fov"])


def test_parts_that_do_not_fit():
    with pytest.raises(ValueError, match="increasing"):
        Features.concatenate([some_features(), some_features()])
    with pytest.raises(ValueError, match="encoders"):
        Features.concatenate([some_features(), Features("other", np.array([9.0]), {})])
    with pytest.raises(ValueError, match="nothing"):
        Features.concatenate([])
    with pytest.raises(ValueError, match="rows"):
        Features("toy", np.array([0.0]), {"fov": np.zeros((2, 3), np.float32)})


def test_save_and_load(tmp_path: Path):
    some_features().save(tmp_path / "a.npz")
    loaded = Features.load(tmp_path / "a.npz")
    assert loaded.encoder == "toy"
    assert loaded.branches.keys() == {"fov", "sphere"}
    assert np.array_equal(loaded.times, some_features().times)
    assert np.array_equal(loaded.branches["fov"], some_features().branches["fov"])
    assert [path.name for path in tmp_path.iterdir()] == ["a.npz"]


def test_damaged_files_are_named(tmp_path: Path):
    with pytest.raises(UserError, match="no such"):
        Features.load(tmp_path / "none.npz")
    some_features().save(tmp_path / "a.npz")
    whole = (tmp_path / "a.npz").read_bytes()
    for content in (b"", b"text", whole[: len(whole) // 2]):
        (tmp_path / "a.npz").write_bytes(content)
        with pytest.raises(UserError, match=r"a\.npz"):
            Features.load(tmp_path / "a.npz")
    np.savez(tmp_path / "b.npz", other=np.zeros(3))
    with pytest.raises(UserError, match=r"b\.npz"):
        Features.load(tmp_path / "b.npz")


def test_keys_follow_content_and_settings(tmp_path: Path):
    (tmp_path / "a.mp4").write_bytes(b"video")
    (tmp_path / "b.mp4").write_bytes(b"video")
    (tmp_path / "c.mp4").write_bytes(b"other")
    key = feature_key(tmp_path / "a.mp4", encoder="toy", rate=4.0)
    assert key == feature_key(tmp_path / "b.mp4", rate=4.0, encoder="toy")
    assert key != feature_key(tmp_path / "c.mp4", encoder="toy", rate=4.0)
    assert key != feature_key(tmp_path / "a.mp4", encoder="toy", rate=2.0)
    with pytest.raises(UserError, match="missing"):
        feature_key(tmp_path / "missing.mp4")


def test_the_cache_keeps_forgets_and_survives_damage(tmp_path: Path):
    cache = FeatureCache(tmp_path / "cache")
    assert cache.get("k") is None
    assert cache.put("k", some_features())
    found = cache.get("k")
    assert found is not None
    assert np.array_equal(found.times, some_features().times)
    (tmp_path / "cache" / "k.npz").write_bytes(b"damaged")
    assert cache.get("k") is None


def test_the_cache_stays_within_its_limit(tmp_path: Path):
    cache = FeatureCache(tmp_path)
    for age, key in enumerate(["new", "middle", "old"]):
        cache.put(key, some_features())
        os.utime(tmp_path / f"{key}.npz", (1e9 - age, 1e9 - age))
    size = (tmp_path / "new.npz").stat().st_size
    FeatureCache(tmp_path, limit=3 * size).put("newest", some_features())
    assert {path.stem for path in tmp_path.iterdir()} == {"newest", "new", "middle"}


def test_a_cache_that_cannot_be_written_does_no_harm(tmp_path: Path):
    (tmp_path / "file").write_text("in the way")
    assert not FeatureCache(tmp_path / "file").put("k", some_features())
