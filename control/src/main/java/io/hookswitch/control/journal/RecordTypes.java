package io.hookswitch.control.journal;

import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlEvent;
import io.hookswitch.control.Directory;
import io.hookswitch.control.call.ControlSettings;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.lang.reflect.WildcardType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The records and enums that can stand in a journal: whatever is reachable from the events, the commands, the
 * directory's answers and the settings. Found once, by walking the sealed types, so that a new event, command or member
 * is journaled without a line about it here.
 */
final class RecordTypes {
    private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();

    /** Everything there is in this build. Behind the lookup that it is made with. */
    static final RecordTypes ALL =
            new RecordTypes(List.of(ControlEvent.class, ControlCommand.class, ControlSettings.class, Directory.class));

    /** One record: its name (and in UTF-8), its members in order, how each is read, how a record is made of them. */
    record Layout(
            String name,
            byte[] nameBytes,
            Class<?> type,
            List<String> members,
            List<Class<?>> memberTypes,
            List<MethodHandle> readers,
            MethodHandle maker) {
        /** @return one member's value. */
        Object read(Object instance, int member) {
            try {
                return (Object) readers.get(member).invokeExact(instance);
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Throwable e) {
                throw new IllegalStateException("cannot read " + name + "." + members.get(member), e);
            }
        }

        /** @return a record of these values. */
        Object make(Object[] values) {
            try {
                return (Object) maker.invokeExact(values);
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Throwable e) {
                throw new IllegalStateException("cannot make " + name, e);
            }
        }
    }

    private final Map<Class<?>, Layout> layouts = new LinkedHashMap<>();
    private final Map<String, Layout> byName = new HashMap<>();
    private final Map<String, Class<?>> enums = new LinkedHashMap<>();
    private final List<Class<?>> seen = new ArrayList<>();

    private RecordTypes(List<Class<?>> roots) {
        roots.forEach(this::walk);
    }

    private void walk(Type type) {
        switch (type) {
            case Class<?> plain -> walk(plain);
            case ParameterizedType generic -> {
                for (Type argument : generic.getActualTypeArguments()) {
                    walk(argument);
                }
            }
            case WildcardType wild -> walk(wild.getUpperBounds()[0]);
            default -> {
                // Type variables and arrays: nothing of ours.
            }
        }
    }

    private void walk(Class<?> type) {
        if (!type.getName().startsWith("io.hookswitch.") || seen.contains(type)) {
            return;
        }
        seen.add(type);
        if (type.isRecord()) {
            add(type);
        } else if (type.isEnum()) {
            if (enums.put(name(type), type) != null) {
                throw new IllegalStateException("two enums named " + name(type));
            }
        } else if (type.isSealed()) {
            for (Class<?> permitted : type.getPermittedSubclasses()) {
                walk(permitted);
            }
        } else if (type.isInterface()) {
            for (Method method : type.getMethods()) {
                walk(method.getGenericReturnType());
            }
        }
    }

    private void add(Class<?> type) {
        List<String> members = new ArrayList<>();
        List<Class<?>> memberTypes = new ArrayList<>();
        List<MethodHandle> readers = new ArrayList<>();
        MethodHandle maker;
        try {
            MethodHandles.Lookup lookup = MethodHandles.privateLookupIn(type, LOOKUP);
            for (RecordComponent component : type.getRecordComponents()) {
                members.add(component.getName());
                memberTypes.add(component.getType());
                readers.add(lookup.unreflect(component.getAccessor())
                        .asType(MethodType.methodType(Object.class, Object.class)));
            }
            maker = lookup.findConstructor(type, MethodType.methodType(void.class, memberTypes))
                    .asSpreader(Object[].class, memberTypes.size())
                    .asType(MethodType.methodType(Object.class, Object[].class));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("not a readable record: " + type, e);
        }
        Layout layout = new Layout(
                name(type),
                name(type).getBytes(StandardCharsets.UTF_8),
                type,
                List.copyOf(members),
                List.copyOf(memberTypes),
                List.copyOf(readers),
                maker);
        layouts.put(type, layout);
        if (byName.put(layout.name(), layout) != null) {
            throw new IllegalStateException("two records named " + layout.name());
        }
        for (RecordComponent component : type.getRecordComponents()) {
            walk(component.getGenericType());
        }
    }

    /** @return as {@code ControlCommand.Dial}: without the package, so that moving a type changes no journal. */
    static String name(Class<?> type) {
        String name = type.getName();
        return name.substring(name.lastIndexOf('.') + 1).replace('$', '.');
    }

    /** @return null = no type of the journal's. */
    Layout of(Class<?> type) {
        return layouts.get(type);
    }

    /** @return null = not in this build. */
    Layout named(String name) {
        return byName.get(name);
    }

    /** @return null = not in this build. */
    Class<?> enumNamed(String name) {
        return enums.get(name);
    }

    /** @return every record, in the order in which it was found. */
    List<Layout> all() {
        return List.copyOf(layouts.values());
    }
}
