/** Training side of the transformer: gradients, AdamW, teacher outputs. */
@NullMarked
package dev.respec.model.training;

import org.jspecify.annotations.NullMarked;
