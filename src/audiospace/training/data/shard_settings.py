"""What is chosen about shards before they are made."""

from dataclasses import asdict, dataclass
from typing import Literal

from audiospace.errors import UserError
from audiospace.training.data.windows import ShortSound


@dataclass(frozen=True)
class ShardSettings:
    """How clips become samples.

    Attributes:
        video: Whether videos are looked at. If not, only sound counts, mono and stereo too.
        cubemap: Whether videos are looked at as cubemaps too (the branch `eac`), where the model does not ask
            for it: for an ablation.
        projection: Of the videos; "auto" for what the clip's JSON or the file says.
        short: What becomes of a sound shorter than a window, as for `WindowPlan`. A clip with a video is
            never repeated, but followed by silence.
        rotations: Orientations of each clip, the first as it is: about the vertical with a video, any
            without.
        clips_per_shard: Clips of a shard.
        seed: Of the order of the clips and of the rotations.
    """

    video: bool = True
    cubemap: bool = False
    projection: Literal["auto", "erp", "eac"] = "auto"
    short: ShortSound = "pad"
    rotations: int = 1
    clips_per_shard: int = 128
    seed: int = 0

    def __post_init__(self) -> None:
        if self.rotations < 1 or self.clips_per_shard < 1:
            raise UserError("rotations and clips per shard must be at least 1")

    def report(self) -> dict[str, object]:
        """Describe the choices as a tree that `json.dumps` takes."""
        return asdict(self)
