/** Supervised training of a policy on worked examples. */
@NullMarked
package dev.respec.trainer.pretraining;

import org.jspecify.annotations.NullMarked;
