/** What becomes of drafters whose weights are wrong. */
@NullMarked
package dev.respec.ops.drafting;

import org.jspecify.annotations.NullMarked;
