package io.hookswitch.systemtests.farend;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/** One call as a far end sees it, placed or taken; all state under the far end's monitor. */
public final class FarCall {
    private final FarEnd far;
    private final Invite invite;
    private final Script script;
    private final String callId;
    private final String localTag = FarEnd.token();
    private RtpEnd media;
    private InetSocketAddress peer;
    private String localParty;
    private String remoteParty;
    private String remoteTarget;
    private int cseq = 1;
    private SipMessage request;
    private SipMessage sentInvite;
    private String direction = "sendrecv";
    private Sdp remote;
    private int status;
    private boolean acknowledged;
    private boolean authTried;
    private boolean byeSent;
    private boolean byePending;
    private boolean byeReceived;
    private int sdpVersion = 1;
    /** The only payload type it takes, -1 = what the far side offers. */
    private int codec = -1;

    private Challenge challenge;
    private Challenge byeChallenge;

    private FarCall(FarEnd far, Invite invite, Script script, String callId) {
        this.far = far;
        this.invite = invite;
        this.script = script;
        this.callId = callId;
    }

    static FarCall outbound(FarEnd far, Invite invite) {
        FarCall call = new FarCall(far, invite, null, FarEnd.token() + "@" + far.host());
        String host = invite.fromHost == null ? far.host() + ":" + far.address().getPort() : invite.fromHost;
        String display = invite.display.isEmpty() ? "" : "\"" + invite.display + "\" ";
        call.localParty = display + "<sip:" + invite.fromUser + "@" + host + ">;tag=" + call.localTag;
        call.remoteParty = "<" + invite.uri + ">";
        call.remoteTarget = invite.uri;
        call.peer = invite.nextHop;
        call.media = far.openMedia(invite.speaks);
        call.media.guard(invite.guard);
        return call;
    }

    static FarCall inbound(FarEnd far, SipMessage request, InetSocketAddress peer, Script script) {
        FarCall call = new FarCall(far, null, script, request.callId());
        call.peer = peer;
        call.media = far.openMedia(true);
        call.codec = script.codec();
        call.challenge = new Challenge(script.user(), script.password(), far.staleNonces());
        return call;
    }

    /** @return its Call-ID. */
    public String callId() {
        return callId;
    }

    /** @return its INVITE: the newest one when it was challenged. */
    public SipMessage invite() {
        synchronized (far.monitor) {
            return request;
        }
    }

    /** @return its media half. */
    public RtpEnd media() {
        return media;
    }

    /** @return what the far side last said about its media, null before. */
    public Sdp remote() {
        synchronized (far.monitor) {
            return remote;
        }
    }

    /** @return its messages in order. */
    public List<SipEntry> log() {
        return far.log().stream()
                .filter(entry -> entry.message().callId().equals(callId))
                .toList();
    }

    /** @return how many requests with a method came in, repeats not counted. */
    public long received(String method) {
        return log().stream().filter(entry -> entry.isReceived(method)).count();
    }

    /** @return how many responses with a status to the INVITE came in, repeats not counted. */
    public long received(int wanted) {
        return log().stream()
                .filter(entry -> entry.isReceived(wanted, "INVITE"))
                .count();
    }

    /** Waits for a request of this call. */
    public SipEntry awaitReceived(String method) {
        return awaitReceived(method, FarEnd.PATIENCE);
    }

    /** Waits for a request of this call. */
    public SipEntry awaitReceived(String method, Duration patience) {
        return far.await(patience, method + " in " + callId, () -> first(entry -> entry.isReceived(method)));
    }

    /** Waits for a response to the INVITE with this status. */
    public SipEntry awaitStatus(int wanted) {
        return awaitStatus(wanted, FarEnd.PATIENCE);
    }

    /** Waits for a response to the INVITE with this status. */
    public SipEntry awaitStatus(int wanted, Duration patience) {
        return far.await(patience, wanted + " in " + callId, () -> first(entry -> entry.isReceived(wanted, "INVITE")));
    }

