package io.hookswitch.engine.core;

/** The transcoders of one core, and which leg's far end each of them serves. Made at start. Core thread. */
final class Transcoders {
    private final Transcoder[] idle;
    /** Column, row = leg that is sent to; null = none. */
    private final Transcoder[] byRow;

    private int idleCount;

    Transcoders(int rows, int count) {
        short[] decoded = new short[Transcoder.WORK_LENGTH];
        short[] converted = new short[Transcoder.WORK_LENGTH];
        idle = new Transcoder[count];
        byRow = new Transcoder[rows];
        for (int i = 0; i < count; i++) {
            idle[i] = new Transcoder(decoded, converted);
        }
        idleCount = count;
    }

    /** @return transcoders that nobody uses. */
    int idle() {
        return idleCount;
    }

    /** @return transcoders in use. */
    int inUse() {
        return idle.length - idleCount;
    }

    /** @return whether one serves a row. */
    boolean has(int row) {
        return byRow[row] != null;
    }

    /** @return the one that serves a row, or null. */
    Transcoder of(int row) {
        return byRow[row];
    }

    /** Gives a row one, or the one that it has another task. @return it, or null when all are in use */
    Transcoder take(int row) {
        if (byRow[row] == null && idleCount > 0) {
            byRow[row] = idle[--idleCount];
        }
        return byRow[row];
    }

    /** A row needs none any more. */
    void release(int row) {
        if (byRow[row] != null) {
            idle[idleCount++] = byRow[row];
            byRow[row] = null;
        }
    }
}
