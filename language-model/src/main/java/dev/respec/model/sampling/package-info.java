/** Sampling and the lossless verification of drafted tokens. */
@NullMarked
package dev.respec.model.sampling;

import org.jspecify.annotations.NullMarked;