    /** Waits until the INVITE has its final answer, whatever it is. @return its status. */
    public int awaitFinal() {
        return far.await(FarEnd.PATIENCE, "a final answer in " + callId, () -> status >= 200 ? status : null);
    }

    /** Waits until it is connected: answered and acknowledged. */
    public FarCall awaitConnected() {
        return far.await(FarEnd.PATIENCE, "the connection of " + callId, () -> isConnected() ? this : null);
    }

    /** Waits until it is over: BYE either way, or a failure. */
    public FarCall awaitEnded() {
        return awaitEnded(FarEnd.PATIENCE);
    }

    /** Waits until it is over: BYE either way, or a failure. */
    public FarCall awaitEnded(Duration patience) {
        return far.await(patience, "the end of " + callId, () -> isEnded() ? this : null);
    }

    /** Waits until its socket hears that tone. */
    public void awaitTone(double hz) {
        awaitMedia(hz + " Hz", () -> media.hears(hz));
    }

    /** Waits until its socket has heard exactly those keys since the call began. */
    public void awaitKeys(String keys) {
        awaitMedia("keys " + keys, () -> media.heard().keys().equals(keys));
    }

    /** Waits until its socket has heard that many packets. */
    public void awaitPackets(long packets) {
        awaitMedia(packets + " packets", () -> media.heard().packets() >= packets);
    }

    private void awaitMedia(String what, BooleanSupplier heard) {
        long endNs = System.nanoTime() + FarEnd.PATIENCE.toNanos();
        while (!heard.getAsBoolean()) {
            if (System.nanoTime() > endNs) {
                throw new AssertionError(far.name() + " never heard " + what + ": " + media.heard()
                        + "; its signalling:\n" + far.describeLog());
            }
            far.pause(10);
        }
    }

    /** @return whether it is answered, acknowledged and not over. */
    public boolean isConnected() {
        synchronized (far.monitor) {
            return status / 100 == 2 && acknowledged && !byeSent && !byeReceived;
        }
    }

    /** @return whether it is over. */
    public boolean isEnded() {
        synchronized (far.monitor) {
            return status >= 300 && acknowledged || byeReceived || byeSent && !byePending;
        }
    }

    private SipEntry first(Predicate<SipEntry> wanted) {
        return far.log().stream()
                .filter(entry -> entry.message().callId().equals(callId))
                .filter(wanted)
                .findFirst()
                .orElse(null);
    }

    // What a person does.

    /** Hangs up a connected call; {@code fields} are added to the BYE. */
    public void bye(SipMessage.Field... fields) {
        synchronized (far.monitor) {
            if (byeSent || byeReceived || status / 100 != 2) {
                return;
            }
            byeSent = true;
            byePending = true;
            far.ask(
                    inDialog("BYE", ++cseq).addAll(List.of(fields)).done(),
                    peer,
                    answer -> byePending = answer.status() < 200);
            releaseMedia();
        }
    }

    /** Gives up a call that was not answered. */
    public void cancel() {
        synchronized (far.monitor) {
            far.ask(Answers.cancel(request), peer, _ -> {});
        }
    }

    /** Tells of a key in an INFO (application/dtmf-relay). */
    public void info(char key, int durationMs) {
        synchronized (far.monitor) {
            String body = "Signal=" + key + "\r\nDuration=" + durationMs + "\r\n";
            far.ask(
                    inDialog("INFO", ++cseq)
                            .body("application/dtmf-relay", body)
                            .done(),
                    peer,
                    _ -> {});
        }
    }

    /** Offers media again with another direction (hold, unhold). @return the final response. */
    public SipMessage reinvite(String newDirection) {
        SipMessage offer;
        synchronized (far.monitor) {
            direction = newDirection;
            acknowledged = false;
            offer = inDialog("INVITE", ++cseq).sdp(local(remote.codecs())).done();
            sentInvite = offer;
            far.ask(offer, peer, _ -> {});
        }
        SipEntry answer = far.await(
                FarEnd.PATIENCE,
                "an answer to the re-INVITE of " + callId,
                () -> first(entry -> !entry.sent()
                        && entry.message().status() >= 200
                        && entry.message().cseqMethod().equals("INVITE")
                        && entry.message().cseq() == offer.cseq()));
        return answer.message();
    }

