package io.hookswitch.control.call;

import io.hookswitch.control.verb.Verb;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Which targets of a dial ring when. Targets form groups, one after the other; within a group each has its time. Nobody
 * is waited for in vain: when all that ring have failed, what is next starts at once.
 */
final class Hunt {
    /** How long a target rings at most when another group stands behind its own. */
    private static final long USUAL_RING_NS = 20_000_000_000L;
    /** From one target to the next when they are staggered. */
    private static final long USUAL_STAGGER_NS = 5_000_000_000L;

    private static final long NS_PER_MS = 1_000_000;

    private final Fork fork;
    private final Desk desk;
    private final ArrayDeque<List<Child>> groups = new ArrayDeque<>();
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private List<Child> current = List.of();
    private boolean stopped;

    /** A target whose time has not come. */
    private record Waiting(Child child, long atNs, long timer) {}

    Hunt(Fork fork, List<Child> children) {
        this.fork = fork;
        desk = fork.call().desk();
        groups.addAll(grouped(fork.verb().order(), children));
    }

    /** A sequential target that names no group is one of its own. */
    private static List<List<Child>> grouped(Verb.Order order, List<Child> children) {
        List<List<Child>> groups = new ArrayList<>();
        List<Integer> numbers = new ArrayList<>();
        for (Child child : children) {
            int named = child.ring().group();
            int at = named < 0 && order == Verb.Order.SEQUENTIAL ? -1 : numbers.indexOf(named);
            if (at < 0) {
                numbers.add(named);
                groups.add(new ArrayList<>(List.of(child)));
            } else {
                groups.get(at).add(child);
            }
        }
        if (order != Verb.Order.SEQUENTIAL) {
            // Groups that are named are tried in the order of their numbers, whoever stands first in the document.
            groups.sort(Comparator.comparingInt(group -> group.getFirst().ring().group()));
        }
        return groups;
    }

    void begin() {
        next();
    }

    private void next() {
        current = groups.poll();
        boolean staggered = fork.verb().order() == Verb.Order.STAGGERED;
        long behindNs = 0;
        List<Child> atOnce = new ArrayList<>();
        for (Child child : current) {
            long ownNs = child.ring().delayNs();
            if (!staggered) {
                behindNs = Math.max(0, ownNs);
            } else if (child != current.getFirst()) {
                behindNs += ownNs < 0 ? USUAL_STAGGER_NS : ownNs;
            }
            if (behindNs == 0) {
                atOnce.add(child);
            } else {
                await(child, behindNs);
            }
        }
        atOnce.forEach(this::ring);
    }

    private void await(Child child, long delayNs) {
        long timer = desk.arm(fork.call().number(), delayNs, () -> {
            waiting.removeIf(one -> one.child() == child);
            ring(child);
        });
        waiting.add(new Waiting(child, desk.nowNs() + delayNs, timer));
    }

    /** Takes the target whose time comes next out of those that wait. */
    private Child skip() {
        Waiting first =
                waiting.stream().min(Comparator.comparingLong(Waiting::atNs)).orElseThrow();
        waiting.remove(first);
        desk.disarm(first.timer());
        return first.child();
    }

    private void ring(Child child) {
        long limitNs = child.ring().timeoutNs();
        if (limitNs == 0 && !groups.isEmpty()) {
            limitNs = USUAL_RING_NS;
        }
        child.begin();
        if (limitNs > 0) {
            long withinMs = limitNs / NS_PER_MS;
            child.ringTimer(desk.arm(fork.call().number(), limitNs, () -> fork.onRungOut(child, withinMs)));
        }
    }

    /** A target is over without having won. Starts what is next, if nobody is left that may still win. */
    void onOver() {
        while (!stopped && current.stream().allMatch(child -> child.isOver() || !child.begun())) {
            if (!waiting.isEmpty()) {
                fork.explain("nobody rings any more: the next target at once");
                ring(skip());
            } else if (!groups.isEmpty()) {
                fork.explain("nobody of this group answered: the next group");
                next();
            } else {
                return;
            }
        }
    }

    /** @return whether every target is over, or will not be rung any more. */
    boolean isOver() {
        return (stopped || waiting.isEmpty() && groups.isEmpty())
                && current.stream().allMatch(child -> child.isOver() || !child.begun());
    }

    /** No target is rung any more. */
    void stop() {
        stopped = true;
        waiting.forEach(one -> desk.disarm(one.timer()));
        waiting.clear();
        groups.clear();
    }
}
