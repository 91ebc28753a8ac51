/**
 * What engine, controller and commands mean by a setting of speculative decoding. Knows neither Avro nor Kafka; {@link
 * dev.respec.schemas.SettingCodec} translates.
 */
@NullMarked
package dev.respec.speculation;

import org.jspecify.annotations.NullMarked;
