/** Broker, registry and stages as processes of one machine; a run's folder and access to its topics. */
@NullMarked
package dev.respec.ops.cluster;

import org.jspecify.annotations.NullMarked;
