import math

import pytest

from audiospace.errors import UserError
from audiospace.generation.request import check_request, choose_device

GOOD = {
    "steps": None,
    "guidance": None,
    "seed": 0,
    "projection": "auto",
    "rotate": 0.0,
    "container": "mp4",
}


def test_good_requests_pass():
    check_request(**GOOD)
    check_request(**GOOD | {"steps": 1, "guidance": 0.0, "seed": 2**63 - 1, "projection": "eac"})


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
        {"container": "avi"},
    ],
)
def test_bad_values_are_named(bad):
    with pytest.raises(UserError):
        check_request(**GOOD | bad)


@pytest.mark.parametrize("name", ["gpu", "cuda:99", "meta", ""])
def test_devices_that_are_not_there_are_refused(name):
    with pytest.raises(UserError, match="device"):
        choose_device(name)


def test_there_is_always_a_device():
    assert choose_device("cpu").type == "cpu"
    assert choose_device("auto").type in ("cpu", "cuda")
