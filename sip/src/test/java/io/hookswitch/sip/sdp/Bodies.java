package io.hookswitch.sip.sdp;

/** Session descriptions as far ends of these kinds write them; written here, not copied. */
final class Bodies {
    static final String BARESIP = lines(
            "v=0",
            "o=- 3914561023 1829304857 IN IP4 192.0.2.10",
            "s=-",
            "c=IN IP4 192.0.2.10",
            "t=0 0",
            "a=tool:baresip 3.1.0",
            "m=audio 10452 RTP/AVP 96 0 8 97",
            "b=AS:125",
            "a=rtpmap:96 opus/48000/2",
            "a=fmtp:96 stereo=1;sprop-stereo=1",
            "a=rtpmap:0 PCMU/8000",
            "a=rtpmap:8 PCMA/8000",
            "a=rtpmap:97 telephone-event/8000",
            "a=fmtp:97 0-15",
            "a=rtcp:10453",
            "a=sendrecv",
            "a=label:1",
            "a=rtcp-rsize",
            "a=ssrc:3541890203 cname:sip:alice@192.0.2.10",
            "a=ptime:20");
    static final String SIPP = lines(
            "v=0",
            "o=user1 53655765 2353687637 IN IP4 192.0.2.20",
            "s=-",
            "c=IN IP4 192.0.2.20",
            "t=0 0",
            "m=audio 6000 RTP/AVP 0",
            "a=rtpmap:0 PCMU/8000");
    static final String ASTERISK = lines(
            "v=0",
            "o=- 1482049817 1482049817 IN IP4 192.0.2.30",
            "s=Asterisk",
            "c=IN IP4 192.0.2.30",
            "t=0 0",
            "m=audio 14382 RTP/AVP 8 0 9 101",
            "a=rtpmap:8 PCMA/8000",
            "a=rtpmap:0 PCMU/8000",
            "a=rtpmap:9 G722/8000",
            "a=rtpmap:101 telephone-event/8000",
            "a=fmtp:101 0-16",
            "a=ptime:20",
            "a=maxptime:140",
            "a=sendrecv",
            "m=video 19922 RTP/AVP 99",
            "a=rtpmap:99 H264/90000",
            "a=sendrecv");
    static final String FREESWITCH = lines(
            "v=0",
            "o=FreeSWITCH 1712345678 1712345679 IN IP6 2001:db8::40",
            "s=FreeSWITCH",
            "c=IN IP6 2001:db8::40",
            "t=0 0",
            "m=audio 24840 RTP/AVP 102 9 0 8 103 101",
            "a=rtpmap:102 opus/48000/2",
            "a=fmtp:102 useinbandfec=1; maxaveragebitrate=30000; maxplaybackrate=48000; ptime=20; minptime=10",
            "a=rtpmap:9 G722/8000",
            "a=rtpmap:0 PCMU/8000",
            "a=rtpmap:8 PCMA/8000",
            "a=rtpmap:103 telephone-event/48000",
            "a=fmtp:103 0-15",
            "a=rtpmap:101 telephone-event/8000",
            "a=fmtp:101 0-15",
            "a=rtcp-mux",
            "a=rtcp:24840 IN IP6 2001:db8::40",
            "a=ptime:20");
    static final String BROWSER = lines(
            "v=0",
            "o=- 18446744073709551615 2 IN IP4 127.0.0.1",
            "s=-",
            "t=0 0",
            "a=group:BUNDLE 0",
            "a=msid-semantic: WMS stream",
            "m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126",
            "c=IN IP4 0.0.0.0",
            "a=rtcp:9 IN IP4 0.0.0.0",
            "a=ice-ufrag:abcd",
            "a=ice-pwd:0123456789abcdef01234567",
            "a=fingerprint:sha-256 00:11:22",
            "a=setup:actpass",
            "a=mid:0",
            "a=sendrecv",
            "a=rtcp-mux",
            "a=rtpmap:111 opus/48000/2",
            "a=rtpmap:63 red/48000/2",
            "a=rtpmap:9 G722/8000",
            "a=rtpmap:0 PCMU/8000",
            "a=rtpmap:8 PCMA/8000",
            "a=rtpmap:13 CN/8000",
            "a=rtpmap:110 telephone-event/48000",
            "a=rtpmap:126 telephone-event/8000");

    private Bodies() {}

    static String lines(String... lines) {
        return String.join("\r\n", lines) + "\r\n";
    }
}
