package io.hookswitch.server.agent;

import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlCommand.Track;
import io.hookswitch.control.ControlEvent.PlayResult;
import io.hookswitch.control.ControlEvent.Played;
import io.hookswitch.server.audio.Audio;
import io.hookswitch.server.audio.AudioOutcome;
import io.hookswitch.server.audio.AudioOutcome.Ready;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.agrona.collections.Long2ObjectHashMap;

/**
 * What becomes of control's Play and Speak commands: each file is got ready, given to the leg's core and, once the core
 * is through
 * with it, followed by the next one. Whatever happens, control hears the end of each playing exactly once, and a
 * recording is held as long as a core reads it. Control thread only.
 */
final class Playouts {
    private static final int SAMPLES_PER_MS = 8;

    /** Gets a file ready; calls back on the control thread, later. */
    @FunctionalInterface
    interface Opener {
        /** Exactly one outcome comes. @param file place in the order's list */
        void open(int file, Consumer<AudioOutcome> done);
    }

    /**
     * What is to be played.
     *
     * @param play control's number
     * @param files how many there are, one after the other
     * @param loops times that all of them are played, 0 = for ever
     * @param offsetSamples left out at the beginning, 8 kHz
     * @param track where the leg hears it
     */
    record Order(long leg, long play, int files, int loops, long offsetSamples, Track track) {}

    /** One order: its files, how far it is, and what was heard of it. */
    private static final class Playout {
        private final Order order;
        private final Opener opener;
        /** Null = not asked for yet, or asked for and not there yet. */
        private final AudioOutcome[] files;

        private int asked;
        private int file;
        private int round;
        /** A core has a part of it and will say when it is through. */
        private boolean isInCore;

        private boolean isStopped;
        /** Samples still to be left out at the beginning. */
        private long skip;
        /** Where in the present file the core has begun. */
        private long begunAt;
        /** Samples of this round's files before the present one. */
        private long before;

        private long playedMs;
        private long lastOffset;

        private Playout(Order order, Opener opener) {
            this.order = order;
            this.opener = opener;
            files = new AudioOutcome[order.files()];
            skip = Math.max(order.offsetSamples(), 0);
        }
    }

    private final Consumer<ControlCommand.ForCore> cores;
    private final Consumer<Played> ended;
    private final Long2ObjectHashMap<Playout> playouts = new Long2ObjectHashMap<>();
    private final Long2ObjectHashMap<List<Playout>> byLeg = new Long2ObjectHashMap<>();

    /**
     * @param cores takes commands for cores
     * @param ended told of every playing that is over
     */
    Playouts(Consumer<ControlCommand.ForCore> cores, Consumer<Played> ended) {
        this.cores = cores;
        this.ended = ended;
    }

    /** @return playings that are not over. */
    int size() {
        return playouts.size();
    }

    /** Begins a playing. */
    void play(Order order, Opener opener) {
        Playout playout = new Playout(order, opener);
        playouts.put(order.play(), playout);
        byLeg.computeIfAbsent(order.leg(), _ -> new ArrayList<>(1)).add(playout);
        if (playout.files.length == 0) {
            end(playout, PlayResult.FAILED, "nothing to play");
            return;
        }
        ask(playout, 0);
    }

    /** Stops a playing; one that is over is no matter. */
    void stop(long play) {
        Playout playout = playouts.get(play);
        if (playout != null) {
            stop(playout, true);
        }
    }

    /** A leg is over, and with it what is played to it: its core ends by itself what it plays, and says so. */
    void onLegOver(long leg) {
        List<Playout> all = byLeg.get(leg);
        if (all != null) {
            List.copyOf(all).forEach(playout -> stop(playout, false));
        }
    }

    private void stop(Playout playout, boolean isLegThere) {
        if (!playout.isInCore) {
            end(playout, PlayResult.STOPPED, "");
        } else if (!playout.isStopped) {
            playout.isStopped = true;
            if (isLegThere) {
                cores.accept(new ControlCommand.StopPlayout(playout.order.leg(), playout.order.play()));
            }
        }
    }

    private void ask(Playout playout, int file) {
        playout.asked = file + 1;
        playout.opener.open(file, outcome -> onOpened(playout, file, outcome));
    }

