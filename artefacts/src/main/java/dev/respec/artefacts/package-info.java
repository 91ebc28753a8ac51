/** Where weights are kept: folders and object stores, one interface. */
@NullMarked
package dev.respec.artefacts;

import org.jspecify.annotations.NullMarked;
