/** Reward functions of jars, each called in a process of its own. */
@NullMarked
package dev.respec.scorer.child;

import org.jspecify.annotations.NullMarked;
