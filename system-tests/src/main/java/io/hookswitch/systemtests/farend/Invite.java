package io.hookswitch.systemtests.farend;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** A call that a far end is about to place; what is not said has an everyday value. */
public final class Invite {
    final String uri;
    final InetSocketAddress nextHop;
    final List<SipMessage.Field> fields = new ArrayList<>();
    String fromUser = "+16173331212";
    String fromHost;
    String display = "";
    String authUser;
    String authPassword;
    List<Integer> codecs = List.of(0, 8);
    boolean offer = true;
    boolean speaks = true;
    boolean reliable;
    boolean events = true;
    MediaGuard guard;
    boolean ice;

    private Invite(String uri, InetSocketAddress nextHop) {
        this.uri = uri;
        this.nextHop = nextHop;
    }

    /** @return a call to a user at an address, over the far end's own transport. */
    public static Invite to(String user, InetSocketAddress nextHop) {
        return new Invite("sip:" + user + "@" + FarEnd.host(nextHop.getAddress()) + ":" + nextHop.getPort(), nextHop);
    }

    /** @return a call with its own Request-URI. */
    public static Invite toUri(String uri, InetSocketAddress nextHop) {
        return new Invite(uri, nextHop);
    }

    /** Sets the From user and host (null = the far end's address). */
    public Invite from(String user, String host) {
        fromUser = user;
        fromHost = host;
        return this;
    }

    /** Sets the display name. */
    public Invite named(String name) {
        display = name;
        return this;
    }

    /** Adds a header field. */
    public Invite header(String name, String value) {
        fields.add(new SipMessage.Field(name, value));
        return this;
    }

    /** Sets what answers a digest challenge. */
    public Invite credentials(String user, String password) {
        authUser = user;
        authPassword = password;
        return this;
    }

    /** Offers these payload types (0, 8) in this order. */
    public Invite codecs(Integer... types) {
        codecs = List.of(types);
        return this;
    }

    /** Sends no SDP in the INVITE: the offer is the far side's. */
    public Invite withoutOffer() {
        offer = false;
        return this;
    }

    /** Never sends RTP: for load, where only signalling counts. */
    public Invite mute() {
        speaks = false;
        return this;
    }

    /** Offers no telephone events: its keys come by INFO. */
    public Invite withoutEvents() {
        events = false;
        return this;
    }

    /** Offers SRTP and nothing else. */
    public Invite guarded(MediaGuard mediaGuard) {
        guard = mediaGuard;
        return this;
    }

    /** Offers ICE as a full agent; the checks are the caller's own to send. */
    public Invite withIce() {
        ice = true;
        return this;
    }

    /** Supports reliable provisionals. */
    public Invite supportingReliable() {
        reliable = true;
        return this;
    }
}
