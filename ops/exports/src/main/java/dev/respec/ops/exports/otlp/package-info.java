/** A collector of OpenTelemetry metrics. */
@NullMarked
package dev.respec.ops.exports.otlp;

import org.jspecify.annotations.NullMarked;
