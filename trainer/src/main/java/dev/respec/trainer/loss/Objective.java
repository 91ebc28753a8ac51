package dev.respec.trainer.loss;

/** How the ratio between the current policy and the one that a token is compared with enters the loss. */
public enum Objective {
    /** Each token's own ratio, clipped on both sides (GRPO, DAPO). */
    GRPO,
    /**
     * One ratio for the whole response, the geometric mean of its tokens' ratios, clipped on both sides (GSPO, arXiv
     * 2507.18071). The paper clips far closer to 1 than token ratios are: 3e-4 below and 4e-4 above.
     */
    GSPO,
    /**
     * Each token's ratio as a constant weight of its log-probability's gradient, cut above only (CISPO, arXiv
     * 2506.13585): no token is left without a gradient.
     */
    CISPO
}
