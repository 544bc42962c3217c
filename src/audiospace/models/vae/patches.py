"""Samples into channels and back: a free, exact change of rate before the first convolution."""

from torch import Tensor


def fold_samples(audio: Tensor, patch_size: int) -> Tensor:
    """Lay `patch_size` neighbouring samples side by side as channels.

    Args:
        audio: Sound (batch, channels, samples); a last incomplete patch is dropped.
        patch_size: Samples per patch; 1 changes nothing.

    Returns:
        Patches (batch, channels * patch_size, samples // patch_size); the samples of a channel stay together.
    """
    if patch_size == 1:
        return audio
    batch, channels, samples = audio.shape
    patches = samples // patch_size
    split = audio[..., : patches * patch_size].reshape(batch, channels, patches, patch_size)
    return split.transpose(2, 3).reshape(batch, channels * patch_size, patches)


def unfold_samples(patches: Tensor, patch_size: int) -> Tensor:
    """Undo `fold_samples`.

    Args:
        patches: Patches (batch, channels * patch_size, count).
        patch_size: Samples per patch.

    Returns:
        Sound (batch, channels, count * patch_size).
    """
    if patch_size == 1:
        return patches
    batch, channels, count = patches.shape
    split = patches.reshape(batch, channels // patch_size, patch_size, count)
    return split.transpose(2, 3).reshape(batch, channels // patch_size, count * patch_size)
