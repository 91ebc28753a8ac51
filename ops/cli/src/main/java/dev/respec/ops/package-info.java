/** The {@code respec} command. */
@NullMarked
package dev.respec.ops;

import org.jspecify.annotations.NullMarked;
