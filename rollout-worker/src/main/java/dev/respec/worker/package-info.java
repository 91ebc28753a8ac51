/** Rollout worker: takes requests from the queue, generates, publishes rollouts and statistics. */
@NullMarked
package dev.respec.worker;

import org.jspecify.annotations.NullMarked;
