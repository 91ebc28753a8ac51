/** What is written on a terminal. */
@NullMarked
package dev.respec.ops.console;

import org.jspecify.annotations.NullMarked;
