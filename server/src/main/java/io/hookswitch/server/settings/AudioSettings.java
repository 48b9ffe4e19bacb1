package io.hookswitch.server.settings;

/**
 * Files that are played.
 *
 * @param cacheMb memory for decoded files, those being played included, MB of 2^20
 * @param maxFileMb largest file that is fetched, MB of 2^20
 * @param maxSeconds longest audio of a file, s
 */
public record AudioSettings(int cacheMb, int maxFileMb, int maxSeconds) {}
