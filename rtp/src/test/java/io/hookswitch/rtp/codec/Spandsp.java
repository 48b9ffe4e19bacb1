package io.hookswitch.rtp.codec;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** G.722 of somebody else: libspandsp, where a machine has it. */
@SuppressWarnings("restricted") // Calling native code is what this class is for.
final class Spandsp {
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final int BITS_PER_S = 64_000;

    private final SymbolLookup library;

    private Spandsp(SymbolLookup library) {
        this.library = library;
    }

    /** @return it, or null where the machine does not have it. */
    static Spandsp find() {
        try {
            return new Spandsp(SymbolLookup.libraryLookup("libspandsp.so.2", Arena.global()));
        } catch (IllegalArgumentException absent) {
            return null;
        }
    }

    private MethodHandle handle(String name, MemoryLayout result, MemoryLayout... parameters) {
        return Linker.nativeLinker()
                .downcallHandle(library.findOrThrow(name), FunctionDescriptor.of(result, parameters));
    }

    byte[] encode(short[] samples) throws Throwable {
        var pointer = ValueLayout.ADDRESS;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment codec = (MemorySegment) handle("g722_encode_init", pointer, pointer, INT, INT)
                    .invokeExact(MemorySegment.NULL, BITS_PER_S, 0);
            MemorySegment in = arena.allocateFrom(ValueLayout.JAVA_SHORT, samples);
            MemorySegment out = arena.allocate(samples.length);
            int bytes = (int) handle("g722_encode", INT, pointer, pointer, pointer, INT)
                    .invokeExact(codec, out, in, samples.length);
            return out.asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    short[] decode(byte[] bytes) throws Throwable {
        var pointer = ValueLayout.ADDRESS;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment codec = (MemorySegment) handle("g722_decode_init", pointer, pointer, INT, INT)
                    .invokeExact(MemorySegment.NULL, BITS_PER_S, 0);
            MemorySegment in = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
            MemorySegment out = arena.allocate(bytes.length * 4L);
            int samples = (int) handle("g722_decode", INT, pointer, pointer, pointer, INT)
                    .invokeExact(codec, out, in, bytes.length);
            return out.asSlice(0, samples * 2L).toArray(ValueLayout.JAVA_SHORT);
        }
    }
}
