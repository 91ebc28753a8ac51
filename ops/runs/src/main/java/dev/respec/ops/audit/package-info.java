/** What a run's topics prove: who was admitted, what was counted, in which order. */
@NullMarked
package dev.respec.ops.audit;

import org.jspecify.annotations.NullMarked;
