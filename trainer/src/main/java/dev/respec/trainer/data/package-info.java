/** Prompts: JSON lines files and the built-in arithmetic task. */
@NullMarked
package dev.respec.trainer.data;

import org.jspecify.annotations.NullMarked;
