/** Brings what a run has done to the tools that people use. */
@NullMarked
package dev.respec.ops.exports;

import org.jspecify.annotations.NullMarked;
