/** Which prompt stands at a position of the run: the data's own order, or a draw by the prompts' pass rates. */
@NullMarked
package dev.respec.trainer.curriculum;

import org.jspecify.annotations.NullMarked;
