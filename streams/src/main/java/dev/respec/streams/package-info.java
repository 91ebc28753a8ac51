/** Running a Kafka Streams topology as a stage does. */
@NullMarked
package dev.respec.streams;

import org.jspecify.annotations.NullMarked;
