package io.hookswitch.server.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlEvent.PlayResult;
import io.hookswitch.control.ControlEvent.Played;
import io.hookswitch.server.audio.AudioFixture;
import io.hookswitch.server.audio.AudioOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Files in turn, and one end of each playing whatever comes between. */
class PlayoutsTest {
    private static final long LEG = 7;
    private static final ControlCommand.Track TRACK = new ControlCommand.Track(1, 3);

    private final List<Consumer<AudioOutcome>> asked = new ArrayList<>();
    private final List<ControlCommand.ForCore> toCore = new ArrayList<>();
    private final List<Played> ended = new ArrayList<>();
    private final AudioFixture audio = new AudioFixture();
    private final Playouts playouts = new Playouts(toCore::add, ended::add);

    private void play(int files, int loops, long offset) {
        playouts.play(new Playouts.Order(LEG, 1, files, loops, offset, TRACK), (_, done) -> asked.add(done));
    }

    private void ready(int which, long samples) {
        asked.get(which).accept(audio.ready(samples, 1));
    }

    private ControlCommand.StartPlayout started(int which) {
        return (ControlCommand.StartPlayout) toCore.get(which);
    }

    private void through(PlayResult result, long ms, long offset) {
        playouts.onCorePlayed(new Played(1, result, ms, offset));
    }

    @Test
    void shouldLetTheCoreGoRoundWhenThereIsOneFile() {
        play(1, 3, 800);
        ready(0, 16_000);

        assertThat(toCore).hasSize(1);
        assertThat(started(0).loops()).isEqualTo(3);
        assertThat(started(0).offsetSamples()).isEqualTo(800);
        assertThat(started(0).track()).isEqualTo(TRACK);
        assertThat(audio.inUse()).isEqualTo(1);
        through(PlayResult.COMPLETED, 5900, 16_000);

        assertThat(ended).containsExactly(new Played(1, PlayResult.COMPLETED, 5900, 16_000));
        assertThat(audio.inUse()).isZero();
        assertThat(playouts.size()).isZero();
    }

    @Test
    void shouldPlayOneBehindTheOtherWhenThereAreSeveral() {
        play(2, 2, 0);
        ready(0, 8000);
        assertThat(asked).hasSize(2);
        ready(1, 800);
        for (int i = 0; i < 4; i++) {
            assertThat(toCore).hasSize(i + 1);
            assertThat(started(i).loops()).isEqualTo(1);
            assertThat(ended).isEmpty();
            boolean isLong = i % 2 == 0;
            through(PlayResult.COMPLETED, isLong ? 1000 : 100, isLong ? 8000 : 800);
        }

        assertThat(started(0).address())
                .isEqualTo(started(2).address())
                .isNotEqualTo(started(1).address());
        assertThat(ended).containsExactly(new Played(1, PlayResult.COMPLETED, 2200, 8800));
        assertThat(audio.inUse()).isZero();
    }

    @Test
    void shouldWaitForAFileWhenTheOneBeforeEndsFirst() {
        play(2, 1, 0);
        ready(0, 8000);
        through(PlayResult.COMPLETED, 1000, 8000);
        assertThat(toCore).hasSize(1);
        assertThat(ended).isEmpty();

        ready(1, 800);
        assertThat(toCore).hasSize(2);
        through(PlayResult.COMPLETED, 100, 800);
        assertThat(ended).containsExactly(new Played(1, PlayResult.COMPLETED, 1100, 8800));
    }

    @Test
    void shouldLeaveWholeFilesOutWhenTheOffsetIsBehindThem() {
        play(2, 1, 8100);
        ready(0, 8000);
        assertThat(toCore).isEmpty();
        ready(1, 800);

        assertThat(started(0).offsetSamples()).isEqualTo(100);
        through(PlayResult.STOPPED, 50, 500);
        assertThat(ended).containsExactly(new Played(1, PlayResult.STOPPED, 50, 8500));
    }

    @Test
    void shouldEndWithNothingHeardWhenTheOffsetIsBehindEverything() {
        play(1, 1, 8000);
        ready(0, 8000);

        assertThat(toCore).isEmpty();
        assertThat(ended).containsExactly(new Played(1, PlayResult.COMPLETED, 0, 8000));
        assertThat(audio.inUse()).isZero();
    }

    @Test
    void shouldFailWhenAFilesTurnComesThatCannotBePlayed() {
        play(2, 0, 0);
        ready(0, 8000);
        asked.get(1).accept(new AudioOutcome.Failed("HTTP status 404"));
        assertThat(ended).isEmpty();
        through(PlayResult.COMPLETED, 1000, 8000);

        assertThat(ended).containsExactly(new Played(1, PlayResult.FAILED, 1000, 8000, "HTTP status 404"));
        assertThat(audio.inUse()).isZero();
    }

