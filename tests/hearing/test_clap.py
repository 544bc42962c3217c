import numpy as np
import pytest
import torch

from audiospace.errors import UserError
from audiospace.hearing import load_embedder
from audiospace.hearing.clap import Clap
from audiospace.metrics.similarity import cosine_similarity

WORDS = ["[PAD]", "[UNK]", "a", "dog", "barks", "rain", "falls"]


def save_clap(folder, fused=False):
    """A small random CLAP model with all that belongs to it, as `transformers` saves it."""
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import ClapConfig, ClapFeatureExtractor, ClapModel, PreTrainedTokenizerFast

    audio = {
        "hidden_size": 32,
        "patch_embeds_hidden_size": 8,
        "depths": [1, 1, 1],
        "num_attention_heads": [1, 2, 2],
        "num_hidden_layers": 3,
        "enable_fusion": fused,
        "aff_block_r": 1,
        "projection_dim": 24,
    }
    text = {
        "hidden_size": 16,
        "intermediate_size": 32,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "vocab_size": len(WORDS),
        "max_position_embeddings": 40,
        "pad_token_id": 0,
        "projection_dim": 24,
    }
    torch.manual_seed(0)
    model = ClapModel(ClapConfig(text_config=text, audio_config=audio, projection_dim=24))
    with torch.no_grad():  # as they are initialised, all sounds sound alike
        for parameter in model.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    model.save_pretrained(folder)
    ClapFeatureExtractor(truncation="fusion" if fused else "rand_trunc").save_pretrained(folder)
    tokenizer = Tokenizer(models.WordLevel({word: index for index, word in enumerate(WORDS)}, "[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    special = {"pad_token": "[PAD]", "unk_token": "[UNK]"}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=32, **special).save_pretrained(
        folder
    )
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return save_clap(tmp_path_factory.mktemp("clap"))


def directly(folder, mono):
    from transformers import ClapFeatureExtractor, ClapModel

    extractor = ClapFeatureExtractor.from_pretrained(folder)
    model = ClapModel.from_pretrained(folder).eval()
    inputs = extractor(mono.astype(np.float32), sampling_rate=48000, return_tensors="pt")
    with torch.inference_mode():
        output = model.get_audio_features(**inputs)
    return (output if isinstance(output, torch.Tensor) else output.pooler_output)[0]


def test_hearing_is_what_transformers_gives_for_w(folder):
    sound = np.random.default_rng(0).normal(size=(4, 96000))
    embedder = Clap(folder)
    heard = embedder.hear(sound)
    assert heard.logits is None
    assert heard.embeddings.shape == (1, embedder.dimensions) == (1, 24)
    assert np.allclose(heard.embeddings[0], directly(folder, sound[0]), atol=1e-5)
    assert not np.allclose(heard.embeddings[0], directly(folder, sound.mean(0)), atol=1e-3)


def test_a_long_sound_is_heard_window_by_window(folder):
    generator = np.random.default_rng(1)
    sound = generator.normal(size=(1, 480000 + 96000)) * np.linspace(0, 1, 576000)
    heard = Clap(folder).hear(sound)
    assert heard.embeddings.shape == (2, 24)
    assert np.allclose(heard.embeddings[0], directly(folder, sound[0, :480000]), atol=1e-5)
    assert np.allclose(heard.embeddings[1], directly(folder, sound[0, 480000:]), atol=1e-5)
    assert len(Clap(folder).hear(sound[:, : 480000 + 1000]).embeddings) == 1


def test_a_fusing_model_gives_the_same_every_time(tmp_path):
    embedder = Clap(save_clap(tmp_path, fused=True))
    sound = np.random.default_rng(2).normal(size=(1, 480000 + 96000))
    first = embedder.hear(sound).embeddings
    assert first.shape == (2, 24)
    assert np.array_equal(embedder.hear(sound).embeddings, first)


def test_texts_and_sounds_are_in_one_space(folder):
    from transformers import AutoTokenizer, ClapModel

    embedder = Clap(folder)
    texts = ["a dog barks", "rain"]
    ours = embedder.embed_text(texts)
    tokens = AutoTokenizer.from_pretrained(folder)(texts, padding=True, return_tensors="pt")
    with torch.inference_mode():
        output = (
            ClapModel.from_pretrained(folder)
            .eval()
            .get_text_features(input_ids=tokens["input_ids"], attention_mask=tokens["attention_mask"])
        )
    expected = output if isinstance(output, torch.Tensor) else output.pooler_output
    assert ours.shape == (2, 24)
    assert np.allclose(ours, expected, atol=1e-5)
    heard = embedder.hear(np.random.default_rng(3).normal(size=(1, 48000))).embeddings
    assert cosine_similarity(ours[0], heard) == pytest.approx(float(heard[0] @ ours[0]), abs=1e-5)


def test_registry_takes_the_folder_of_the_variable(folder, monkeypatch):
    monkeypatch.setenv("AUDIOSPACE_CLAP", str(folder))
    embedder = load_embedder("clap")
    assert embedder.id == Clap(folder).id
    assert not embedder.comparable


def test_a_folder_without_a_model_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("AUDIOSPACE_CLAP", str(tmp_path))
    with pytest.raises(UserError, match=r"laion/clap-htsat-unfused"):
        load_embedder("clap")
    (tmp_path / "model.safetensors").write_bytes(b"nothing of the kind")
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(UserError, match="CLAP"):
        Clap(tmp_path)


def test_without_weights_and_hub_the_error_names_both(tmp_path, monkeypatch):
    hub = pytest.importorskip("huggingface_hub")
    monkeypatch.delenv("AUDIOSPACE_CLAP", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    def offline(*_args, **_options):
        raise hub.errors.OfflineModeIsEnabled("off")

    monkeypatch.setattr(hub, "try_to_load_from_cache", lambda *_args: None)
    monkeypatch.setattr(hub, "snapshot_download", offline)
    with pytest.raises(UserError, match=r"laion/clap-htsat-unfused.*AUDIOSPACE_CLAP"):
        load_embedder("clap")
