/** Learning and judging on what a run recorded, without its workers. */
@NullMarked
package dev.respec.ops.offline;

import org.jspecify.annotations.NullMarked;
