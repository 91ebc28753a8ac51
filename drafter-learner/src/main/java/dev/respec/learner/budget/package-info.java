/** How much the learner trains, decided from what its drafter achieves where it is served. */
@NullMarked
package dev.respec.learner.budget;

import org.jspecify.annotations.NullMarked;
