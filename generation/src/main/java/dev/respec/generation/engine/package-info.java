/** The generation engine: continuous batching, speculation, swaps. Knows neither Kafka nor Avro. */
@NullMarked
package dev.respec.generation.engine;

import org.jspecify.annotations.NullMarked;
