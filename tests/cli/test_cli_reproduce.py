import pytest

from audiospace.cli.main import run


def test_both_tables_are_commands(capsys):
    assert run(["reproduce", "--help"]) == 0
    shown = capsys.readouterr().out
    assert "pretraining" in shown
    assert "branches" in shown


@pytest.mark.parametrize("table", ["pretraining", "branches"])
def test_an_unknown_size_is_one_line(table, tmp_path, capsys):
    assert run(["reproduce", table, "--size", "huge", "-o", str(tmp_path / "out"), "--no-plots"]) == 2
    captured = capsys.readouterr()
    assert captured.err.count("\n") == 1
    assert "huge" in captured.err
    assert not (tmp_path / "out").exists()


def test_an_interruption_says_that_what_is_done_is_kept(tmp_path, capsys, monkeypatch):
    from audiospace.reproduction import run as reproduction

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(reproduction, "reproduce", interrupted)
    assert run(["reproduce", "branches", "-o", str(tmp_path / "out")]) == 130
    assert "run the same command again" in capsys.readouterr().err
