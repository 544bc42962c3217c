"""Nothing in the package loads a file in a way that could run what the file holds."""

import ast
from pathlib import Path

import pytest

SOURCES = sorted((Path(__file__).parents[1] / "src").rglob("*.py"))
REQUIRED = {"torch.load": ("weights_only", True), "np.load": ("allow_pickle", False)}
"""Calls that are safe only with an argument."""
FORBIDDEN = {"pickle.load", "pickle.loads", "joblib.load", "yaml.load", "torch.hub.load", "eval", "exec"}


def unsafe_calls(source):
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            given = {word.arg: getattr(word.value, "value", None) for word in node.keywords}
            local = given.get("local_files_only") is True and given.get("weights_only") is True
            network = name.endswith("Model.from_pretrained") or name.endswith("Projection.from_pretrained")
            if name in REQUIRED:
                argument, value = REQUIRED[name]
                if given.get(argument) is not value:
                    yield name
            elif name in FORBIDDEN or (network and not local):
                yield name


@pytest.mark.parametrize(
    "source",
    [
        "torch.load(path)",
        "torch.load(path, weights_only=False)",
        "np.load(path, allow_pickle=True)",
        "pickle.loads(data)",
        "transformers.ClapModel.from_pretrained(folder, weights_only=True)",
    ],
)
def test_unsafe_calls_are_seen(source):
    assert list(unsafe_calls(source))


def test_no_file_is_loaded_unsafely():
    found = {path.name: list(unsafe_calls(path.read_text(encoding="utf-8"))) for path in SOURCES}
    assert len(found) > 100
    assert not {name: calls for name, calls in found.items() if calls}
