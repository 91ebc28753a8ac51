"""Golden losses and gradients of GSPO and CISPO for golden/grpo, by PyTorch's autograd from the published formulas.

python trainer/src/test/python/objectives.py trainer/src/test/resources/golden/grpo

Reads the three batches of that folder and writes objectives.json beside them. Nothing here knows a derivative: losses
are written as the papers do (GSPO: arXiv 2507.18071, equation 5; CISPO: arXiv 2506.13585, equation 4, without a lower
bound) and differentiated in float64.
"""

import json
import pathlib
import sys

import torch

BATCHES = ["binary-rewards", "holes-and-empty-row", "zero-variance-group"]
CAP = 2.0


def weights(correction, proximal, behaviour):
    ratio = torch.exp(proximal - behaviour)
    if correction == "none":
        return torch.ones_like(ratio)
    if correction == "tis":
        return ratio.clamp(max=CAP)
    return torch.where(ratio > CAP, torch.zeros_like(ratio), ratio)


def losses(objective, current, denominator, advantage, mask, low, high):
    log_ratio = current - denominator
    if objective == "gspo":
        length = mask.sum(-1, keepdim=True).clamp(min=1)
        ratio = torch.exp((log_ratio * mask).sum(-1, keepdim=True) / length).expand_as(current)
        return -torch.minimum(ratio * advantage, ratio.clamp(1 - low, 1 + high) * advantage)
    return -torch.exp(log_ratio).clamp(max=1 + high).detach() * advantage * current


def reduce(kind, loss, mask, longest):
    if kind == "grpo":
        return ((loss * mask).sum(-1) / mask.sum(-1).clamp(min=1)).mean()
    if kind == "dapo":
        return (loss * mask).sum() / mask.sum().clamp(min=1)
    return (loss * mask).sum() / (loss.shape[0] * longest)


def case(batch, objective, correction, reduction, beta):
    tensor = lambda name: torch.tensor(batch[name], dtype=torch.float64)
    current = tensor("logp_current").requires_grad_(True)
    proximal, behaviour, reference = (tensor("logp_" + n) for n in ("proximal", "behaviour", "reference"))
    mask = tensor("mask")
    advantage = torch.tensor(batch["advantages"]["group"], dtype=torch.float64).unsqueeze(1)
    low, high = (0.02, 0.03) if objective == "gspo" else (0.2, 0.28)
    denominator = behaviour if correction == "none" else proximal
    loss = losses(objective, current, denominator, advantage, mask, low, high)
    loss = loss * weights(correction, proximal, behaviour)
    difference = reference - current
    loss = loss + beta * (torch.exp(difference) - difference - 1)
    total = reduce(reduction, loss, mask, batch["max_completion_length"])
    (gradient,) = torch.autograd.grad(total, current)
    return {
        "id": f"{batch['name']}-{objective}-{correction}-{reduction}-beta{beta}",
        "batch": batch["name"],
        "objective": objective,
        "correction": correction,
        "tis_cap": CAP,
        "behaviour_weight_cap": CAP,
        "loss_type": reduction,
        "scale_rewards": "group",
        "clip_low": low,
        "clip_high": high,
        "beta": beta,
        "loss": total.item(),
        "grad": [[float(f"{x:.12g}") for x in row] for row in gradient.tolist()],
    }


def main(folder):
    cases = []
    for name in BATCHES:
        batch = json.loads((folder / f"{name}.json").read_text())
        for objective in ("gspo", "cispo"):
            for correction, reduction, beta in (
                ("none", "grpo", 0.0),
                ("tis", "dapo", 0.0),
                ("tis", "grpo", 0.04),
                ("decoupled_mask", "dr_grpo", 0.0),
            ):
                cases.append(case(batch, objective, correction, reduction, beta))
    (folder / "objectives.json").write_text(json.dumps({"cases": cases}) + "\n")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
