/** Reward functions: the interface users implement, how implementations are found, and the built-in ones. */
@NullMarked
package dev.respec.scorer.reward;

import org.jspecify.annotations.NullMarked;
