package dev.respec.generation.engine;

/** How long drafts are that a model makes. */
public enum DraftLength {
    /** They end early if one token more would cost more time than it is expected to gain. */
    BY_CONFIDENCE,
    /** They have the setting's length. */
    FIXED
}
