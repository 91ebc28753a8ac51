/** The paper by command, as a user runs it. */
@NullMarked
package dev.respec.ops.paper;

import org.jspecify.annotations.NullMarked;
