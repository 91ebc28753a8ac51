/** Offline distillation: a first drafter for a policy. */
@NullMarked
package dev.respec.learner.pretraining;

import org.jspecify.annotations.NullMarked;
