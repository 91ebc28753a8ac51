/** Recorded runs: read again, exported, re-published, asked in SQL. */
@NullMarked
package dev.respec.ops.replay;

import org.jspecify.annotations.NullMarked;
