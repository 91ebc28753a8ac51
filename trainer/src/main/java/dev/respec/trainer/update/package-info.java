/** One training step's optimiser work: rows, micro-batches, loss, update. */
@NullMarked
package dev.respec.trainer.update;

import org.jspecify.annotations.NullMarked;
