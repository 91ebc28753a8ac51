/** Running a Kafka Streams topology as a stage does; needs kafka-streams on the class path. */
@NullMarked
package dev.respec.streams;

import org.jspecify.annotations.NullMarked;
