/** The pipeline as a discrete-event simulation. */
@NullMarked
package dev.respec.ops.paper.simulation;

import org.jspecify.annotations.NullMarked;