    /** Sends another provisional of a call that rings here. */
    public void ring(int code, boolean withMedia) {
        synchronized (far.monitor) {
            ring(new Script(code, 0, withMedia, false, -1, 0, false, -1, null, null, -1));
        }
    }

    /** Sends a request inside the dialog. @return the final response. */
    public SipMessage ask(String method, SipMessage.Field... fields) {
        return ask(inDialog(method, ++cseq).addAll(List.of(fields)), method);
    }

    /** As the other one, with a body of a type. */
    public SipMessage ask(String method, String type, String body) {
        return ask(inDialog(method, ++cseq).add("X-Test", "yes").body(type, body), method);
    }

    private SipMessage ask(SipMessage.Draft draft, String method) {
        SipMessage[] last = new SipMessage[1];
        synchronized (far.monitor) {
            far.ask(draft.done(), peer, response -> last[0] = response.status() >= 200 ? response : last[0]);
        }
        return far.await(FarEnd.PATIENCE, "an answer to " + method + " in " + callId, () -> last[0]);
    }

    /** Answers a call that rings here. */
    public void answer() {
        synchronized (far.monitor) {
            if (status >= 200) {
                return;
            }
            status = 200;
            far.respond(
                    request,
                    peer,
                    Answers.response(request, "200 OK", localTag)
                            .add("Contact", "<" + far.uri(far.name()) + ">")
                            .sdp(local(answeredCodecs()))
                            .done());
            speak();
            repeatFinal(FarEnd.T1, 0);
        }
    }

    /** From its next description on it hears and speaks at another socket, in this codec. */
    public void moveMedia(int payloadType) {
        synchronized (far.monitor) {
            media.close();
            media = far.openMedia(true);
            codec = payloadType;
        }
    }

    /** The far side's BYE is challenged from now on (RFC 3261 section 22.3). */
    public void challengeBye(String user, String password) {
        synchronized (far.monitor) {
            byeChallenge = new Challenge(user, password);
        }
    }

    /** Refuses a call that rings here; {@code fields} are added to the response. */
    public void reject(int code, SipMessage.Field... fields) {
        synchronized (far.monitor) {
            if (status >= 200) {
                return;
            }
            status = code;
            far.respond(
                    request,
                    peer,
                    Answers.response(request, code + " No", localTag)
                            .addAll(List.of(fields))
                            .done());
            releaseMedia();
            repeatFinal(FarEnd.T1, 0);
        }
    }

    private void ring(Script how) {
        if (status >= 200) {
            return;
        }
        boolean reliable = how.reliable() && request.header("Supported").contains("100rel");
        SipMessage.Draft draft = Answers.response(request, how.ringStatus() + " Ringing", localTag)
                .add("Contact", "<" + far.uri(far.name()) + ">");
        if (reliable) {
            draft.add("Require", "100rel").add("RSeq", "1");
        }
        if (how.earlyMedia()) {
            draft.sdp(local(answeredCodecs()));
            speak();
        }
        far.respond(request, peer, draft.done());
    }

    /** The 200 is repeated until its ACK (RFC 3261 section 13.3.1.4), other finals likewise on UDP (17.2.1). */
    private void repeatFinal(int waitMs, int waitedMs) {
        if (status >= 300 && far.reliableTransport()) {
            return;
        }
        SipMessage answered = request;
        far.after(waitMs, () -> {
            if (!acknowledged && !byeReceived && waitedMs < FarEnd.GIVE_UP && answered == request) {
                far.repeat(answered, peer);
                repeatFinal(Math.min(2 * waitMs, FarEnd.T2), waitedMs + waitMs);
            }
        });
    }

