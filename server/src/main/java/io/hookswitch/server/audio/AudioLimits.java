package io.hookswitch.server.audio;

/**
 * What files may cost.
 *
 * @param cacheBytes memory of all recordings, those being played included
 * @param maxFileBytes of one file as fetched
 * @param maxSeconds of audio of one file
 * @param loadMs how long fetching and decoding one file may take together
 * @param perAccount files of one account that are loaded at a time; further ones wait
 */
public record AudioLimits(long cacheBytes, int maxFileBytes, int maxSeconds, long loadMs, int perAccount) {}
