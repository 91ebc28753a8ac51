/** The trainer: admits prompts, turns scored groups into policy updates, publishes weights. */
@NullMarked
package dev.respec.trainer;

import org.jspecify.annotations.NullMarked;
