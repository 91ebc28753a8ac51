/** What the processes of a local run take of the machine's memory, planned before any of them is started. */
@NullMarked
package dev.respec.ops.memory;

import org.jspecify.annotations.NullMarked;
