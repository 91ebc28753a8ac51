/** Drafting without a model: suffix trees over what was already written. */
@NullMarked
package dev.respec.model.suffix;

import org.jspecify.annotations.NullMarked;
