/** Low-rank adapters in the format of PEFT. */
@NullMarked
package dev.respec.model.lora;

import org.jspecify.annotations.NullMarked;
