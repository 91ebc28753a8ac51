/** A tracking server of MLflow. */
@NullMarked
package dev.respec.ops.exports.mlflow;

import org.jspecify.annotations.NullMarked;
