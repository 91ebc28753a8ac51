/** What becomes of requests when workers die. */
@NullMarked
package dev.respec.ops.queue;

import org.jspecify.annotations.NullMarked;
