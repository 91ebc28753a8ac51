/** A teacher, a student, and batches of sequences between them; no Kafka here. */
@NullMarked
package dev.respec.learner.distillation;

import org.jspecify.annotations.NullMarked;
