package io.hookswitch.engine.io;

/** Linux error numbers that matter here, the same on x86-64 and arm64; answers are their negatives. */
public final class Errno {
    /** Nothing to read, or no room to send: try again. */
    public static final int EAGAIN = 11;
    /** Port not allowed. */
    public static final int EACCES = 13;
    /** No such thing. */
    public static final int EINVAL = 22;
    /** Too many files open in the process. */
    public static final int EMFILE = 24;
    /** Port taken by somebody else. */
    public static final int EADDRINUSE = 98;
    /** Address is not one of this machine. */
    public static final int EADDRNOTAVAIL = 99;
    /** Kernel has no buffer of ours left. */
    public static final int ENOBUFS = 105;
    /** Nobody listens at the far end. */
    public static final int ECONNREFUSED = 111;
    /** Timer expired. */
    public static final int ETIME = 62;
    /** Cancelled. */
    public static final int ECANCELED = 125;

    private Errno() {}
}
