package io.hookswitch.control.codec;

import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlEvent;
import io.hookswitch.control.ControlEvent.Header;
import io.hookswitch.control.ControlEvent.IncomingCall;
import io.hookswitch.control.ControlEvent.Origin;
import io.hookswitch.engine.message.CoreCommand;
import io.hookswitch.engine.message.CoreEvent;
import io.hookswitch.engine.message.Field;
import io.hookswitch.engine.message.MessageFlyweight;
import io.hookswitch.engine.message.PlayFlyweight;
import io.hookswitch.engine.message.PlayResult;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Writes commands into {@code CoreCommand} slots and reads {@code CoreEvent} slots. Stateless; every method may be
 * called for any slot size.
 *
 * <p>A sender asks {@link #fits} before it claims a slot. What does not fit is never cut: {@link #tooLong} turns it
 * into
 * the event that control must hear instead.
 */
public final class CoreCodec {
    /** Status of a branch whose INVITE does not fit a slot (RFC 3261 section 21.5.14). */
    public static final int MESSAGE_TOO_LARGE = 513;

    /** Power of a key, -dBm0: the level of a telephone's own keys. */
    private static final int KEY_VOLUME = 10;

    private static final int FIELD_HEAD = 8;

    private CoreCodec() {}

    /** @return the {@link CoreCommand} constant of a command, to claim a slot with. */
    public static int type(ControlCommand.ForCore command) {
        return switch (command) {
            case ControlCommand.Dial _ -> CoreCommand.DIAL;
            case ControlCommand.Progress _ -> CoreCommand.PROGRESS;
            case ControlCommand.Answer _ -> CoreCommand.ANSWER;
            case ControlCommand.Join _ -> CoreCommand.JOIN;
            case ControlCommand.Part _ -> CoreCommand.PART;
            case ControlCommand.End _ -> CoreCommand.END;
            case ControlCommand.ArmTimer _ -> CoreCommand.ARM_TIMER;
            case ControlCommand.DisarmTimer _ -> CoreCommand.DISARM_TIMER;
            case ControlCommand.SendDigits _ -> CoreCommand.SEND_DIGITS;
            case ControlCommand.Gain _ -> CoreCommand.GAIN;
            case ControlCommand.Tap _ -> CoreCommand.TAP;
            case ControlCommand.Untap _ -> CoreCommand.UNTAP;
            case ControlCommand.ReferResult _ -> CoreCommand.REFER_RESULT;
            case ControlCommand.RequestResult _ -> CoreCommand.REQUEST_RESULT;
            case ControlCommand.Request _ -> CoreCommand.REQUEST;
            case ControlCommand.StartPlayout _ -> CoreCommand.PLAY;
            case ControlCommand.StopPlayout _ -> CoreCommand.STOP_PLAY;
        };
    }

    /**
     * @return whether {@link #encode} can write the command into a slot of this size. Only a Dial and a Request can be
     * too long: the others shed their headers and reason rather than leave a leg as it is.
     */
    public static boolean fits(ControlCommand.ForCore command, int slotBytes) {
        return switch (command) {
            case ControlCommand.Dial dial -> dialLength(dial) <= slotBytes;
            case ControlCommand.Request request -> requestLength(request) <= slotBytes;
            default -> true;
        };
    }

    /** @return what control must be told of a command that does not fit: the branch failed. Empty = nothing. */
    public static Optional<ControlEvent> tooLong(ControlCommand.ForCore command) {
        return switch (command) {
            case ControlCommand.Dial dial ->
                Optional.of(new ControlEvent.DialRefused(
                        dial.reference(), MESSAGE_TOO_LARGE, "INVITE too long for a message slot"));
            case ControlCommand.Request request ->
                Optional.of(new ControlEvent.RequestAnswered(
                        request.reference(), MESSAGE_TOO_LARGE, "request too long for a message slot"));
            default -> Optional.empty();
        };
    }

    /** Writes a command. @return false when it does not fit: the slot then holds nothing to publish. */
    public static boolean encode(ControlCommand.ForCore command, MessageFlyweight slot) {
        slot.begin(type(command));
        return switch (command) {
            case ControlCommand.Dial dial -> encodeDial(dial, slot);
            case ControlCommand.Progress(long leg, int sipStatus, long like, List<Header> headers) -> {
                slot.leg(leg).otherLeg(like).status(sipStatus);
                putWhileTheyFit(slot, headers);
                yield true;
            }
            case ControlCommand.Answer(long leg, long like, List<Header> headers) -> {
                slot.leg(leg).otherLeg(like);
                putWhileTheyFit(slot, headers);
                yield true;
            }
            case ControlCommand.Join(long leg, long otherLeg) -> {
                slot.leg(leg).otherLeg(otherLeg);
                yield true;
            }
            case ControlCommand.Gain(long leg, int decibels) -> encodeStatus(leg, decibels, slot);
            case ControlCommand.ReferResult(long leg, int sipStatus) -> encodeStatus(leg, sipStatus, slot);
            case ControlCommand.RequestResult(long leg, int sipStatus) -> encodeStatus(leg, sipStatus, slot);
            case ControlCommand.Request request -> encodeRequest(request, slot);
            case ControlCommand.Part(long leg) -> ofLeg(slot, leg);
            case ControlCommand.Tap(long leg) -> ofLeg(slot, leg);
            case ControlCommand.Untap(long leg) -> ofLeg(slot, leg);
            case ControlCommand.End(long leg, int sipStatus, String reason, List<Header> headers) -> {
                slot.leg(leg).status(sipStatus);
                // A leg must end: a reason or header that has no room is left out, never the command.
                if (reason != null && !reason.isEmpty()) {
                    slot.put(Field.REASON, reason);
                }
                putWhileTheyFit(slot, headers);
                yield true;
            }
            case ControlCommand.ArmTimer(long call, long timer, long delayNs) -> {
                slot.call(call).reference(timer).durationNs(delayNs);
                yield true;
            }
            case ControlCommand.DisarmTimer(long timer) -> {
                slot.reference(timer);
                yield true;
            }
            case ControlCommand.SendDigits(long leg, long reference, String digits, long keyNs, long pauseNs) -> {
                slot.leg(leg)
                        .reference(reference)
                        .durationNs(keyNs)
                        .status((int) (pauseNs / 1_000_000))
                        .cause(KEY_VOLUME);
                yield slot.put(Field.DIGITS, digits);
            }
            case ControlCommand.StartPlayout play -> encodePlay(play, slot);
            case ControlCommand.StopPlayout(long leg, long play) -> {
                slot.leg(leg).reference(play);
                yield true;
            }
        };
    }

    private static boolean encodeStatus(long leg, int status, MessageFlyweight slot) {
        slot.leg(leg).status(status);
        return true;
    }

    private static boolean encodePlay(ControlCommand.StartPlayout play, MessageFlyweight slot) {
        slot.leg(play.leg()).reference(play.play());
        return new PlayFlyweight()
                .put(
                        slot,
                        play.address(),
                        play.lengthBytes(),
                        play.loops(),
                        play.offsetSamples(),
                        play.track().number(),
                        play.track().gainDb());
    }

    private static boolean ofLeg(MessageFlyweight slot, long leg) {
        slot.leg(leg);
        return true;
    }

    private static boolean encodeDial(ControlCommand.Dial dial, MessageFlyweight slot) {
        slot.call(dial.call()).reference(dial.reference()).otherLeg(dial.like());
        CodecNames.write(dial.codecs(), slot.media());
        boolean fits = put(slot, Field.REQUEST_URI, dial.requestUri())
                && put(slot, Field.NEXT_HOP, dial.nextHop())
                && put(slot, Field.FROM_USER, dial.fromUser())
                && put(slot, Field.FROM_DISPLAY, dial.fromDisplay())
                && put(slot, Field.FROM_HOST, dial.fromHost())
                && put(slot, Field.AUTH_USER, dial.authUser())
                && put(slot, Field.AUTH_PASSWORD, dial.authPassword())
                && put(slot, Field.CONTACT, dial.contact())
                && put(slot, Field.SRTP, srtp(dial));
        for (Header header : dial.headers()) {
            fits = fits && put(slot, Field.HEADER, line(header));
        }
        return fits;
    }

    private static boolean encodeRequest(ControlCommand.Request request, MessageFlyweight slot) {
        slot.leg(request.leg()).reference(request.reference());
        boolean fits = put(slot, Field.METHOD, request.method())
                && put(slot, Field.CONTENT_TYPE, request.contentType())
                && put(slot, Field.BODY, request.contentType() == null ? null : request.body());
        for (Header header : request.headers()) {
            fits = fits && put(slot, Field.HEADER, line(header));
        }
        return fits;
    }

    private static int requestLength(ControlCommand.Request request) {
        int length = MessageFlyweight.FIELDS_OFFSET
                + fieldLength(request.method())
                + fieldLength(request.contentType())
                + fieldLength(request.contentType() == null ? null : request.body());
        for (Header header : request.headers()) {
            length += fieldLength(line(header));
        }
        return length;
    }

    private static int dialLength(ControlCommand.Dial dial) {
        int length = MessageFlyweight.FIELDS_OFFSET
                + fieldLength(dial.requestUri())
                + fieldLength(dial.nextHop())
                + fieldLength(dial.fromUser())
                + fieldLength(dial.fromDisplay())
                + fieldLength(dial.fromHost())
                + fieldLength(dial.authUser())
                + fieldLength(dial.authPassword())
                + fieldLength(dial.contact())
                + fieldLength(srtp(dial));
        for (Header header : dial.headers()) {
            length += fieldLength(line(header));
        }
        return length;
    }

    private static int fieldLength(String value) {
        return value == null ? 0 : FIELD_HEAD + ((value.getBytes(StandardCharsets.UTF_8).length + 3) & ~3);
    }

    private static boolean put(MessageFlyweight slot, int tag, String value) {
        return value == null || slot.put(tag, value);
    }

    private static void putWhileTheyFit(MessageFlyweight slot, List<Header> headers) {
        for (Header header : headers) {
            slot.put(Field.HEADER, line(header));
        }
    }

    private static String line(Header header) {
        return header.name() + ": " + header.value();
    }

    /** Reads an event. @return empty for a type that is not a {@link CoreEvent}. */
    public static Optional<ControlEvent> decode(MessageFlyweight slot) {
        return Optional.ofNullable(
                switch (slot.type()) {
                    case CoreEvent.OFFERED ->
                        new ControlEvent.Offered(
                                slot.leg(), incoming(slot), slot.media().present());
                    case CoreEvent.INVITED ->
                        new ControlEvent.Invited(slot.leg(), slot.reference(), text(slot, Field.CALL_ID));
                    case CoreEvent.DIAL_REFUSED ->
                        new ControlEvent.DialRefused(slot.reference(), slot.status(), text(slot, Field.REASON));
                    case CoreEvent.PROGRESSED ->
                        new ControlEvent.Progressed(
                                slot.leg(),
                                slot.status(),
                                text(slot, Field.REASON),
                                slot.media().present());
                    case CoreEvent.ANSWERED ->
                        new ControlEvent.Answered(slot.leg(), slot.status(), text(slot, Field.REASON));
                    case CoreEvent.ENDED ->
                        new ControlEvent.Ended(
                                slot.leg(), slot.status(), slot.cause(), text(slot, Field.REASON), headers(slot));
                    case CoreEvent.DIGIT ->
                        new ControlEvent.DigitPressed(
                                slot.leg(), (char) slot.cause(), (int) (slot.durationNs() / 1_000_000));
                    case CoreEvent.TIMER_EXPIRED -> new ControlEvent.TimerExpired(slot.reference());
                    case CoreEvent.DIGITS_SENT -> new ControlEvent.DigitsSent(slot.reference(), slot.status() == 0);
                    case CoreEvent.PLAYED -> played(slot);
                    case CoreEvent.REFERRED -> new ControlEvent.Referred(slot.leg(), headers(slot));
                    case CoreEvent.REQUESTED ->
                        new ControlEvent.Requested(
                                slot.leg(), text(slot, Field.METHOD), headers(slot), text(slot, Field.BODY));
                    case CoreEvent.REQUEST_ANSWERED ->
                        new ControlEvent.RequestAnswered(slot.reference(), slot.status(), text(slot, Field.REASON));
                    case CoreEvent.HELD -> new ControlEvent.Held(slot.leg(), slot.status() == 1);
                    case CoreEvent.REFUSED -> refused(slot);
                    default -> null;
                });
    }

    private static ControlEvent played(MessageFlyweight slot) {
        ControlEvent.PlayResult result =
                switch (slot.cause()) {
                    case PlayResult.COMPLETED -> ControlEvent.PlayResult.COMPLETED;
                    case PlayResult.STOPPED -> ControlEvent.PlayResult.STOPPED;
                    default -> ControlEvent.PlayResult.FAILED;
                };
        String detail = result == ControlEvent.PlayResult.FAILED ? "the leg cannot be played to" : "";
        return new ControlEvent.Played(slot.reference(), result, slot.durationNs() / 1_000_000, slot.status(), detail);
    }

    /** A timer that found no room expires at once: whoever waits for it, for keys or audio, must not. */
    private static ControlEvent refused(MessageFlyweight slot) {
        return switch (slot.status()) {
            case CoreCommand.ARM_TIMER -> new ControlEvent.TimerExpired(slot.reference());
            case CoreCommand.SEND_DIGITS -> new ControlEvent.DigitsSent(slot.reference(), false);
            case CoreCommand.PLAY ->
                new ControlEvent.Played(
                        slot.reference(), ControlEvent.PlayResult.FAILED, 0, 0, "the core refused to play");
            default -> new ControlEvent.CommandRefused(slot.leg(), slot.status());
        };
    }

    private static IncomingCall incoming(MessageFlyweight slot) {
        return new IncomingCall(
                text(slot, Field.CALL_ID),
                text(slot, Field.FROM_USER),
                text(slot, Field.FROM_DISPLAY),
                text(slot, Field.FROM_HOST),
                text(slot, Field.TO_USER),
                text(slot, Field.REQUEST_URI),
                text(slot, Field.SOURCE),
                text(slot, Field.LOCAL),
                origin(text(slot, Field.ORIGIN)),
                headers(slot),
                text(slot, Field.RAW),
                text(slot, Field.BODY));
    }

    /** {@code carrier:<account>:<name>} or {@code user:<account>:<user>@<realm>}; a name may hold colons. */
    private static Origin origin(String text) {
        String[] parts = text.split(":", 3);
        String account = parts.length > 1 ? parts[1] : "";
        String name = parts.length > 2 ? parts[2] : "";
        return parts[0].equals("user") ? new Origin.User(account, name) : new Origin.Carrier(account, name);
    }

    private static String text(MessageFlyweight slot, int tag) {
        String text = slot.text(tag);
        return text == null ? "" : text;
    }

    private static List<Header> headers(MessageFlyweight slot) {
        List<Header> headers = new ArrayList<>();
        for (int field = slot.firstField(); field >= 0; field = slot.nextField(field)) {
            if (slot.fieldTag(field) == Field.HEADER) {
                String line = slot.fieldText(field);
                int colon = line.indexOf(':');
                if (colon > 0) {
                    headers.add(new Header(
                            line.substring(0, colon).strip(),
                            line.substring(colon + 1).strip()));
                }
            }
        }
        return List.copyOf(headers);
    }

    /** @return as {@link Field#SRTP} has it. */
    private static String srtp(ControlCommand.Dial dial) {
        return switch (dial.srtp()) {
            case NONE -> null;
            case SDES -> Field.SDES;
            case SDES_WITH_ICE -> Field.SDES_WITH_ICE;
        };
    }
}
