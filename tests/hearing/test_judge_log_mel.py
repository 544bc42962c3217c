import math

import numpy as np
import pytest
import torch

from audiospace.hearing.judge import split_windows
from audiospace.hearing.log_mel import FrontEnd, LogMel, levelled
from audiospace.hearing.mel import htk_bands

FRONT_END = FrontEnd()
RATE = FRONT_END.sample_rate


def mel(frequency):
    return 2595 * math.log10(1 + frequency / 700)


def test_filters_peak_at_equal_steps_of_the_mel_scale():
    filters = htk_bands(4, 2048, 32000, lowest=0.0, highest=16000.0)
    peaks = filters.argmax(axis=1) * 32000 / 2048
    assert [mel(peak) for peak in peaks] == pytest.approx([mel(16000) * k / 5 for k in range(1, 5)], rel=0.01)


def test_filters_cover_every_frequency_between_the_edges_once():
    filters = LogMel(FRONT_END).filters
    frequency = torch.arange(filters.shape[0]) * RATE / FRONT_END.size
    corners = torch.linspace(mel(FRONT_END.lowest), mel(FRONT_END.highest), FRONT_END.bands + 2)
    first, last = (700 * (10 ** (corners[i] / 2595) - 1) for i in (1, -2))
    inside = (frequency >= first) & (frequency <= last)
    torch.testing.assert_close(filters[inside].sum(dim=1), torch.ones(int(inside.sum())))
    assert not filters[frequency < FRONT_END.lowest].any()
    assert not filters[frequency > FRONT_END.highest].any()
    assert (filters.sum(dim=0) > 0).all()


@pytest.mark.parametrize("frequency", [200.0, 1000.0, 8000.0])
def test_a_tone_of_unit_power_is_seen_in_its_band_with_unit_power(frequency):
    time = np.arange(RATE) / RATE
    tone = torch.from_numpy(math.sqrt(2) * np.sin(2 * np.pi * frequency * time)).float()
    power = LogMel(FRONT_END).power(tone[None])[0]
    assert power.shape == (64, FRONT_END.bands)
    middle = power[8:-8].mean(dim=0)
    assert float(middle.sum()) == pytest.approx(1.0, rel=0.02)
    step = (mel(FRONT_END.highest) - mel(FRONT_END.lowest)) / (FRONT_END.bands + 1)
    assert int(middle.argmax()) == pytest.approx((mel(frequency) - mel(FRONT_END.lowest)) / step - 1, abs=1)


def test_frames_sit_on_their_hops():
    click = torch.zeros(1, 4000)
    click[0, 2250] = 1.0
    power = LogMel(FRONT_END).power(click)[0].sum(dim=1)
    assert len(power) == 8
    assert int(power.argmax()) == 4


def test_levelling_leaves_silence_silent():
    assert not levelled(torch.zeros(2, 100)).any()
    faint = torch.full((1, 100), 1e-7)
    torch.testing.assert_close(levelled(faint), torch.full((1, 100), 0.01))


@pytest.mark.parametrize(("frames", "windows"), [(1, 1), (127, 1), (128, 1), (129, 2), (320, 4), (640, 9)])
def test_windows_reach_the_last_frame(frames, windows):
    power = torch.arange(frames, dtype=torch.float32)[:, None].expand(-1, 2)
    cut = split_windows(power, FRONT_END)
    assert cut.shape == (windows, 128, 2)
    assert float(cut.max()) == frames - 1
    if frames >= 128:
        assert float(cut[-1, -1, 0]) == frames - 1
