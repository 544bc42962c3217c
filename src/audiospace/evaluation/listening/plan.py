"""A listening test before it is held: what is heard by whom, and the key to what is what."""

from dataclasses import dataclass
from functools import cached_property

from audiospace.evaluation.listening.rules import Screening

REFERENCE, ANCHOR = "reference", "anchor"
"""Names of the two systems that a test adds: the recorded sound, hidden among the others, and a poor one."""


@dataclass(frozen=True)
class Design:
    """What is wished for in a listening test.

    Attributes:
        raters: How many raters there are.
        clips: Clips that are drawn for the test; None takes all that every system has.
        clips_per_rater: Clips that each rater hears from all systems; None means all of the test.
        repeats: Sounds that each rater hears a second time, for the reliability of the answers; None means
            four, or as many as there are.
        anchor: Whether a deliberately poor sound is among the systems.
        scales: Keys of the scales.
        open_reference: Whether raters also hear the reference under its name.
        copies: Whether sounds are written under blind names, all in one format.
        loudness: Bring all copies to this loudness, in LUFS; None leaves their levels.
    """

    raters: int
    clips: int | None = None
    clips_per_rater: int | None = None
    repeats: int | None = None
    anchor: bool = False
    scales: tuple[str, ...] = ("sq", "af")
    open_reference: bool = False
    copies: bool = False
    loudness: float | None = None


@dataclass(frozen=True)
class Stimulus:
    """One sound under its blind name.

    Attributes:
        id: The blind name.
        clip: Name of the clip.
        system: Name of the system.
        source: Absolute path of the file that it comes from; of an anchor, of the recorded sound.
        file: What is played: a path relative to the plan's folder for a copy, else the source.
        sha256: Of the bytes of `file`.
        repeat: Whether this is the name under which the sound is heard for the second time.
    """

    id: str
    clip: str
    system: str
    source: str
    file: str
    sha256: str
    repeat: bool


@dataclass(frozen=True)
class Trial:
    """One step of one rater: a sound to be rated on every scale.

    Attributes:
        rater: Name of the rater.
        number: Place in the rater's order, from 1.
        block: Trials of one block follow each other and are of the same clip, from 1.
        stimulus: Blind name of the sound.
    """

    rater: str
    number: int
    block: int
    stimulus: str


@dataclass(frozen=True)
class LeftOut:
    """A clip that is not in the test, and why.

    Attributes:
        clip: Name of the clip.
        reason: Which folders lack it, or that it was not drawn.
    """

    clip: str
    reason: str


@dataclass(frozen=True)
class Plan:
    """A listening test with its key, which raters must not see.

    Attributes:
        seed: Seed of all that is random in it.
        design: What was wished for, with all numbers filled in.
        screening: Rules by which raters will be left out.
        systems: Names of all systems, the reference first and the anchor last.
        stimuli: The sounds in the order of their blind names.
        trials: What is heard, rater by rater in order.
        left_out: Clips that are not in the test.
        notes: What whoever holds the test should know, each a sentence.
    """

    seed: int
    design: Design
    screening: Screening
    systems: tuple[str, ...]
    stimuli: tuple[Stimulus, ...]
    trials: tuple[Trial, ...]
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]

    @cached_property
    def key(self) -> dict[str, Stimulus]:
        """The sounds by blind name."""
        return {stimulus.id: stimulus for stimulus in self.stimuli}

    @cached_property
    def raters(self) -> tuple[str, ...]:
        """Names of the raters, sorted."""
        return tuple(sorted({trial.rater for trial in self.trials}))

    @cached_property
    def clips(self) -> tuple[str, ...]:
        """Names of the clips in the test, sorted."""
        return tuple(sorted({stimulus.clip for stimulus in self.stimuli}))
