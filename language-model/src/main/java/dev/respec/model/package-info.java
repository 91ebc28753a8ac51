/** The language model: target, tokenizer and what they share. */
@NullMarked
package dev.respec.model;

import org.jspecify.annotations.NullMarked;
