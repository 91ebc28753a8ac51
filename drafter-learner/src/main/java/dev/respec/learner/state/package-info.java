/** What the learner needs to go on after a crash, on disk. */
@NullMarked
package dev.respec.learner.state;

import org.jspecify.annotations.NullMarked;
