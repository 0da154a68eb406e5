"""The text encoder: a small CLIP text model that learns to remember the words it reads."""

from __future__ import annotations

import torch
from torch import nn
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from scripts.tiny_sd import bpe, words
from scripts.tiny_sd.settings import TEXT_LENGTH, TEXT_WIDTH

_BATCH = 64
_LEARNING_RATE = 3e-3


def build_tokenizer() -> CLIPTokenizer:
    """Return a CLIP tokenizer that knows the words of `words.vocabulary` and can spell any other text."""
    vocabulary = bpe.learn(words.vocabulary())
    return CLIPTokenizer(vocab=vocabulary.tokens, merges=vocabulary.merges, model_max_length=TEXT_LENGTH)


def build_text_encoder(tokenizer: CLIPTokenizer) -> CLIPTextModel:
    """Return an untrained CLIP text model; its weights come from torch's global generator."""
    config = CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=TEXT_WIDTH,
        projection_dim=TEXT_WIDTH,
        intermediate_size=2 * TEXT_WIDTH,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=TEXT_LENGTH,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    return CLIPTextModel(config)


def train_text_encoder(encoder: CLIPTextModel, tokenizer: CLIPTokenizer, *, steps: int, seed: int) -> float:
    """Train the encoder so that its state at the end of a text tells which tokens the text held.

    The texts are random words in random order, so no sentence is known beforehand. A linear layer, dropped
    afterwards, reads the tokens from the state at the end mark.

    Args:
        encoder: Trained in place.
        tokenizer: Gives the tokens.
        steps: Number of steps of 64 texts.
        seed: Seed of the texts.

    Returns:
        The last loss: mean binary cross-entropy over the tokens.
    """
    generator = torch.Generator().manual_seed(seed)
    known = torch.tensor([tokenizer.convert_tokens_to_ids(word + bpe.WORD_END) for word in words.vocabulary()])
    reader = nn.Linear(TEXT_WIDTH, len(tokenizer))
    optimizer = torch.optim.AdamW([*encoder.parameters(), *reader.parameters()], lr=_LEARNING_RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    loss = torch.zeros(())
    for _ in range(steps):
        texts = _random_texts(known, tokenizer, generator)
        held = torch.zeros(_BATCH, len(tokenizer)).scatter_(1, texts, 1.0)
        state = encoder(texts).last_hidden_state[:, -1]
        loss = nn.functional.binary_cross_entropy_with_logits(reader(state), held)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return loss.item()


def _random_texts(known: torch.Tensor, tokenizer: CLIPTokenizer, generator: torch.Generator) -> torch.Tensor:
    """Return random words between the start and end marks, int64, shape (batch, TEXT_LENGTH)."""
    drawn = known[torch.randint(len(known), (_BATCH, TEXT_LENGTH), generator=generator)]
    lengths = torch.randint(1, TEXT_LENGTH - 1, (_BATCH, 1), generator=generator)
    texts = torch.where(torch.arange(TEXT_LENGTH) <= lengths, drawn, tokenizer.eos_token_id)
    texts[:, 0] = tokenizer.bos_token_id
    return texts