    private void speak() {
        if (remote != null && !far.isSilence(media)) {
            boolean speaks = direction.equals("sendrecv") || direction.equals("sendonly");
            media.connect(remote, codec >= 0 ? codec : remote.codec(), speaks);
        }
    }

    void releaseMedia() {
        if (media != null && !far.isSilence(media)) {
            media.close();
        }
    }

    private List<Integer> answeredCodecs() {
        if (codec >= 0) {
            return List.of(codec);
        }
        return remote == null ? List.of(0, 8) : remote.codecs();
    }

    private String local(List<Integer> codecs) {
        List<Integer> known =
                codecs.stream().filter(type -> type == 0 || type == 8).toList();
        InetSocketAddress here = new InetSocketAddress(far.address().getAddress(), media.port());
        int eventType = invite == null || invite.events ? 101 : -1;
        String crypto = invite == null || invite.guard == null ? "" : invite.guard.offered();
        Sdp sdp = new Sdp(here, known.isEmpty() ? List.of(0) : known, eventType, direction, crypto);
        return sdp.text(sdpVersion++) + (invite != null && invite.ice ? IceCheck.lines(here) : "");
    }

    private SipMessage.Draft inDialog(String method, int number) {
        SipMessage.Draft draft = new SipMessage.Draft(method + " " + remoteTarget + " SIP/2.0")
                .add("Via", far.via(FarEnd.branch()))
                .add("Max-Forwards", "70")
                .add("From", localParty)
                .add("To", remoteParty)
                .add("Call-ID", callId)
                .add("CSeq", number + " " + method);
        return draft.add("Contact", "<" + far.uri(far.name()) + ">");
    }

    // What the wire says; called by the far end under its monitor.

    void sendInvite(SipMessage challenge) {
        SipMessage.Draft draft = inDialog("INVITE", cseq).addAll(invite.fields);
        draft.add("Allow", "INVITE, ACK, CANCEL, BYE, OPTIONS, PRACK, INFO, UPDATE");
        if (invite.reliable) {
            draft.add("Supported", "100rel");
        }
        if (challenge != null) {
            boolean proxy = challenge.status() == 407;
            String asked = challenge.header(proxy ? "Proxy-Authenticate" : "WWW-Authenticate");
            String proof = Digest.answer(asked, "INVITE", invite.uri, invite.authUser, invite.authPassword);
            draft.add(proxy ? "Proxy-Authorization" : "Authorization", proof);
        }
        request = (invite.offer ? draft.sdp(local(invite.codecs)) : draft).done();
        sentInvite = request;
        far.ask(request, peer, _ -> {});
    }

    void onInviteResponse(SipMessage response, boolean repeat) {
        if (response.status() < 200) {
            onProvisional(response, repeat);
        } else if (response.status() < 300) {
            onAnswer(response, repeat);
        } else {
            onFailure(response, repeat);
        }
    }

    private void onProvisional(SipMessage response, boolean repeat) {
        status = Math.max(status, response.status());
        if (response.hasSdp()) {
            remote = Sdp.parse(response.body());
            speak();
        }
        if (response.header("Require").contains("100rel") && !repeat) {
            remoteParty = response.header("To");
            remoteTarget = SipMessage.addressOf(response.header("Contact"));
            String acknowledged = response.header("RSeq") + " " + response.header("CSeq");
            far.ask(inDialog("PRACK", ++cseq).add("RAck", acknowledged).done(), peer, _ -> {});
        }
    }

    private void onAnswer(SipMessage response, boolean repeat) {
        remoteParty = response.header("To");
        remoteTarget = SipMessage.addressOf(response.header("Contact"));
        status = 200;
        if (response.hasSdp()) {
            remote = Sdp.parse(response.body());
            if (invite != null && invite.guard != null) {
                invite.guard.onAnswer(remote.crypto());
            }
            speak();
        }
        SipMessage.Draft ack = inDialog("ACK", response.cseq());
        far.transmit((invite == null || invite.offer ? ack : ack.sdp(local(remote.codecs()))).done(), peer, repeat);
        acknowledged = true;
    }

