/** Enlarges checkpoints without changing the function they compute. */
@NullMarked
package dev.respec.model.grow;

import org.jspecify.annotations.NullMarked;
