/** Who may do what on a cluster, tried on one. */
@NullMarked
package dev.respec.ops.access;

import org.jspecify.annotations.NullMarked;
