import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from audiospace.errors import UserError
from audiospace.evaluation.workers import in_order

PROGRAM = """
import sys, time
from audiospace.evaluation.workers import in_order

if __name__ == "__main__":
    try:
        list(in_order(time.sleep, [float(sys.argv[1])] * 20, jobs=2))
    except KeyboardInterrupt:
        sys.exit(130)
"""


def end_at_zero(task: int) -> int:
    return -task or os._exit(9)


@pytest.fixture
def program(tmp_path):
    """Start the program in a session of its own, as a terminal starts a command."""
    started = []
    (tmp_path / "program.py").write_text(PROGRAM)

    def start(seconds: float):
        command = [sys.executable, str(tmp_path / "program.py"), str(seconds)]
        process = subprocess.Popen(  # noqa: S603
            command,
            start_new_session=True,
            stderr=subprocess.PIPE,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if alive(process.pid):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def alive(session: int) -> list[int]:
    """Give the processes of a session that have not ended."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, _parent, _group, owner = (folder / "stat").read_text().rpartition(")")[2].split()[:4]
        except OSError:
            continue
        if int(owner) == session and state != "Z":
            found.append(int(folder.name))
    return found


def wait_until(condition, seconds=120.0):
    limit = time.monotonic() + seconds
    while not condition() and time.monotonic() < limit:
        time.sleep(0.05)
    assert condition()


needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")


def test_results_come_in_order_until_a_process_dies():
    assert list(in_order(abs, [-3, 2, -1], jobs=1)) == [3, 2, 1]
    results = in_order(end_at_zero, range(-20, 1), jobs=2)
    assert [next(results) for _ in range(10)] == list(range(20, 10, -1))
    with pytest.raises(UserError, match="died"):
        list(results)


@needs_proc
def test_interruption_while_processes_start_says_nothing_and_leaves_nothing(program):
    process = program(0.01)
    # Parent, tracker of resources, and two that still import what they need.
    wait_until(lambda: len(alive(process.pid)) == 4)
    time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)
    _out, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (130, b"")
    wait_until(lambda: not alive(process.pid))


@needs_proc
def test_processes_end_with_a_parent_that_is_killed(program):
    process = program(60)
    wait_until(lambda: len(alive(process.pid)) == 4)
    process.kill()
    wait_until(lambda: not alive(process.pid))
