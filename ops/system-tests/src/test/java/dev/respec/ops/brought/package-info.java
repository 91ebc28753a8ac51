/** A checkpoint as people bring it, with a byte-level tokenizer and a chat template, through the whole pipeline. */
@NullMarked
package dev.respec.ops.brought;

import org.jspecify.annotations.NullMarked;
