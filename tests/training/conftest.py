"""Stage configurations small enough for a test."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml


@pytest.fixture
def stage_file(tmp_path: Path) -> Callable[..., Path]:
    """Writes a tiny stage configuration; keyword arguments replace its sections' values."""

    def write(stage: str, init: Path | None = None, **run: object) -> Path:
        config = {
            "stage": stage,
            "model": "tiny",
            "run": {"steps": 4, "batch_size": 2, "validate_every": 2, "checkpoint_every": 2} | run,
            "optimiser": {"learning_rate": 1e-3, "warmup_steps": 2},
            "data": {"seconds": 4.0, "items": 3, "validation_items": 2, "bank_frames": 2, "pool_draws": 1},
        }
        if stage == "vae":
            config["data"]["seconds"] = 0.5
            config["losses"] = {
                "resolutions": [512, 128],
                "overlap": 2,
                "adversarial": 0,
                "feature_matching": 0,
            }
        if init is not None:
            config["init"] = str(init)
        path = tmp_path / f"{stage}.yaml"
        path.write_text(yaml.safe_dump(config))
        return path

    return write
