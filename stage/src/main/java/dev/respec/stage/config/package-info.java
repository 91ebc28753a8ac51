/** The configuration tree: one YAML file, every key with a documented default, refused by name if wrong. */
@NullMarked
package dev.respec.stage.config;

import org.jspecify.annotations.NullMarked;
