/** What the trainer needs to go on after a crash, on disk. */
@NullMarked
package dev.respec.trainer.checkpoint;

import org.jspecify.annotations.NullMarked;
