"""The tokenizer and the text encoder: sizes, texts, and that words are remembered."""

from __future__ import annotations

import pytest
import torch

from generators.from_scratch import networks
from scripts.tiny_sd import bpe, text_encoder, words
from scripts.tiny_sd.settings import TEXT_LENGTH, TEXT_WIDTH


@pytest.fixture
def encoder(tokenizer):
    """An untrained one of a fixed seed."""
    with networks.seeded(6):
        return text_encoder.build_text_encoder(tokenizer)


def test_texts_stand_between_two_marks_and_are_filled_up(tokenizer):
    """To the full length, by the end mark, as CLIP's are."""
    ids = tokenizer("histology image", padding="max_length", max_length=TEXT_LENGTH).input_ids
    assert tokenizer.convert_ids_to_tokens(ids) == [
        bpe.START, "histology</w>", "image</w>", *[bpe.END] * (TEXT_LENGTH - 3),
    ]  # fmt: skip
    assert tokenizer.model_max_length == TEXT_LENGTH
    assert tokenizer.pad_token_id == tokenizer.eos_token_id


def test_it_reads_what_the_tokenizer_gives(encoder, tokenizer):
    """As many tokens, as long a text, and one state a token."""
    assert encoder.config.vocab_size == len(tokenizer)
    assert encoder.config.max_position_embeddings == TEXT_LENGTH
    assert encoder.config.eos_token_id == tokenizer.eos_token_id
    ids = tokenizer(["red dots", "dots"], padding="max_length", max_length=TEXT_LENGTH, return_tensors="pt").input_ids
    with torch.no_grad():
        states = encoder(ids).last_hidden_state
    assert states.shape == (2, TEXT_LENGTH, TEXT_WIDTH)
    assert not torch.allclose(states[0, -1], states[1, -1])


def test_texts_to_learn_from_are_random_words_of_all_lengths(tokenizer):
    """A start mark, one word at least, an end mark last; every known word comes up, and nothing else."""
    known = torch.tensor([tokenizer.convert_tokens_to_ids(word + bpe.WORD_END) for word in words.vocabulary()])
    generator = torch.Generator().manual_seed(0)
    texts = torch.cat([text_encoder._random_texts(known, tokenizer, generator) for _ in range(20)])
    assert texts.shape == (1280, TEXT_LENGTH)
    assert (texts[:, 0] == tokenizer.bos_token_id).all()
    assert (texts[:, -1] == tokenizer.eos_token_id).all()
    inner = texts[:, 1:]
    ends = inner == tokenizer.eos_token_id
    lengths = (~ends).sum(dim=1)
    assert (ends == (torch.arange(TEXT_LENGTH - 1) >= lengths[:, None])).all()
    assert set(lengths.tolist()) == set(range(1, TEXT_LENGTH - 1))
    assert set(inner[~ends].tolist()) == set(known.tolist())


def test_words_are_learnt(encoder, tokenizer):
    """The loss falls well below that of knowing nothing but how often each token comes."""
    with networks.seeded(1):
        first = text_encoder.train_text_encoder(encoder, tokenizer, steps=1, seed=0)
        last = text_encoder.train_text_encoder(encoder, tokenizer, steps=30, seed=0)
    assert first == pytest.approx(0.7, abs=0.1)
    assert last < 0.2


@pytest.fixture
def _always():
    """Torch gives a warning whenever there is a reason, not once a process."""
    before = torch.is_warn_always_enabled()
    torch.set_warn_always(True)
    yield
    torch.set_warn_always(before)


@pytest.mark.usefixtures("_always")
@pytest.mark.filterwarnings("error")
def test_training_is_its_seeds(tokenizer):
    """Equal under equal seeds, without a warning."""
    found = []
    for seed in (0, 0, 1):
        with networks.seeded(2):
            one = text_encoder.build_text_encoder(tokenizer)
            text_encoder.train_text_encoder(one, tokenizer, steps=3, seed=seed)
        found.append({name: tensor.clone() for name, tensor in one.state_dict().items()})
    assert all(torch.equal(found[0][name], found[1][name]) for name in found[0])
    assert not all(torch.equal(found[0][name], found[2][name]) for name in found[0])
