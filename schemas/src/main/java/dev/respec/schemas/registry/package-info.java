/** Client of a schema registry that speaks the Confluent REST interface. */
@NullMarked
package dev.respec.schemas.registry;

import org.jspecify.annotations.NullMarked;
