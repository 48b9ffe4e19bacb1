/**
 * Settings: one YAML file, read once into immutable records, every fault listed. The keys are those of
 * docs/configuration.md.
 *
 * <p>Owning thread: the launcher's, at start-up; what comes out is immutable and belongs to everybody.
 */
package io.hookswitch.server.settings;