    private void onOpened(Playout playout, int file, AudioOutcome outcome) {
        if (playouts.get(playout.order.play()) != playout) {
            release(outcome);
            return;
        }
        playout.files[file] = outcome;
        if (!playout.isInCore && playout.file == file) {
            begin(playout);
        }
    }

    /** Gives the present file to the core, if it is there; else waits for it. */
    private void begin(Playout playout) {
        AudioOutcome present = playout.files[playout.file];
        if (present == null && playout.asked <= playout.file) {
            ask(playout, playout.file);
        }
        switch (present) {
            case null -> {}
            case AudioOutcome.Failed(String detail) -> end(playout, PlayResult.FAILED, detail);
            case Ready(Audio audio, int times) -> {
                long length = audio.samples() * times;
                if (playout.skip >= length) {
                    playout.skip -= length;
                    playout.lastOffset = playout.before + length;
                    next(playout);
                } else {
                    give(playout, audio, times);
                }
            }
        }
    }

    private void give(Playout playout, Audio audio, int times) {
        Order order = playout.order;
        // One file alone goes round in the core, without a seam; of several each is given when its turn comes.
        int rounds = playout.files.length > 1 ? 1 : order.loops() == 0 ? 0 : order.loops() - playout.round;
        long skipped = playout.skip / audio.samples();
        long loops = rounds == 0 ? 0 : (long) rounds * times - skipped;
        playout.begunAt = playout.skip;
        playout.skip = 0;
        playout.isInCore = true;
        cores.accept(new ControlCommand.StartPlayout(
                order.leg(),
                order.play(),
                audio.address(),
                audio.lengthBytes(),
                (int) Math.min(loops, Integer.MAX_VALUE),
                playout.begunAt % audio.samples(),
                order.track()));
        int following = playout.file + 1;
        if (following < playout.files.length && playout.asked == following) {
            ask(playout, following);
        }
    }

    /**
     * A core is through with what it was given.
     *
     * @param part how that ended, what was heard of it, and how far it came
     */
    void onCorePlayed(Played part) {
        Playout playout = playouts.get(part.play());
        if (playout == null || !playout.isInCore) {
            return;
        }
        playout.isInCore = false;
        playout.playedMs += part.playedMs();
        playout.lastOffset = playout.before + offset(playout, part);
        if (playout.isStopped || part.result() == PlayResult.STOPPED) {
            end(playout, PlayResult.STOPPED, "");
        } else if (part.result() == PlayResult.FAILED || playout.files.length == 1) {
            end(playout, part.result(), part.detail());
        } else {
            next(playout);
        }
    }

    /** What is played several times for once to be heard has an offset that the core does not know. */
    private static long offset(Playout playout, Played part) {
        if (playout.files[playout.file] instanceof Ready(Audio audio, int times) && times > 1) {
            long length = audio.samples() * times;
            long heard = playout.begunAt + part.playedMs() * SAMPLES_PER_MS;
            return heard == 0 ? 0 : (heard - 1) % length + 1;
        }
        return part.lastOffset();
    }

    private void next(Playout playout) {
        AudioOutcome present = playout.files[playout.file];
        if (present instanceof Ready(Audio audio, int times)) {
            playout.before += audio.samples() * times;
        }
        playout.file++;
        if (playout.file == playout.files.length) {
            playout.file = 0;
            playout.before = 0;
            playout.round++;
        }
        if (playout.order.loops() != 0 && playout.round == playout.order.loops()) {
            end(playout, PlayResult.COMPLETED, "");
        } else {
            begin(playout);
        }
    }

    private void end(Playout playout, PlayResult result, String detail) {
        long play = playout.order.play();
        playouts.remove(play);
        List<Playout> ofLeg = byLeg.get(playout.order.leg());
        ofLeg.remove(playout);
        if (ofLeg.isEmpty()) {
            byLeg.remove(playout.order.leg());
        }
        for (AudioOutcome file : playout.files) {
            release(file);
        }
        ended.accept(new Played(play, result, playout.playedMs, playout.lastOffset, detail));
    }

    private static void release(AudioOutcome file) {
        if (file instanceof Ready ready) {
            ready.audio().release();
        }
    }
}
