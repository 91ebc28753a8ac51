/** Means, intervals and the test of equivalence. */
@NullMarked
package dev.respec.ops.paper.statistics;

import org.jspecify.annotations.NullMarked;
