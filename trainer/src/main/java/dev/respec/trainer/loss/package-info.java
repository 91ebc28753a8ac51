/** Group-relative advantages and clipped policy losses with their gradients, in closed form and double precision. */
@NullMarked
package dev.respec.trainer.loss;

import org.jspecify.annotations.NullMarked;
