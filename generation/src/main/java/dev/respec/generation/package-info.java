/** What is done with an engine: models loaded, costs measured, answers evaluated, settings compared. */
@NullMarked
package dev.respec.generation;

import org.jspecify.annotations.NullMarked;
