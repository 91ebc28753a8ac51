/** Hugging Face model directories: configuration, safetensors, weights. */
@NullMarked
package dev.respec.model.checkpoint;

import org.jspecify.annotations.NullMarked;
