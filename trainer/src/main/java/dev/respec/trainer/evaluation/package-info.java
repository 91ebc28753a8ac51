/** Evaluation of the policy while it is trained: what is asked, what has come, and what follows from it. */
@NullMarked
package dev.respec.trainer.evaluation;

import org.jspecify.annotations.NullMarked;
