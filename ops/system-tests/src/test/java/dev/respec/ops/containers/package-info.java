/** The pipeline as containers, from the project's own images. */
@NullMarked
package dev.respec.ops.containers;

import org.jspecify.annotations.NullMarked;
