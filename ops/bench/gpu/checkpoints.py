"""Makes a checkpoint of random weights in the shape of a published model: python checkpoints.py SHAPE DIR [DEVICE]

Needs torch, transformers and tokenizers. The tokenizer has one token per byte. The layers add little to the residual
stream and the output weights are those of the embedding, so the model repeats its last token about three times in four:
speculation has something to find, as with a trained model.
"""

import math
import pathlib
import sys

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import AutoModelForCausalLM, Qwen2Config

VOCABULARY = 151936
# hidden, inner, layers, heads, key-value heads, tied, vocabulary
SHAPES = {
    "tiny": (64, 160, 2, 4, 2, True, 1024),
    "0.5b": (896, 4864, 24, 14, 2, True, VOCABULARY),
    "7b": (3584, 18944, 28, 28, 4, False, VOCABULARY),
}
REPEATED = 0.75


def tokenizer() -> Tokenizer:
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    made = Tokenizer(models.BPE(vocab={byte: i for i, byte in enumerate(alphabet)}, merges=[]))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    return made


def main(shape: str, folder: pathlib.Path, device: str) -> None:
    hidden, inner, layers, heads, kv_heads, tied, vocabulary = SHAPES[shape]
    config = Qwen2Config(
        vocab_size=vocabulary,
        hidden_size=hidden,
        intermediate_size=inner,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=kv_heads,
        tie_word_embeddings=tied,
        max_position_embeddings=32768,
        bos_token_id=None,
        eos_token_id=vocabulary - 1,
        dtype="bfloat16",
    )
    torch.manual_seed(17)
    torch.set_default_dtype(torch.bfloat16)
    with torch.device(device), torch.no_grad():
        model = AutoModelForCausalLM.from_config(config)
        # the logit of the last token is hidden * std above the others' mean
        std = (math.log(vocabulary) + math.log(REPEATED / (1 - REPEATED))) / hidden
        model.model.embed_tokens.weight.normal_(std=std)
        if not tied:
            model.lm_head.weight.copy_(model.model.embed_tokens.weight)
        for layer in model.model.layers:
            layer.self_attn.o_proj.weight.mul_(1e-4)
            layer.mlp.down_proj.weight.mul_(1e-4)
    model.save_pretrained(folder, max_shard_size="4GB")
    tokenizer().save(str(folder / "tokenizer.json"))


if __name__ == "__main__":
    main(sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else "cpu")