    @Test
    void shouldEndAtOnceAndLetGoOfTheFileWhenStoppedBeforeItIsThere() {
        play(1, 1, 0);
        playouts.stop(1);
        assertThat(ended).containsExactly(new Played(1, PlayResult.STOPPED, 0, 0));

        ready(0, 8000);
        assertThat(toCore).isEmpty();
        assertThat(audio.inUse()).isZero();
        playouts.stop(1);
        assertThat(ended).hasSize(1);
    }

    @Test
    void shouldHoldTheRecordingUntilTheCoreIsThroughWhenStopped() {
        play(1, 0, 0);
        ready(0, 8000);
        playouts.stop(1);
        playouts.stop(1);

        assertThat(toCore).hasSize(2).last().isEqualTo(new ControlCommand.StopPlayout(LEG, 1));
        assertThat(ended).isEmpty();
        assertThat(audio.inUse()).isEqualTo(1);
        // It had come to its end just before.
        through(PlayResult.COMPLETED, 1000, 8000);
        assertThat(ended).containsExactly(new Played(1, PlayResult.STOPPED, 1000, 8000));
        assertThat(audio.inUse()).isZero();
    }

    @Test
    void shouldSendTheCoreNothingMoreWhenTheLegIsOver() {
        play(1, 0, 0);
        ready(0, 8000);
        playouts.onLegOver(LEG);
        playouts.onLegOver(LEG + 1);

        assertThat(toCore).hasSize(1);
        assertThat(audio.inUse()).isEqualTo(1);
        through(PlayResult.FAILED, 0, 0);
        assertThat(ended).containsExactly(new Played(1, PlayResult.STOPPED, 0, 0));
    }

    @Test
    void shouldRepeatTheFrameWhenSilenceIsPlayed() {
        play(1, 2, 480);
        asked.get(0).accept(audio.ready(160, 50));

        // 1 s twice, without the first 60 ms.
        assertThat(started(0).loops()).isEqualTo(97);
        assertThat(started(0).offsetSamples()).isZero();
        through(PlayResult.STOPPED, 1000, 160);
        assertThat(ended).containsExactly(new Played(1, PlayResult.STOPPED, 1000, 480));
    }

    @Test
    void shouldGoOnForEverWhenFilesAreToBePlayedForEver() {
        play(2, 0, 0);
        ready(0, 80);
        ready(1, 80);
        for (int i = 0; i < 1000; i++) {
            through(PlayResult.COMPLETED, 10, 80);
        }
        assertThat(toCore).hasSize(1001);
        assertThat(ended).isEmpty();
    }

    @Test
    void shouldEndEachPlayingOnceAndLetGoOfAllWhenThingsHappenInAnyOrder() {
        Random random = new Random(4);
        for (int round = 0; round < 2000; round++) {
            explore(random);
        }
    }

    private void explore(Random random) {
        List<Consumer<AudioOutcome>> waiting = new ArrayList<>();
        List<Long> inCore = new ArrayList<>();
        int[] ends = new int[4];
        Playouts all = new Playouts(
                command -> {
                    if (command instanceof ControlCommand.StartPlayout start) {
                        inCore.add(start.play());
                    }
                },
                played -> ends[(int) played.play()]++);
        int plays = 0;
        for (int step = 0; step < 40 || !waiting.isEmpty() || !inCore.isEmpty(); step++) {
            boolean isClosing = step >= 40;
            int what = isClosing ? 2 + random.nextInt(2) : random.nextInt(5);
            if (what == 0 && plays < 4) {
                int files = 1 + random.nextInt(3);
                all.play(
                        new Playouts.Order(plays % 2, plays++, files, random.nextInt(3), random.nextInt(400), TRACK),
                        (_, done) -> waiting.add(done));
            } else if (what == 1) {
                all.stop(random.nextInt(4));
            } else if (what == 2 && !waiting.isEmpty()) {
                waiting.remove(random.nextInt(waiting.size()))
                        .accept(
                                random.nextInt(4) == 0
                                        ? new AudioOutcome.Failed("no")
                                        : audio.ready(160, 1 + random.nextInt(2)));
            } else if (what == 3 && !inCore.isEmpty()) {
                long play = inCore.remove(random.nextInt(inCore.size()));
                all.onCorePlayed(new Played(play, PlayResult.values()[random.nextInt(3)], 20, 160));
            } else if (what == 4 && random.nextInt(4) == 0) {
                all.onLegOver(random.nextInt(2));
            }
            if (isClosing) {
                all.onLegOver(0);
                all.onLegOver(1);
            }
        }
        all.onLegOver(0);
        all.onLegOver(1);
        for (int play = 0; play < plays; play++) {
            assertThat(ends[play]).isEqualTo(1);
        }
        assertThat(all.size()).isZero();
        assertThat(audio.inUse()).isZero();
    }
}
