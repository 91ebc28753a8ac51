/** Log-probabilities of given tokens. */
@NullMarked
package dev.respec.model.scoring;

import org.jspecify.annotations.NullMarked;
