package io.hookswitch.rtp.codec;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * The functions of libopus that we call, when the system has it. Addresses are raw: the caller keeps their memory
 * alive.
 * Answers are what the library returns: a size, samples, bytes, or a negative error. Any thread, one state at a time.
 */
@SuppressWarnings("restricted") // Calling native code is what this class is for.
final class LibOpus {
    /** OPUS_APPLICATION_VOIP. */
    static final int VOIP = 2048;
    /** OPUS_SET_BITRATE, bit/s. */
    static final int BITRATE = 4002;
    /** OPUS_SET_COMPLEXITY, 0..10. */
    static final int COMPLEXITY = 4010;
    /** OPUS_SET_SIGNAL. */
    static final int SIGNAL = 4024;
    /** OPUS_SIGNAL_VOICE. */
    static final int VOICE = 3001;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final SymbolLookup LIBRARY = library();

    private static final MethodHandle DECODER_SIZE = handle("opus_decoder_get_size", INT);
    private static final MethodHandle DECODER_INIT = handle("opus_decoder_init", LONG, INT, INT);
    private static final MethodHandle DECODE = handle("opus_decode", LONG, LONG, INT, LONG, INT, INT);
    private static final MethodHandle ENCODER_SIZE = handle("opus_encoder_get_size", INT);
    private static final MethodHandle ENCODER_INIT = handle("opus_encoder_init", LONG, INT, INT, INT);
    private static final MethodHandle ENCODE = handle("opus_encode", LONG, LONG, INT, LONG, INT);
    private static final MethodHandle ENCODER_SET = setter();

    private LibOpus() {}

    private static SymbolLookup library() {
        try {
            return SymbolLookup.libraryLookup("libopus.so.0", Arena.global());
        } catch (IllegalArgumentException e) {
            // Not installed: isHere() says so.
            return _ -> Optional.empty();
        }
    }

    private static MethodHandle handle(String name, MemoryLayout... parameters) {
        return LIBRARY.find(name)
                .map(address -> Linker.nativeLinker().downcallHandle(address, FunctionDescriptor.of(INT, parameters)))
                .orElse(null);
    }

    /** The function takes a variable number of arguments behind the first two. */
    private static MethodHandle setter() {
        return LIBRARY.find("opus_encoder_ctl")
                .map(address -> Linker.nativeLinker()
                        .downcallHandle(
                                address, FunctionDescriptor.of(INT, LONG, INT, INT), Linker.Option.firstVariadicArg(2)))
                .orElse(null);
    }

    /** @return whether the system has the library with all that is called here. */
    static boolean isHere() {
        return DECODER_SIZE != null
                && DECODER_INIT != null
                && DECODE != null
                && ENCODER_SIZE != null
                && ENCODER_INIT != null
                && ENCODE != null
                && ENCODER_SET != null;
    }

    /** @return bytes of a decoder's state, one channel. */
    static int decoderBytes() {
        try {
            return (int) DECODER_SIZE.invokeExact(1);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    static int beginDecoder(long state, int sampleRate) {
        try {
            return (int) DECODER_INIT.invokeExact(state, sampleRate, 1);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** @param payload 0 = none came: audio is made up in its place */
    static int decode(long state, long payload, int length, long audio, int mostSamples) {
        try {
            return (int) DECODE.invokeExact(state, payload, length, audio, mostSamples, 0);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** @return bytes of an encoder's state, one channel. */
    static int encoderBytes() {
        try {
            return (int) ENCODER_SIZE.invokeExact(1);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    static int beginEncoder(long state, int sampleRate) {
        try {
            return (int) ENCODER_INIT.invokeExact(state, sampleRate, 1, VOIP);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    static int set(long state, int what, int value) {
        try {
            return (int) ENCODER_SET.invokeExact(state, what, value);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    static int encode(long state, long audio, int samples, long payload, int mostBytes) {
        try {
            return (int) ENCODE.invokeExact(state, audio, samples, payload, mostBytes);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }
}
