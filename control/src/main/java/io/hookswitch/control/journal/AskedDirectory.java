package io.hookswitch.control.journal;

import io.hookswitch.control.Directory;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * The directory between control and its journal: notes what it answers, or answers what was noted. Whatever methods a
 * directory has: what one of them returned is an input like an event. Control's thread.
 */
public final class AskedDirectory {
    private final List<Answer> noted = new ArrayList<>();
    private final ArrayDeque<Answer> left = new ArrayDeque<>();
    private final Directory directory;

    private AskedDirectory(Directory real) {
        InvocationHandler asked = (proxy, method, arguments) -> {
            if (method.getDeclaringClass() == Object.class) {
                return switch (method.getName()) {
                    case "equals" -> proxy == arguments[0];
                    case "hashCode" -> System.identityHashCode(proxy);
                    default -> "asked directory";
                };
            }
            if (real == null) {
                return replay(method.getName());
            }
            try {
                Object value = method.invoke(real, arguments);
                noted.add(new Answer(method.getName(), value));
                return value;
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        };
        directory = (Directory)
                Proxy.newProxyInstance(Directory.class.getClassLoader(), new Class<?>[] {Directory.class}, asked);
    }

    /** Asks a real directory and notes what it answers. */
    public static AskedDirectory of(Directory real) {
        return new AskedDirectory(real);
    }

    /** Answers what was noted. */
    static AskedDirectory replaying() {
        return new AskedDirectory(null);
    }

    private Object replay(String method) {
        Answer answer = left.poll();
        if (answer == null || !answer.method().equals(method)) {
            throw new JournalException("control asks the directory for " + method + ", the journal has "
                    + (answer == null ? "no more answers" : answer.method()));
        }
        return answer.value();
    }

    /** @return what control is given. */
    public Directory directory() {
        return directory;
    }

    /** @return what was answered since the last time this was asked. */
    public List<Answer> taken() {
        if (noted.isEmpty()) {
            return List.of();
        }
        List<Answer> answers = List.copyOf(noted);
        noted.clear();
        return answers;
    }

    /** Answers these next. */
    void answers(List<Answer> answers) {
        left.clear();
        left.addAll(answers);
    }
}
