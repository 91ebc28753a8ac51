/** A Kafka broker inside the process, for local mode and tests. */
@NullMarked
package dev.respec.ops.broker;

import org.jspecify.annotations.NullMarked;
