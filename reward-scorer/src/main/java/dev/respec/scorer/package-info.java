/** The reward scorer: rollouts to rewards to group advantages, exactly once. */
@NullMarked
package dev.respec.scorer;

import org.jspecify.annotations.NullMarked;
