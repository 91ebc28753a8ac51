/** Log-probabilities of the token ids in a file. */
@NullMarked
package dev.respec.ops.score;

import org.jspecify.annotations.NullMarked;
