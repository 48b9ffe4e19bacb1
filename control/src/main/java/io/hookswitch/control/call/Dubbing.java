package io.hookswitch.control.call;

import io.hookswitch.control.ControlCommand.Track;
import io.hookswitch.control.ControlCommand.Voice;
import io.hookswitch.control.ControlEvent.PlayResult;
import io.hookswitch.control.ControlEvent.Played;
import io.hookswitch.control.verb.Verb;
import java.util.Map;
import java.util.TreeMap;

/**
 * The tracks that are mixed into what one leg hears: their names, and what plays on each. They belong to the leg and
 * not to an application: they go on until they are over, ended by name, or the leg is gone.
 */
final class Dubbing {
    /** Most tracks of a leg. */
    private static final int MOST = 2;

    private static final int ONCE = 1;
    private static final int FOR_EVER = 0;

    /** Tracks by name. */
    private final Map<String, One> tracks = new TreeMap<>();

    /** One track; {@code play} 0 = nothing is on it. */
    private static final class One {
        private final int number;
        private long play;

        private One(int number) {
            this.number = number;
        }
    }

    /**
     * Changes a track.
     *
     * @param voice whose voice speaks where the verb names none, null = the account's
     * @return why it cannot be done, null = it is
     */
    String apply(Verb.Dub dub, Call.LegParty party, String base, Voice voice) {
        One track = tracks.get(dub.track());
        if (dub.action() == Verb.DubAction.ADD) {
            if (track == null && tracks.size() == MOST) {
                return "the leg has " + MOST + " tracks already";
            }
            if (track == null) {
                track = new One(freeNumber());
                tracks.put(dub.track(), track);
            }
        } else if (track == null) {
            return "the leg has no such track";
        }
        party.call().desk().explain(party.leg().callSid(), "track " + track.number + ": " + inWords(dub));
        if (dub.action() == Verb.DubAction.REMOVE) {
            tracks.remove(dub.track());
        }
        boolean isGiven = dub.play() != null || dub.say() != null;
        if (isGiven && dub.action() != Verb.DubAction.REMOVE && dub.action() != Verb.DubAction.SILENCE) {
            put(track, dub, party, base, voice);
        } else if (dub.action() != Verb.DubAction.ADD) {
            end(track, party);
        }
        return null;
    }

    private static String inWords(Verb.Dub dub) {
        return switch (dub.action()) {
            case ADD -> "added";
            case REMOVE -> "removed";
            case SILENCE -> "silenced";
            case PLAY -> "a file is played";
            case SAY -> "words are spoken";
        };
    }

    private int freeNumber() {
        return tracks.values().stream().anyMatch(track -> track.number == 1) ? 2 : 1;
    }

    /** The new one takes the old one's place where both are mixed; the old one's end means nothing any more. */
    private static void put(One track, Verb.Dub dub, Call.LegParty party, String base, Voice voice) {
        Desk desk = party.call().desk();
        end(track, party);
        Track where = new Track(track.number, dub.gainDb());
        int loops = dub.loop() ? FOR_EVER : ONCE;
        long[] number = new long[1];
        number[0] = dub.play() != null
                ? desk.play(party, base, dub.play(), loops, where, played -> onPlayed(track, number[0], played, party))
                : desk.speak(
                        party,
                        dub.say().texts(),
                        dub.say().voice() == null ? voice : dub.say().voice(),
                        loops,
                        where,
                        played -> onPlayed(track, number[0], played, party));
        track.play = number[0];
    }

    private static void end(One track, Call.LegParty party) {
        if (track.play != 0) {
            party.call().desk().stopPlay(party.handle(), track.play);
            track.play = 0;
        }
    }

    private static void onPlayed(One track, long play, Played played, Call.LegParty party) {
        if (track.play != play) {
            return;
        }
        track.play = 0;
        if (played.result() == PlayResult.FAILED) {
            party.call().alert("play-url-notfound", "a track could not be played: " + played.detail());
            party.call().desk().explain(party.leg().callSid(), "track " + track.number + ": failed");
        }
    }
}
