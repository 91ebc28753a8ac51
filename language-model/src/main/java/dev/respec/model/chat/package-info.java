/** Chat templates: how a conversation becomes the text that a model continues. */
@NullMarked
package dev.respec.model.chat;

import org.jspecify.annotations.NullMarked;
