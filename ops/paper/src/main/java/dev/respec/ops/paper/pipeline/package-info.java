/** Experiments made of runs of the whole pipeline. */
@NullMarked
package dev.respec.ops.paper.pipeline;

import org.jspecify.annotations.NullMarked;
