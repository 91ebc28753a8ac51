"""Converts a bfloat16 checkpoint of the Qwen2 architecture to GGUF with the same weights, for llama.cpp:

    python to_gguf.py --model DIR --out FILE.gguf

Needs gguf and numpy. Weights stay bfloat16, norms and biases become float32, as llama.cpp's own converter does.
"""

import argparse
import json
import pathlib

import gguf
import numpy as np

LAYER = {
    "input_layernorm.weight": "attn_norm.weight",
    "self_attn.q_proj.weight": "attn_q.weight",
    "self_attn.k_proj.weight": "attn_k.weight",
    "self_attn.v_proj.weight": "attn_v.weight",
    "self_attn.q_proj.bias": "attn_q.bias",
    "self_attn.k_proj.bias": "attn_k.bias",
    "self_attn.v_proj.bias": "attn_v.bias",
    "self_attn.o_proj.weight": "attn_output.weight",
    "post_attention_layernorm.weight": "ffn_norm.weight",
    "mlp.gate_proj.weight": "ffn_gate.weight",
    "mlp.up_proj.weight": "ffn_up.weight",
    "mlp.down_proj.weight": "ffn_down.weight",
}
OTHERS = {
    "model.embed_tokens.weight": "token_embd.weight",
    "model.norm.weight": "output_norm.weight",
    "lm_head.weight": "output.weight",
}


def tensors(folder: pathlib.Path):
    """Names, shapes and bfloat16 bits of every tensor, mapped."""
    for file in sorted(folder.glob("*.safetensors")):
        with open(file, "rb") as f:
            length = int.from_bytes(f.read(8), "little")
            header = json.loads(f.read(length))
        data = np.memmap(file, np.uint8, "r", 8 + length)
        for name, entry in header.items():
            if name == "__metadata__":
                continue
            if entry["dtype"] != "BF16":
                raise SystemExit(f"{file}: tensor {name}: expected BF16, found {entry['dtype']}")
            begin, end = entry["data_offsets"]
            yield name, entry["shape"], data[begin:end]


def vocabulary(writer: gguf.GGUFWriter, folder: pathlib.Path, size: int, end: int) -> None:
    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    texts = [f"[PAD{i}]" for i in range(size)]
    kinds = [gguf.TokenType.UNUSED] * size
    for text, i in tokenizer["model"]["vocab"].items():
        texts[i], kinds[i] = text, gguf.TokenType.NORMAL
    for token in tokenizer["added_tokens"]:
        texts[token["id"]], kinds[token["id"]] = token["content"], gguf.TokenType.CONTROL
    merges = [m if isinstance(m, str) else " ".join(m) for m in tokenizer["model"]["merges"]]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(texts)
    writer.add_token_types(kinds)
    writer.add_token_merges(merges)
    writer.add_eos_token_id(end)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True, type=pathlib.Path)
    parser.add_argument("--out", required=True)
    arguments = parser.parse_args()
    config = json.loads((arguments.model / "config.json").read_text())
    if config["model_type"] != "qwen2":
        raise SystemExit(f"{arguments.model}: expected model_type qwen2, found {config['model_type']}")
    writer = gguf.GGUFWriter(arguments.out, "qwen2")
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    theta = config.get("rope_theta") or config.get("rope_parameters", {}).get("rope_theta", 10000.0)
    writer.add_rope_freq_base(theta)
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_BF16)
    vocabulary(writer, arguments.model, config["vocab_size"], config["eos_token_id"])
    for name, shape, data in tensors(arguments.model):
        if name.startswith("model.layers."):
            _, _, layer, part = name.split(".", 3)
            to = f"blk.{layer}.{LAYER[part]}"
        else:
            to = OTHERS[name]
        if len(shape) == 1:
            bits = data.view(np.uint16).astype(np.uint32) << 16
            writer.add_tensor(to, bits.view(np.float32))
        else:
            # rows of bytes: the element type says how they are read
            writer.add_tensor(to, data.reshape(shape[0], -1), raw_dtype=gguf.GGMLQuantizationType.BF16)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


main()
