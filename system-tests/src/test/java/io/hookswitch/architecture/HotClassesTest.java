package io.hookswitch.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.classfile.instruction.MonitorInstruction;
import java.lang.classfile.instruction.NewMultiArrayInstruction;
import java.lang.classfile.instruction.NewObjectInstruction;
import java.lang.classfile.instruction.NewPrimitiveArrayInstruction;
import java.lang.classfile.instruction.NewReferenceArrayInstruction;
import java.lang.classfile.instruction.ThrowInstruction;
import java.lang.reflect.AccessFlag;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Reads the compiled hot classes (hot-classes.txt): after construction nothing in them allocates, locks or throws. A
 * method that
 * may is named in the list with its reason; a name there that is no longer needed fails too.
 */
class HotClassesTest {
    private record Listed(List<String> classes, Set<String> exempt) {}

    @Test
    void shouldNotAllocateLockOrThrowWhenConstructed() {
        Listed listed = listed();
        Set<String> unused = new TreeSet<>(listed.exempt());
        List<String> found = new ArrayList<>();
        for (String name : listed.classes()) {
            ClassModel model = ClassFile.of().parse(bytes(name));
            for (MethodModel method : model.methods()) {
                String site = name.substring(name.lastIndexOf('.') + 1) + "#" + method.methodName();
                String offence = offence(method);
                if (offence == null) {
                    continue;
                }
                if (listed.exempt().contains(site)) {
                    unused.remove(site);
                } else {
                    found.add(site + " has " + offence);
                }
            }
        }
        assertThat(found).as("hot methods that allocate, lock or throw").isEmpty();
        assertThat(unused).as("exemptions that nothing needs any more").isEmpty();
        assertThat(listed.classes()).hasSizeGreaterThan(5);
    }

    private static String offence(MethodModel method) {
        String name = method.methodName().stringValue();
        if (name.equals("<init>") || name.equals("<clinit>") || method.code().isEmpty()) {
            return null;
        }
        if (method.flags().has(AccessFlag.SYNCHRONIZED)) {
            return "synchronized";
        }
        // An assert's AssertionError, from its making to its throw, is never reached in production (-da).
        boolean inAssertion = false;
        for (CodeElement element : method.code().get().elementList()) {
            inAssertion |= element instanceof NewObjectInstruction created
                    && created.className().asInternalName().equals("java/lang/AssertionError");
            String offence = inAssertion ? null : offence(element);
            if (offence != null) {
                return offence;
            }
            inAssertion &= !(element instanceof ThrowInstruction);
        }
        return null;
    }

    private static String offence(CodeElement element) {
        return switch (element) {
            case NewObjectInstruction created -> "new " + created.className().asInternalName();
            case NewPrimitiveArrayInstruction _ -> "new array";
            case NewReferenceArrayInstruction _ -> "new array";
            case NewMultiArrayInstruction _ -> "new array";
            case InvokeDynamicInstruction dynamic -> "invokedynamic " + dynamic.name();
            case MonitorInstruction lock when lock.opcode() == Opcode.MONITORENTER -> "a lock";
            case ThrowInstruction _ -> "a throw";
            default -> null;
        };
    }

    private static Listed listed() {
        List<String> classes = new ArrayList<>();
        Set<String> exempt = new HashSet<>();
        for (String line : new String(resource("/hot-classes.txt"), StandardCharsets.UTF_8).split("\n")) {
            String text = line.strip();
            if (text.isEmpty() || text.startsWith("#")) {
                continue;
            }
            if (text.startsWith("may ")) {
                exempt.add(text.split("\\s+")[1]);
            } else {
                classes.add(text);
            }
        }
        return new Listed(classes, exempt);
    }

    private static byte[] bytes(String className) {
        return resource("/" + className.replace('.', '/') + ".class");
    }

    private static byte[] resource(String path) {
        try (InputStream in = HotClassesTest.class.getResourceAsStream(path)) {
            assertThat(in)
                    .as("listed in hot-classes.txt but not there: " + path)
                    .isNotNull();
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
