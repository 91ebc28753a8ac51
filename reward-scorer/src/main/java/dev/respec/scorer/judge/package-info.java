/** Rewards from services over HTTP. */
@NullMarked
package dev.respec.scorer.judge;

import org.jspecify.annotations.NullMarked;
