/** What a command is given, looked at before anything is started for it. */
@NullMarked
package dev.respec.ops.inputs;

import org.jspecify.annotations.NullMarked;
