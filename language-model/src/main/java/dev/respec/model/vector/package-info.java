/**
 * Decoding steps on the processor's vectors: the same layers as the scripted kernels, for models whose weights are read
 * from memory at every step. See docs/decisions/011.
 */
@NullMarked
package dev.respec.model.vector;

import org.jspecify.annotations.NullMarked;
