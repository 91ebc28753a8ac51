/**
 * Machine code for what Java cannot say: the processor's dot products of bfloat16.
 *
 * <p>Only products of matrices are written here; everything around them stays Java. docs/decisions/012.
 */
@NullMarked
package dev.respec.model.machine;

import org.jspecify.annotations.NullMarked;
