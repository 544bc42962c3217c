import errno
import json
import signal
import subprocess
import sys

import pytest

from audiospace.cli import main as command_line
from audiospace.cli.main import run
from audiospace.errors import UserError

COMMANDS = (
    "generate",
    "info",
    "convert",
    "spatialize",
    "baseline",
    "simulate",
    "train",
    "evaluate",
    "listening",
    "model",
    "doctor",
)


def raising(error):
    def fail(*_arguments, **_options):
        raise error

    return fail


def test_version_and_help(capsys):
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("audiospace 0.")
    assert run([]) == 0
    assert "Usage" in capsys.readouterr().out
    assert run(["--help"]) == 0
    text = capsys.readouterr().out
    for command in COMMANDS:
        assert command in text


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command, capsys):
    assert run([command, "--help"]) == 0
    assert "Usage" in capsys.readouterr().out


def test_help_does_not_import_the_heavy_packages():
    script = (
        "import sys\n"
        "from audiospace.cli.main import run\n"
        "run(['--help']); run(['generate', '--help'])\n"
        "print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
    )
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", "import json\n" + script], capture_output=True, text=True, check=True
    )
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    assert not loaded & {"torch", "scipy", "cv2", "av", "numpy"}


def one_line(capsys):
    captured = capsys.readouterr()
    assert captured.out == ""
    lines = captured.err.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("audiospace: ")
    return lines[0]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["generate", "a.mp4", "--seed", "abc"], "'--seed'"),
        (["generate", "a.mp4", "--seed", "-1"], "'--seed'"),
        (["generate", "a.mp4", "--steps", "0"], "'--steps'"),
        (["generate", "a.mp4", "--cfg", "-1"], "'--cfg'"),
        (["generate", "a.mp4", "--projection", "flat"], "'--projection'"),
        (["generate", "a.mp4", "--format", "avi"], "'--format'"),
        (["generate"], "VIDEO"),
        (["generate", "a.mp4", "--colour"], "--colour"),
        (["gerenate", "a.mp4"], "gerenate"),
        (["simulate", "-o", "x"], "--clips"),
        (["simulate", "-o", "x", "--clips", "0"], "'--clips'"),
        (["train", "everything", "--config", "x.yaml"], "everything"),
        (["evaluate", "--reference", "x"], "--generated"),
        (["convert", "a.wav", "b.wav", "--from", "fumu"], "'--from'"),
        (["convert", "a.wav", "b.wav", "--rotate", "north"], "--rotate"),
    ],
)
def test_wrong_words_give_one_line_and_status_2(words, expected, capsys):
    assert run(words) == 2
    assert expected in one_line(capsys)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (UserError("is odd", file="a.mp4", remedy="Try b.mp4"), "a.mp4: is odd. Try b.mp4"),
        (OSError(errno.ENOSPC, "No space left on device", "/x/y.wav"), "/x/y.wav: the disk is full"),
        (PermissionError(errno.EACCES, "Permission denied", "/x/y.wav"), "/x/y.wav: permission denied"),
        (OSError(errno.EROFS, "Read-only file system", "/x"), "/x: the file system is read-only"),
        (FileNotFoundError(errno.ENOENT, "No such file", "/x"), "/x: there is no such file or folder"),
    ],
)
def test_errors_of_the_user_and_the_system_become_one_line(error, expected, capsys, monkeypatch):
    monkeypatch.setattr("audiospace.inspection.inspect", raising(error))
    assert run(["info", "a.mp4"]) == 2
    assert expected in one_line(capsys)


def test_other_errors_are_not_hidden(monkeypatch):
    monkeypatch.setattr("audiospace.inspection.inspect", raising(ZeroDivisionError()))
    with pytest.raises(ZeroDivisionError):
        run(["info", "a.mp4"])


def test_interruption_ends_with_130_and_no_traceback(monkeypatch, capsys):
    monkeypatch.setattr("audiospace.inspection.inspect", raising(KeyboardInterrupt()))
    assert run(["info", "a.mp4"]) == 130
    assert one_line(capsys) == "audiospace: interrupted"


def test_main_exits_with_the_status(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["audiospace", "--version"])
    with pytest.raises(SystemExit) as ended:
        command_line.main()
    assert ended.value.code == 0


@pytest.fixture
def own_signals():
    """The handlers of the test's process, put back at the end."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("own_signals")
def test_an_interruption_that_an_import_turned_into_another_error_is_one_all_the_same(monkeypatch, capsys):
    def swallow(*_arguments, **_options):
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            raise TypeError("expected a message argument") from None

    monkeypatch.setattr("audiospace.inspection.inspect", swallow)
    monkeypatch.setattr(sys, "argv", ["audiospace", "info", "a.mp4"])
    with pytest.raises(SystemExit) as ended:
        command_line.main()
    assert ended.value.code == 130
    assert one_line(capsys) == "audiospace: interrupted"
    monkeypatch.setattr("audiospace.inspection.inspect", raising(TypeError()))
    with pytest.raises(TypeError):
        command_line.main()
