package dev.respec.trainer.loss;

/** What a reward is compared with and measured in. */
public enum AdvantageKind {
    /** (reward − group mean) / (group deviation + 1e-4). */
    GROUP,
    /** (reward − group mean) / (deviation of all rewards + 1e-4). */
    BATCH,
    /** reward − group mean. */
    NONE,
    /** reward − mean of the group's other rewards. */
    LEAVE_ONE_OUT
}
