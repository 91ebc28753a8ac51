/** Keeps the drafter close to the policy by distilling it from scored rollouts while generation goes on. */
@NullMarked
package dev.respec.learner;

import org.jspecify.annotations.NullMarked;
