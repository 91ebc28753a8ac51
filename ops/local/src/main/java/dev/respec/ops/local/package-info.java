/** Local mode: every process of a run on one machine, supervised, its data under one folder. */
@NullMarked
package dev.respec.ops.local;

import org.jspecify.annotations.NullMarked;
