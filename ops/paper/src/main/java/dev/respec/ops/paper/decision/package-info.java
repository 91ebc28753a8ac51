/** The paper's own cost table before our controller. */
@NullMarked
package dev.respec.ops.paper.decision;

import org.jspecify.annotations.NullMarked;
