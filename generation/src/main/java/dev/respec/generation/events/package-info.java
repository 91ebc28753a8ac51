/** What an engine counted, as the events that a controller reads. */
@NullMarked
package dev.respec.generation.events;

import org.jspecify.annotations.NullMarked;
