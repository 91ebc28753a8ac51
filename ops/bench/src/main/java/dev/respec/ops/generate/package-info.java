/** Generating text from a prompt or a conversation. */
@NullMarked
package dev.respec.ops.generate;

import org.jspecify.annotations.NullMarked;
