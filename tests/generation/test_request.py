import math
from dataclasses import replace

import pytest

from audiospace.errors import UserError
from audiospace.generation.options import GenerateOptions
from audiospace.generation.request import (
    CONTAINERS,
    FORMATS,
    ORIGINALS,
    check_request,
    check_video_fits,
    choose_device,
)
from audiospace.media import AudioStream, probe
from audiospace.media.delivery import DELIVERIES, choose_delivery


def test_good_requests_pass():
    check_request(GenerateOptions())
    check_request(GenerateOptions(steps=1, guidance=0.0, seed=2**63 - 1, projection="eac"))
    check_request(GenerateOptions(format="mov", original="head-locked", solver="midpoint"))


@pytest.mark.parametrize(
    "bad",
    [
        {"steps": 0},
        {"guidance": -1.0},
        {"guidance": math.nan},
        {"seed": -1},
        {"seed": 2**63},
        {"projection": "flat"},
        {"rotate": math.inf},
        {"format": "avi"},
        {"original": "keep"},
        {"solver": "rk45"},
        {"precision": "int4"},
        {"features": "none"},
        {"guidance_interval": (0.8, 0.2)},
        {"guidance_interval": (0.0, 1.5)},
    ],
)
def test_bad_values_are_named(bad):
    with pytest.raises(UserError):
        check_request(GenerateOptions(**bad))


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize("original", ORIGINALS)
def test_every_choice_has_a_delivery_that_can_hold_it(container, original):
    kind = FORMATS[container, original]
    codec = "vp9" if container == "webm" else "h264"
    assert choose_delivery(kind, codec, original).suffix == f".{container}"


def test_mp4_has_aac_as_long_as_that_can_be():
    assert DELIVERIES[FORMATS["mp4", "drop"]].audio_codec == "aac"
    assert DELIVERIES[FORMATS["mp4", "mix"]].audio_codec == "aac"
    assert DELIVERIES[FORMATS["mp4", "head-locked"]].audio_codec == "libopus"


@pytest.mark.parametrize("original", ORIGINALS)
def test_a_container_that_cannot_hold_the_pictures_is_refused_and_another_named(tiny_video, original):
    info = probe(tiny_video)
    vp9 = replace(info, video=replace(info.video, codec="vp9"))
    with pytest.raises(UserError, match="--format mp4"):
        check_video_fits(info, "webm", original)
    with pytest.raises(UserError, match="--format mp4"):
        check_video_fits(vp9, "mov", original)


@pytest.mark.parametrize("original", ["mix", "head-locked"])
def test_sound_that_cannot_be_kept_is_refused(tiny_video, original):
    silent = probe(tiny_video)
    surround = replace(silent, audio=(AudioStream(6, 48_000, "aac", "5.1"),))
    check_video_fits(silent, "mp4", "drop")
    check_video_fits(surround, "mp4", "drop")
    with pytest.raises(UserError, match="no sound of its own"):
        check_video_fits(silent, "mp4", original)
    with pytest.raises(UserError, match="cannot be kept"):
        check_video_fits(surround, "mp4", original)


@pytest.mark.parametrize("name", ["gpu", "cuda:99", "meta", ""])
def test_devices_that_are_not_there_are_refused(name):
    with pytest.raises(UserError, match="device"):
        choose_device(name)


def test_there_is_always_a_device():
    assert choose_device("cpu").type == "cpu"
    assert choose_device("auto").type in ("cpu", "cuda")
