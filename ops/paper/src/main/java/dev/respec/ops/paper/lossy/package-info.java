/** A worker whose verification is deliberately lossy. Only the arm of that name starts it. */
@NullMarked
package dev.respec.ops.paper.lossy;

import org.jspecify.annotations.NullMarked;
