/** Scripted kernels and how they are called. */
@NullMarked
package dev.respec.model.kernels;

import org.jspecify.annotations.NullMarked;
