/** Scored rollouts put back together to groups and steps. */
@NullMarked
package dev.respec.trainer.assembly;

import org.jspecify.annotations.NullMarked;
