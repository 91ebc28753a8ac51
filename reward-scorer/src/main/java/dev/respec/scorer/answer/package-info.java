/**
 * Mathematical answers: LaTeX or plain text parsed into values, and whether two of them are equal. Every parse and
 * every comparison is bounded in size, depth and work, and deterministic.
 */
@NullMarked
package dev.respec.scorer.answer;

import org.jspecify.annotations.NullMarked;
