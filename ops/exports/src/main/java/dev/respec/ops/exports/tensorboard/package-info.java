/** TensorBoard event files. */
@NullMarked
package dev.respec.ops.exports.tensorboard;

import org.jspecify.annotations.NullMarked;