    private void onFailure(SipMessage response, boolean repeat) {
        far.transmit(Answers.ack(sentInvite, response), peer, repeat);
        boolean challenged = response.status() == 401 || response.status() == 407;
        if (repeat || status / 100 == 2) {
            return;
        }
        if (challenged && invite.authUser != null && !authTried) {
            authTried = true;
            cseq++;
            sendInvite(response);
            return;
        }
        status = response.status();
        acknowledged = true;
        releaseMedia();
    }

    void onInvite(SipMessage incoming, InetSocketAddress from) {
        request = incoming;
        peer = from;
        localParty = incoming.header("To") + ";tag=" + localTag;
        remoteParty = incoming.header("From");
        remoteTarget = SipMessage.addressOf(incoming.header("Contact"));
        remote = incoming.hasSdp() ? Sdp.parse(incoming.body()) : null;
        far.respond(incoming, from, Answers.response(incoming, "100 Trying", "").done());
        if (script.user() != null && !proves(incoming)) {
            return;
        }
        if (script.ringStatus() > 0) {
            step(script.ringAfterMs(), () -> ring(script));
        }
        if (script.answerAfterMs() >= 0) {
            step(script.answerAfterMs(), () -> {
                if (script.rejectStatus() > 0) {
                    reject(script.rejectStatus());
                } else {
                    answer();
                }
            });
        }
    }

    private void step(long afterMs, Runnable what) {
        if (afterMs == 0) {
            what.run();
        } else {
            far.after(afterMs, what);
        }
    }

    private boolean proves(SipMessage incoming) {
        if (challenge.isMetBy(incoming)) {
            return true;
        }
        status = 407;
        acknowledged = false;
        far.respond(incoming, peer, challenge.made(incoming, localTag));
        repeatFinal(FarEnd.T1, 0);
        return false;
    }

    void onAck() {
        boolean first = !acknowledged;
        acknowledged = true;
        if (first && status / 100 == 2 && script != null && script.byeAfterMs() >= 0) {
            far.after(script.byeAfterMs(), this::bye);
        }
    }

    void onRequest(SipMessage incoming, InetSocketAddress from) {
        switch (incoming.method()) {
            case "INVITE" -> {
                if (incoming.toTag().isEmpty()) {
                    status = 0;
                    acknowledged = false;
                    onInvite(incoming, from);
                } else {
                    onReinvite(incoming, from);
                }
            }
            case "CANCEL" -> onCancel(incoming, from);
            case "BYE" -> {
                if (byeChallenge != null && !byeChallenge.isMetBy(incoming)) {
                    far.respond(incoming, from, byeChallenge.made(incoming, localTag));
                    return;
                }
                byeReceived = true;
                acknowledged = true;
                far.respond(
                        incoming,
                        from,
                        Answers.response(incoming, "200 OK", localTag).done());
                releaseMedia();
            }
            default ->
                far.respond(
                        incoming,
                        from,
                        Answers.response(incoming, "200 OK", localTag).done());
        }
    }

    private void onReinvite(SipMessage incoming, InetSocketAddress from) {
        Sdp offer = Sdp.parse(incoming.body());
        remote = offer;
        direction = Sdp.answerTo(offer.direction());
        far.respond(
                incoming,
                from,
                Answers.response(incoming, "200 OK", localTag)
                        .add("Contact", "<" + far.uri(far.name()) + ">")
                        .sdp(local(offer.codecs()))
                        .done());
        speak();
    }

    private void onCancel(SipMessage incoming, InetSocketAddress from) {
        if (script != null && script.answersCancel()) {
            answer();
        }
        far.respond(
                incoming, from, Answers.response(incoming, "200 OK", localTag).done());
        if (status < 200) {
            status = 487;
            far.respond(
                    request,
                    peer,
                    Answers.response(request, "487 Request Terminated", localTag)
                            .done());
            releaseMedia();
            repeatFinal(FarEnd.T1, 0);
        }
    }
}
