"""GRPO of a character policy with TRL, for comparison with `respec local`: python trl_grpo.py --help

The same checkpoint, prompts, reward and sizes: 16 prompts x 8 samples per step, temperature 1, clip 0.2/0.28, token-mean
loss, no KL term, AdamW. Prompts are the requests of a recorded run (`respec replay --topic rollout-requests -o FILE`). Prints the seconds
of every step and when the pass rate over the last --window steps first reaches --target.

Needs torch, transformers, datasets and trl.
"""

import argparse
import json
import statistics
import time

import torch
from datasets import Dataset
from transformers import AutoModelForCausalLM, AutoTokenizer, TrainerCallback
from trl import GRPOConfig, GRPOTrainer


def prompts(path):
    """Prompt and answer of every distinct request, in the order of the log."""
    seen = {}
    with open(path) as lines:
        for line in lines:
            request = json.loads(line)
            seen.setdefault(request["prompt"], request["answer"])
    return [{"prompt": prompt, "answer": answer} for prompt, answer in seen.items()]


def arithmetic(completions, answer, completion_ids, **_):
    """1 if the response ended by itself and what follows its last # is exactly the answer, else 0."""
    return [
        float(STOP in ids and text.rpartition("#")[2] == right and "#" in text)
        for text, right, ids in zip(completions, answer, completion_ids)
    ]


class Clock(TrainerCallback):
    def __init__(self, target, window):
        self.target, self.window = target, window
        self.begun = self.last = None
        self.seconds, self.rewards = [], []
        self.reached = None

    def on_train_begin(self, *_, **__):
        self.begun = self.last = time.monotonic()

    def on_step_end(self, *_, **__):
        now = time.monotonic()
        self.seconds.append(now - self.last)
        self.last = now

    def on_log(self, args, state, control, logs=None, **_):
        if logs and "reward" in logs:
            self.rewards.append(logs["reward"])
            recent = self.rewards[-self.window :]
            if self.reached is None and len(recent) == self.window and statistics.mean(recent) >= self.target:
                self.reached = time.monotonic() - self.begun
            print(f"step {len(self.rewards):4d}  {self.seconds[-1]:6.1f} s  pass rate {logs['reward']:.3f}", flush=True)


STOP = None


def main():
    global STOP
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--model", required=True, help="checkpoint folder")
    arguments.add_argument("--requests", required=True, help="JSONL of a run's rollout requests")
    arguments.add_argument("--steps", type=int, default=100)
    arguments.add_argument("--learning-rate", type=float, default=2.5e-4)
    arguments.add_argument("--max-tokens", type=int, default=512)
    arguments.add_argument("--threads", type=int, default=2)
    arguments.add_argument("--target", type=float, default=0.9)
    arguments.add_argument("--window", type=int, default=5)
    arguments.add_argument("--json", help="file to write the figures to")
    given = arguments.parse_args()
    torch.set_num_threads(given.threads)
    tokenizer = AutoTokenizer.from_pretrained(given.model)
    model = AutoModelForCausalLM.from_pretrained(given.model, dtype=torch.float32)
    STOP = model.config.eos_token_id
    tokenizer.eos_token_id = STOP
    tokenizer.pad_token_id = STOP if tokenizer.pad_token_id is None else tokenizer.pad_token_id
    clock = Clock(given.target, given.window)
    trainer = GRPOTrainer(
        model=model,
        reward_funcs=arithmetic,
        processing_class=tokenizer,
        train_dataset=Dataset.from_list(prompts(given.requests)),
        callbacks=[clock],
        args=GRPOConfig(
            output_dir="trl-output",
            per_device_train_batch_size=32,
            gradient_accumulation_steps=4,
            num_generations=8,
            max_completion_length=given.max_tokens,
            temperature=1.0,
            top_p=1.0,
            top_k=0,
            beta=0.0,
            epsilon=0.2,
            epsilon_high=0.28,
            loss_type="dapo",
            learning_rate=given.learning_rate,
            lr_scheduler_type="linear",
            warmup_steps=5,
            adam_beta1=0.9,
            adam_beta2=0.95,
            weight_decay=0.0,
            max_grad_norm=1.0,
            max_steps=given.steps,
            logging_steps=1,
            save_strategy="no",
            report_to=[],
            bf16=False,
            use_cpu=True,
            disable_tqdm=True,
            seed=17,
        ),
    )
    trainer.train()
    result = {
        "steps": len(clock.seconds),
        "median_step_seconds": statistics.median(clock.seconds),
        "total_seconds": sum(clock.seconds),
        "seconds_to_target": clock.reached,
        "pass_rates": clock.rewards,
    }
    print(json.dumps({k: v for k, v in result.items() if k != "pass_rates"}))
    if given.json:
        with open(given.json, "w") as out:
            json.dump(result, out, indent=1)


if __name__ == "__main__":
    main()
