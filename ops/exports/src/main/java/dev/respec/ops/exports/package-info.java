/** Exports runs to the tools that people use: TensorBoard, MLflow, OTLP collectors. */
@NullMarked
package dev.respec.ops.exports;

import org.jspecify.annotations.NullMarked;
