/** A Kafka broker inside the process; needs Kafka's server jars, which are optional dependencies of this module. */
@NullMarked
package dev.respec.ops.broker;

import org.jspecify.annotations.NullMarked;
