/** The catalogue of topics; provisioning; typed producers, consumers, queues and replay. */
@NullMarked
package dev.respec.topics;

import org.jspecify.annotations.NullMarked;
