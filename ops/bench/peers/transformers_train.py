"""One training step of a checkpoint with transformers and PyTorch's AdamW, for comparison: its seconds and peak memory.

    python transformers_train.py --model CHECKPOINT --sequences 8 --tokens 256 --threads 2

Full float32 by default; --rank trains a LoRA adapter with PEFT on the checkpoint's own element type, which needs peft.
Needs torch and transformers; Linux, for the peak.
"""

import argparse
import json
import re
import time

import torch
from transformers import AutoModelForCausalLM


def memory():
    """Resident gigabytes: now and at most."""
    text = open("/proc/self/status").read()
    return {k: int(re.search(rf"{k}:\s+(\d+)", text).group(1)) / 1e6 for k in ("VmRSS", "VmHWM")}


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--model", required=True, help="checkpoint folder")
    arguments.add_argument("--sequences", type=int, default=8)
    arguments.add_argument("--tokens", type=int, default=256)
    arguments.add_argument("--micro-batch", type=int, default=8, help="sequences of one forward pass")
    arguments.add_argument("--steps", type=int, default=2)
    arguments.add_argument("--threads", type=int, default=2)
    arguments.add_argument("--rank", type=int, default=0, help="of a LoRA adapter; 0 trains all weights")
    arguments.add_argument("--checkpointing", action="store_true", help="gradient checkpointing")
    arguments.add_argument("--json", help="file to write the figures to")
    given = arguments.parse_args()
    torch.set_num_threads(given.threads)
    begun = time.monotonic()
    dtype = torch.float32 if given.rank == 0 else "auto"
    model = AutoModelForCausalLM.from_pretrained(given.model, dtype=dtype)
    model.train()
    if given.rank:
        from peft import LoraConfig, get_peft_model

        model = get_peft_model(
            model, LoraConfig(r=given.rank, lora_alpha=2 * given.rank, target_modules="all-linear", task_type="CAUSAL_LM")
        )
    if given.checkpointing:
        model.gradient_checkpointing_enable()
        model.enable_input_require_grads()
    trained = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(trained, lr=1e-5, betas=(0.9, 0.95), weight_decay=0.0)
    figures = {"load": time.monotonic() - begun, **memory(), "steps": []}
    print(figures, flush=True)
    for _ in range(given.steps):
        torch.manual_seed(1)
        begun = time.monotonic()
        for _ in range(0, given.sequences, given.micro_batch):
            ids = torch.randint(0, 150_000, (given.micro_batch, given.tokens))
            loss = model(input_ids=ids, labels=ids).loss * given.micro_batch / given.sequences
            loss.backward()
        computed = time.monotonic()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimiser.step()
        optimiser.zero_grad()
        done = time.monotonic()
        figures["steps"].append({"forward_backward": computed - begun, "optimiser": done - computed, **memory()})
        print(figures["steps"][-1], flush=True)
    if given.json:
        with open(given.json, "w") as out:
            json.dump(figures, out, indent=2)


main()
