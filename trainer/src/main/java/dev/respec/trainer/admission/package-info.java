/** Which prompts are asked next, and how far generation may run ahead of training. */
@NullMarked
package dev.respec.trainer.admission;

import org.jspecify.annotations.NullMarked;
